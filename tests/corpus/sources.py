"""Articles for these tests, and a sentence splitter simple enough to predict."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.corpus.understand import Understood, understand
from rag.types import SourceFile, Span

_SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?](?=\s|$)|$)", re.MULTILINE)


def split(text: str) -> list[Span]:
    return [Span(match.start(), match.end()) for match in _SENTENCE.finditer(text)]


def source(
    body: str,
    format_: str = "markdown",
    title: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> SourceFile:
    return SourceFile(
        path="a.md",
        id="a",
        format=format_,
        body=body,
        digest="0",
        title=title,
        metadata=metadata or {},
        fronted=True,
    )


def markdown(body: str, title: str | None = "T", **metadata: object) -> Understood:
    return understand(source(body, "markdown", title, metadata), split)


def plain(body: str, title: str | None = None, **metadata: object) -> Understood:
    return understand(source(body, "text", title, metadata), split)


def page(body: str) -> Understood:
    """A page as copied from a browser: a title line, then what is given."""
    return plain(f"What helps a stiff neck?\n\n{body}")


def sections(understood: Understood) -> list[tuple[str, str]]:
    """Heading and text of each section."""
    article = understood.article
    return [(s.heading, article.text[s.start : s.end]) for s in article.sections]


def reasons(understood: Understood) -> list[str]:
    return [warning.reason for warning in understood.warnings]
