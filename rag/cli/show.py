"""`rag show`: how an article is understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from rag.cli.context import Context, corpus_option, output
from rag.types import DraftArticle

if TYPE_CHECKING:
    from rag.corpus import Understood


@click.command()
@click.argument("article_id", metavar="ID")
@corpus_option
@click.pass_obj
def show(context: Context, article_id: str, corpus: Path | None) -> None:
    """Show how the article ID is understood: metadata, sections, passages, what was left out."""
    from rag.wiring import look_at

    understood, draft = look_at(context.settings(corpus=corpus), article_id)
    _tell_facts(understood)
    _tell_text(draft)
    for line in understood.removed:
        output.print(Text(f"left out   {line}", style="yellow"))
    for notice in understood.warnings:
        output.print(Text(f"warning    {notice.reason}", style="yellow"))


def _tell_facts(understood: Understood) -> None:
    article = understood.article
    facts = {
        "id": article.id,
        "version": article.version,
        "title": article.title,
        "authors": ", ".join(article.authors),
        "publisher": article.publisher,
        "url": article.url,
        "published": article.published,
        "reviewed": article.reviewed,
        "next review": article.next_review,
        "expires": article.expires,
        "supersedes": article.supersedes,
        "language": article.language,
    }
    for name, value in facts.items():
        output.print(Text(f"{name:<12} {value or '-'}"))


def _tell_text(draft: DraftArticle) -> None:
    text = draft.article.text
    before = None
    for number, passage in enumerate(draft.passages, start=1):
        if passage.section != before:
            before = passage.section
            output.print()
            heading = draft.sections[passage.section].heading
            output.print(Text(heading or "(without a heading)", style="bold"))
        span = f"{passage.start}-{passage.end}, {len(passage.sentences)} sentences"
        output.print(Text(f"[{number}] {span}", style="dim"))
        output.print(Text(text[passage.start : passage.end]))
    output.print()
