"""`rag index`: bring the index up to date."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.cli.context import (
    Context,
    corpus_option,
    index_option,
    json_option,
    print_json,
    progress_bar,
)

if TYPE_CHECKING:
    from rag.indexer import IndexReport


@click.command()
@corpus_option
@index_option
@json_option
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was rejected.")
@click.option("--allow-withdraw", is_flag=True, help="Allow many articles to disappear at once.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="How long to wait for another writer.",
)
@click.pass_obj
def index(
    context: Context,
    corpus: Path | None,
    index: Path | None,
    as_json: bool,
    strict: bool,
    allow_withdraw: bool,
    wait: float,
) -> None:
    """Bring the index up to date with the articles.

    Only new and changed articles cost time. An interrupted run goes on where it was.
    """
    from rag.indexer import IndexOptions
    from rag.wiring import build_indexer

    settings = context.settings(corpus=corpus, index=index)
    with progress_bar() as progress:
        progress("starting", 0, 0)
        report = build_indexer(settings).update(IndexOptions(allow_withdraw, wait), progress)
    if as_json:
        print_json(asdict(report))
    else:
        _tell(report)
    if strict and report.rejected:
        sys.exit(1)


def _tell(report: IndexReport) -> None:
    for notice in report.warnings:
        click.echo(f"Warning: {notice.path}: {notice.reason}", err=True)
    for notice in report.rejected:
        click.echo(f"Rejected: {notice.path}: {notice.reason}", err=True)
    click.echo(
        f"{report.articles} articles in {report.passages} passages: {report.added} added, "
        f"{report.updated} updated, {report.unchanged} unchanged, {report.withdrawn} withdrawn, "
        f"{len(report.rejected)} rejected. Generation {report.generation}, "
        f"{report.seconds:.1f} s."
    )
