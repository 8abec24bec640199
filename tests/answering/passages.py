"""Passages for these tests, put together from sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.answering.extract import Candidate, Quote, extract
from rag.answering.units import find_units
from rag.types import Article, Passage, Section, Span, StoredPassage, Vectors
from tests.doubles import HashingEncoder

DIMENSION = 32


def article_of(
    sentences: Sequence[str], article_id: str = "a", heading: str = "", version: str = "v" * 16
) -> tuple[Article, tuple[Span, ...]]:
    """An article of one section, and its sentences.

    A sentence that begins with newlines stands after as many; any other after one space.
    """
    text = f"{heading}\n" if heading else ""
    spans: list[Span] = []
    opening = len(text)
    for sentence in sentences:
        bare = sentence.lstrip("\n")
        gap = sentence[: len(sentence) - len(bare)] or " "
        text += gap if spans else ""
        spans.append(Span(len(text), len(text) + len(bare)))
        text += bare
    section = Section(heading, opening, len(text))
    return Article(article_id, version, "Back pain", text, (section,)), tuple(spans)


def passage_of(
    article: Article,
    spans: Sequence[Span],
    before: Sequence[Span] = (),
    vectors: Vectors | None = None,
    row: int = 0,
) -> StoredPassage:
    """A passage of these sentences of an article."""
    start, end = spans[0].start, spans[-1].end
    passage = Passage(
        id=f"{article.id}@{article.version}:{start}-{end}",
        article_id=article.id,
        article_version=article.version,
        section=article.sections[0].heading,
        start=start,
        end=end,
        sentences=tuple(spans),
    )
    if vectors is None:
        vectors = HashingEncoder(dimension=DIMENSION).encode(
            [article.text[span.start : span.end] for span in spans]
        )
    return StoredPassage(row, passage, article, vectors, tuple(before))


def stored(
    *sentences: str, heading: str = "", before: int = 0, unread: int = 0, article_id: str = "a"
) -> StoredPassage:
    """A passage; its first sentences may be of the passage `before`, or `unread` before that."""
    article, spans = article_of(sentences, article_id, heading)
    split = unread + before
    return passage_of(article, spans[split:], spans[unread:split])


def unit_texts(passage: StoredPassage) -> list[str]:
    """What each unit of a passage would quote, in order."""
    text = passage.article.text
    return [text[unit.span.start : unit.span.end] for unit in find_units(0, passage)]


def quotable(*sentences: str, heading: str = "", before: int = 0, unread: int = 0) -> list[str]:
    """What may be quoted of a passage of these sentences."""
    return unit_texts(stored(*sentences, heading=heading, before=before, unread=unread))


def toward(*cosines: float) -> Vectors:
    """Unit vectors with these cosines to the question (see `QUESTION`)."""
    rows = np.zeros((len(cosines), 2), np.float32)
    rows[:, 0] = cosines
    rows[:, 1] = np.sqrt(1 - np.square(rows[:, 0]))
    return rows


QUESTION: Vectors = np.array([1.0, 0.0], np.float32)
"""The encoded question that `toward` is measured from, shape (2,)."""


def passage_with(
    *pairs: tuple[str, float], article_id: str = "a", version: str = "v" * 16
) -> StoredPassage:
    """A passage of sentences, each with its cosine to the question."""
    article, spans = article_of([text for text, _ in pairs], article_id, version=version)
    return passage_of(article, spans, vectors=toward(*(cosine for _, cosine in pairs)))


def extracted(
    *passages: StoredPassage, most: int = 5, relevance: Sequence[float] = (), asked: str = ""
) -> list[str]:
    """The quotes for the question of `QUESTION`, in the order in which an answer has them."""
    return [
        quote.text for quote in quotes_of(*passages, most=most, relevance=relevance, asked=asked)
    ]


def quotes_of(
    *passages: StoredPassage, most: int = 5, relevance: Sequence[float] = (), asked: str = ""
) -> list[Quote]:
    """The quotes themselves; passages that fit equally well unless it is said how well."""
    fits = list(relevance) or [0.5] * len(passages)
    candidates = [Candidate(*pair) for pair in zip(passages, fits, strict=True)]
    return extract(asked, QUESTION, candidates, most)
