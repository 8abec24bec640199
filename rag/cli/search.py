"""`rag search`: the passages found for a query."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from rag.cli.context import (
    Context,
    check_askable,
    index_option,
    json_option,
    output,
    print_json,
)
from rag.text import collapse, shorten
from rag.types import Mode, SearchResults


@click.command()
@click.argument("query")
@index_option
@json_option
@click.option("-k", type=click.IntRange(1, 100), default=10, help="How many passages.")
@click.option(
    "--mode", type=click.Choice([m.value for m in Mode]), default="hybrid", help="How to rank."
)
@click.pass_obj
def search(
    context: Context, query: str, index: Path | None, as_json: bool, k: int, mode: str
) -> None:
    """Show the passages found for QUERY, best first."""
    from rag.rendering import search_body
    from rag.wiring import build_assistant

    settings = context.settings(index=index)
    check_askable(query, settings)
    results = build_assistant(settings).search(query, k, Mode(mode))
    if as_json:
        print_json(search_body(results))
    else:
        _tell(results)


def _tell(results: SearchResults) -> None:
    table = Table("", "score", "article", "section", "passage", box=None, pad_edge=False)
    for rank, found in enumerate(results.found, start=1):
        table.add_row(
            str(rank),
            f"{found.hit.score:.3f}",
            found.article.title,
            found.hit.passage.section,
            shorten(collapse(found.text), 160),
        )
    output.print(table if results.found else "Nothing found.")
