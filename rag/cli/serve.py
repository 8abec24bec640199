"""`rag serve`: answer over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from rag.cli.context import Context, corpus_option, index_option


@click.command()
@click.option("--host", help="Address to listen on (RAG_HOST).")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on (RAG_PORT).")
@click.option("--workers", type=click.IntRange(1), help="Serving processes (RAG_WORKERS).")
@corpus_option
@index_option
@click.pass_obj
def serve(
    context: Context,
    host: str | None,
    port: int | None,
    workers: int | None,
    corpus: Path | None,
    index: Path | None,
) -> None:
    """Serve the page, the chat and the search over HTTP until stopped."""
    from rag.web.serve import run

    run(context.settings(host=host, port=port, workers=workers, corpus=corpus, index=index))
