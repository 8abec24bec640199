"""Views to rank over: a plain one of NumPy arrays, and what any view is made of and must give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.corpus import draft_article
from rag.index.lexical import analyze
from rag.protocols import SearchView
from rag.text import words
from rag.types import Article, LexicalQuery, Rows, Vectors
from tests.doubles import HashingEncoder
from tests.making import build_index, make_article, reading

ENCODER = HashingEncoder()


@dataclass(frozen=True)
class Item:
    """One passage as a view holds it; `fields` has its words by field, `section` names it."""

    section: int
    passage: Vectors
    heading: Vectors
    fields: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class PlainView:
    """A view that looks at every passage. Its BM25 is a plain count of words, weighted by field."""

    items: Mapping[int, Item]

    def nearest(self, vector: Vectors, k: int) -> Rows:
        return self._best({row: dot(i.passage, vector) for row, i in self.items.items()}, k)

    def nearest_by_heading(self, vector: Vectors, k: int) -> Rows:
        cosines = {i.section: dot(i.heading, vector) for i in self.items.values()}
        sections = self._best(cosines, k).tolist()
        rows = [row for row, i in self.items.items() if i.section in sections]
        return np.array(rows, np.int64)

    def lexical(self, query: LexicalQuery, k: int) -> dict[int, float]:
        scores = {row: count(query, i.fields) for row, i in self.items.items()}
        found = {row: score for row, score in scores.items() if score}
        return {row: found[row] for row in self._best(found, k).tolist()}

    def cosines(self, vector: Vectors, rows: Rows) -> tuple[NDArray[np.float32], ...]:
        items = [self.items[row] for row in rows.tolist()]
        passages = [dot(item.passage, vector) for item in items]
        headings = [dot(item.heading, vector) for item in items]
        return np.array(passages, np.float32), np.array(headings, np.float32)

    def freshness(self, rows: Rows) -> NDArray[np.float64]:
        return np.zeros(len(rows))

    @staticmethod
    def _best(scores: Mapping[int, float], k: int) -> Rows:
        return np.array(sorted(scores, key=lambda row: (-scores[row], row))[:k], np.int64)


def dot(left: Vectors, right: Vectors) -> float:
    """The cosine of two unit vectors, the same wherever they stand in an index."""
    return float(np.sum(left.astype(np.float64) * right.astype(np.float64)))


def count(query: LexicalQuery, fields: Mapping[str, Sequence[str]]) -> float:
    """How often the words of a query stand in each field, weighted."""
    return sum(
        query.weights[name] * sum(fields[name].count(word) for word in set(wanted))
        for name, wanted in query.words.items()
    )


@dataclass(frozen=True)
class Shelf:
    """A view and what it holds, by row: for tests that hold of every view.

    gone: an article that the view must know nothing of any more.
    """

    view: SearchView
    items: Mapping[int, Item]
    gone: Article


ARTICLES = (
    make_article(
        "sciatica",
        "Sciatica is pain along the nerve of the leg. Most people recover in weeks.",
        "Walking eases sciatica. Heat helps some people.",
        title="How long does sciatica last?",
        headings=["", "What helps sciatica"],
    ),
    make_article(
        "migraine",
        " ".join(f"Migraine number {n} throbs on one side of the head." for n in range(12)),
        title="What is a migraine?",
    ),
    make_article(
        "wrist",
        "A splint at night rests the wrist. Numb fingers need a doctor.",
        title="Carpal tunnel syndrome",
        headings=["Splints"],
    ),
)
# As many passages as would fill the place of those that live, were they still looked at.
GONE = make_article(
    "gone",
    *["Sciatica sciatica sciatica. Migraine migraine migraine. Quinsy of the wrist."] * 4,
    title="Sciatica, migraine and wrist",
)


def items_of(*articles: Article) -> dict[str, Item]:
    """What a view has to hold of these articles, by passage id."""
    found = {}
    sections = 0
    for article in articles:
        draft = draft_article(article, ENCODER, ENCODER.window)
        vectors = ENCODER.encode([section.input.text for section in draft.sections])
        for passage in draft.passages:
            heading = draft.sections[passage.section].heading
            body = article.text[passage.start : passage.end]
            name = f"{article.id}@{article.version}:{passage.start}-{passage.end}"
            found[name] = Item(
                section=sections + passage.section,
                passage=ENCODER.encode([passage.input.text])[0],
                heading=vectors[passage.section],
                fields={"title": words(article.title), "heading": words(heading)}
                | {"body": words(body)},
            )
        sections += len(draft.sections)
    return found


def plain_shelf(_: Path) -> Shelf:
    """The articles in a plain view, under rows with gaps between them."""
    items = {3 * n + 5: item for n, item in enumerate(items_of(*ARTICLES).values())}
    return Shelf(PlainView(items), items, GONE)


def index_shelf(index: Path) -> Shelf:
    """The articles in an index on disk that another has been withdrawn from."""
    build_index(index, *ARTICLES[:1], GONE, *ARTICLES[1:])
    build_index(index, *ARTICLES)
    with reading(index) as opened:
        stored = opened.passages(sorted(opened.article_ids()))
        items = items_of(*ARTICLES)
        return Shelf(opened.view, {p.row: items[p.passage.id] for p in stored}, GONE)


def query_of(text: str) -> LexicalQuery:
    """A query that looks for the same words in every field."""
    names = ("title", "heading", "body")
    return LexicalQuery(dict.fromkeys(names, words(text)), dict.fromkeys(names, 1.0))


def rows_with(shelf: Shelf, text: str) -> set[int]:
    """The rows that have one of the words of a text, in any form, in any field."""
    wanted = {term for word in words(text) for term in analyze(word)}
    return {
        row
        for row, item in shelf.items.items()
        if any(wanted & set(analyze(" ".join(field))) for field in item.fields.values())
    }
