"""`rag status`, `rag check`, `rag doctor`: what is there, is it sound, can this machine run it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from rag.cli.context import Context, corpus_option, index_option, json_option, output, print_json

if TYPE_CHECKING:
    from rag.indexer import IndexReport


@click.command()
@corpus_option
@index_option
@json_option
@click.pass_obj
def status(context: Context, corpus: Path | None, index: Path | None, as_json: bool) -> None:
    """Tell what is there: the index, and what of the corpus folder is not in it yet."""
    from rag.indexer import IndexOptions
    from rag.wiring import build_assistant, build_indexer

    settings = context.settings(corpus=corpus, index=index)
    overview = build_assistant(settings).overview()
    preview = build_indexer(settings).preview(IndexOptions(allow_withdraw=True), lambda *_: None)
    waiting = {
        "added": preview.added,
        "updated": preview.updated,
        "withdrawn": preview.withdrawn,
        "rejected": len(preview.rejected),
    }
    size = sum(path.stat().st_size for path in settings.index.rglob("*") if path.is_file())
    if as_json:
        print_json({**overview, "bytes": size, "waiting": waiting})
        return
    for name, value in overview.items():
        output.print(Text(f"{name:<12} {value}"))
    output.print(Text(f"{'on disk':<12} {size / 1e6:.1f} MB"))
    output.print(Text(_waiting(preview)))


@click.command()
@index_option
@click.pass_obj
def check(context: Context, index: Path | None) -> None:
    """Verify every checksum of the index and every file derived from it."""
    from rag.wiring import check_settings_index

    findings = list(check_settings_index(context.settings(index=index)))
    for finding in findings:
        click.echo(f"{finding.what} {finding.remedy}".rstrip())
    if findings:
        sys.exit(1)
    click.echo("The index is sound.")


@click.command()
@corpus_option
@index_option
@click.pass_obj
def doctor(context: Context, corpus: Path | None, index: Path | None) -> None:
    """Tell whether this machine can run it, and what to do where it cannot."""
    from rag.doctor import examine
    from rag.wiring import model_trouble, unverified_contacts

    settings = context.settings(corpus=corpus, index=index)
    failed = False
    for item in examine(settings, model_trouble(settings), unverified_contacts()):
        failed = failed or not item.fine
        mark = "ok  " if item.fine else "FAIL"
        click.echo(f"{mark} {item.what}{'' if item.fine else f' {item.remedy}'}")
        if item.fine and item.remedy:
            click.echo(f"     {item.remedy}")
    if failed:
        sys.exit(1)


def _waiting(preview: IndexReport) -> str:
    if not (preview.added or preview.updated or preview.withdrawn):
        return "The index is up to date with the corpus folder."
    return (
        f"Not in it yet: {preview.added} to add, {preview.updated} to update, "
        f"{preview.withdrawn} to withdraw. Run `rag index`."
    )
