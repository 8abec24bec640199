"""Put quotes together to statements, citations and the text of an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.answering.extract import Quote
from rag.answering.marks import CLOSERS, FULL_STOPS
from rag.errors import QuoteMismatch
from rag.text import collapse
from rag.types import Article, Citation, Statement

# A marker stands before the final punctuation, with the closing quotes and brackets around it:
# sentence splitters count what stands after a full stop to the next sentence. So does a reference
# mark of the article's own ("… in most people.[3]").
_ENDING = re.compile(
    rf"\s*[{FULL_STOPS}:：;；,，]+{CLOSERS}(?:\s*\[\d[\d,–\- ]*\])*$|[\"'”’»)\]」』）】》]+$"
)


def compose(quotes: Sequence[Quote]) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """One statement for each quote, and the citations numbered by first use."""
    numbers: dict[tuple[str, str, int, int], int] = {}
    citations: list[Citation] = []
    statements: list[Statement] = []
    for quote in quotes:
        article = quote.stored.article
        key = (article.id, article.version, quote.span.start, quote.span.end)
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            citations.append(
                Citation(
                    number=numbers[key],
                    article=article,
                    section=quote.stored.passage.section,
                    start=quote.span.start,
                    end=quote.span.end,
                    quote=quote.text,
                )
            )
        statements.append(Statement(text=collapse(quote.text), citations=(numbers[key],)))
    return tuple(statements), tuple(citations)


def answer_text(statements: Sequence[Statement]) -> str:
    """The statements joined by a space, each with its markers before its final punctuation."""
    return " ".join(with_markers(statement) for statement in statements)


def with_markers(statement: Statement) -> str:
    """A statement's text with its markers, as in `… in most people [1].`"""
    markers = "".join(f" [{number}]" for number in statement.citations)
    place = place_of_markers(statement.text)
    return f"{statement.text[:place]}{markers}{statement.text[place:]}"


def place_of_markers(text: str) -> int:
    """Where in a statement's text its markers go, each after a space."""
    ending = _ENDING.search(text)
    return ending.start() if ending else len(text)


def verify_quotes(
    statements: Sequence[Statement],
    citations: Sequence[Citation],
    stored: Callable[[str, str], Article],
) -> None:
    """Raise QuoteMismatch unless every quote stands in the stored version of its article.

    stored: reads an article version by id and version, its checksum verified.
    """
    quotes = {}
    for citation in citations:
        article = stored(citation.article.id, citation.article.version)
        within = 0 <= citation.start < citation.end <= len(article.text)
        if not within or article.text[citation.start : citation.end] != citation.quote:
            raise QuoteMismatch(
                f"A quote is not in article {article.id!r} of version {article.version}."
            )
        quotes[citation.number] = collapse(citation.quote)
    for statement in statements:
        if statement.text != " ".join(quotes.get(number, "") for number in statement.citations):
            raise QuoteMismatch("A statement is not exactly its quotes.")
