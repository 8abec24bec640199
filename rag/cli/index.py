"""`rag index`: bring the index up to date."""

from __future__ import annotations

import sys
import time
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
from rag.errors import WellcitedError
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.indexer import Indexer, IndexOptions, IndexReport

_POLL_SECONDS = 1.0


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
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--watch", is_flag=True, help="Go on, and take up every change of the folder.")
@click.pass_obj
def index(
    context: Context,
    corpus: Path | None,
    index: Path | None,
    as_json: bool,
    strict: bool,
    allow_withdraw: bool,
    wait: float,
    dry_run: bool,
    watch: bool,
) -> None:
    """Bring the index up to date with the articles.

    Only new and changed articles cost time. An interrupted run goes on where it was.
    """
    from rag.indexer import IndexOptions
    from rag.wiring import build_indexer

    settings = context.settings(corpus=corpus, index=index)
    options = IndexOptions(allow_withdraw, wait)
    with progress_bar() as progress:
        progress("starting", 0, 0)
        indexer = build_indexer(settings)
        act = indexer.preview if dry_run else indexer.update
        report = act(options, progress)
    _tell(report, as_json=as_json)
    if watch and not dry_run:
        _watch(settings, indexer, options, as_json=as_json)
    if strict and report.rejected:
        sys.exit(1)


def _watch(settings: Settings, indexer: Indexer, options: IndexOptions, *, as_json: bool) -> None:
    """Bring the index up to date after every change of the folder, until stopped."""
    from rag.corpus import folder_signature

    click.echo(f"Watching {settings.corpus} (stop with Ctrl+C).", err=True)
    seen = folder_signature(settings.corpus)
    try:
        while True:
            time.sleep(_POLL_SECONDS)
            now = folder_signature(settings.corpus)
            if now == seen:
                continue
            try:
                _tell(indexer.update(options, lambda *_: None), as_json=as_json)
            except WellcitedError as error:
                click.echo(f"Error: {error}", err=True)
            seen = now
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)


def _tell(report: IndexReport, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(report))
        return
    for notice in report.warnings:
        click.echo(f"Warning: {notice.path}: {notice.reason}", err=True)
    for notice in report.rejected:
        click.echo(f"Rejected: {notice.path}: {notice.reason}", err=True)
    if not report.articles:
        click.echo("There is no article to answer from yet: mend what is named above.", err=True)
    click.echo(
        f"{report.articles} articles in {report.passages} passages: {report.added} added, "
        f"{report.updated} updated, {report.unchanged} unchanged, {report.withdrawn} withdrawn, "
        f"{len(report.rejected)} rejected. Generation {report.generation}, "
        f"{report.seconds:.1f} s."
    )
