"""`rag ask`: a question in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.padding import Padding
from rich.text import Text

from rag.cli.context import (
    Context,
    check_askable,
    corpus_option,
    index_option,
    json_option,
    output,
    print_json,
)
from rag.types import Answer, Citation, Question


@click.command()
@click.argument("question")
@corpus_option
@index_option
@json_option
@click.option("--locale", help="Language of the fixed texts, such as en or zh-Hans.")
@click.option("--country", help="Country of the emergency contacts, such as US.")
@click.pass_obj
def ask(
    context: Context,
    question: str,
    corpus: Path | None,
    index: Path | None,
    as_json: bool,
    locale: str | None,
    country: str | None,
) -> None:
    """Answer QUESTION from the articles, with citations."""
    from rag.rendering import answer_body
    from rag.wiring import build_assistant

    settings = context.settings(corpus=corpus, index=index)
    check_askable(question, settings)
    asked = Question(question, locale=locale or settings.locale, country=country)
    answer = build_assistant(settings).answer(asked)
    if as_json:
        print_json(answer_body(answer, settings.public_url, datetime.now(UTC).date()))
    else:
        _tell(answer)


def _tell(answer: Answer) -> None:
    if answer.safety.notice and answer.safety.notice != answer.text:
        output.print(Text(answer.safety.notice, style="bold red"))
        output.print()
    output.print(Text(answer.text, style="bold"))
    for contact in answer.safety.contacts:
        output.print(Text(f"  {contact.label}: {contact.number}", style="bold"))
    output.print()
    for citation in answer.citations:
        output.print(Padding(Text(_source(citation)), (0, 0, 0, 2)))
    for suggestion in answer.suggestions:
        output.print(Padding(Text(f"See also: {suggestion.text}"), (0, 0, 0, 2)))
    if answer.citations or answer.suggestions:
        output.print()
    output.print(Text(answer.disclaimer.text, style="dim"))


def _source(citation: Citation) -> str:
    article = citation.article
    section = f", section “{citation.section}”" if citation.section else ""
    parts = [", ".join(article.authors), article.publisher, article.published, article.url]
    details = ". ".join(part for part in parts if part)
    cited = f"{article.title}{section}"
    stop = "" if cited.endswith(("?", "!", ".", "？", "！", "。")) else "."
    return f"[{citation.number}] {cited}{stop} {details}"
