"""One generation of a build, ready to be searched; never changed once made.

Most of it is the base, loaded once. What was published since stands in the tail, which is loaded
again with each generation, and what has ended since is masked out: publishing one article costs
what that article costs.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from rag.index.counts import lost_rows
from rag.index.layer import Facts, Layer, live_rows, load_layer
from rag.index.lexical import search_lexical
from rag.index.schema import verify
from rag.index.vectors import DenseIndex, Mask
from rag.index.words import disk_words, memory_words
from rag.types import Filters, LexicalQuery, Rows, Vectors

logger = logging.getLogger(__name__)

# Documents of dead passages are still in the lexical index: so many times more are asked for, and
# again where all of those were not enough.
_DEAD_ALLOWANCE = 2
# From this age on an article counts as old, whatever its age: guidelines are renewed within it.
_OLD_DAYS = 3_650
_Found = tuple[Rows, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Slice:
    """A layer, and which of its passages and sections may be found."""

    layer: Layer
    passages: Mask
    headings: Mask


@dataclass(frozen=True, slots=True)
class View:
    """The passages of one generation that may be found on one day.

    slices: base and tail, whose rows ascend from one to the other; articles: the rows of those
    articles that may be found; lost: rows that are not there any more, in words.
    """

    generation: int
    day: date
    slices: tuple[_Slice, ...]
    articles: Rows
    searcher: tantivy.Searcher
    schema: tantivy.Schema
    lost: tuple[str, ...] = ()

    @property
    def damage(self) -> tuple[str, ...]:
        """What is lost or does not match its checksum; all else may be served."""
        return (*self.lost, *(what for part in self.slices for what in part.layer.damage))

    @property
    def base(self) -> Layer:
        """What was loaded as a whole."""
        return self.slices[0].layer

    @property
    def dimension(self) -> int:
        """Of all vectors; where there is a tail, it has as many."""
        return max(int(part.layer.passages.index.d) for part in self.slices)

    def nearest(self, vector: Vectors, k: int) -> Rows:
        """Rows of the k passages nearest to a unit vector, best first."""
        return _merged(
            [_search(part.layer.passages, vector, k, part.passages) for part in self.slices], k
        )

    def nearest_by_heading(self, vector: Vectors, k: int) -> Rows:
        """Rows of all passages of the k sections whose "title. heading" is nearest."""
        sections = _merged(
            [_search(part.layer.headings, vector, k, part.headings) for part in self.slices], k
        )
        parts = [
            part.layer.passages.rows[start:end]
            for section in sections
            for part in self.slices
            for start, end in (np.searchsorted(part.layer.section_of, [section, section + 1]),)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def lexical(self, query: LexicalQuery, k: int) -> dict[int, float]:
        """BM25 scores of the best k passages by row."""
        limit = k
        while True:
            limit *= _DEAD_ALLOWANCE
            found = search_lexical(self.searcher, self.schema, query, limit)
            may = self._has(np.array([row for row, _ in found], np.int64))
            live = [pair for pair, allowed in zip(found, may, strict=True) if allowed]
            if len(live) >= k or len(found) < limit:
                return dict(live[:k])

    def cosines(self, vector: Vectors, rows: Rows) -> tuple[NDArray[np.float32], ...]:
        """Exact cosines of the given passages and of their headings, two arrays like `rows`."""
        passages, headings = np.zeros((2, len(rows)), np.float32)
        for part in self.slices:
            layer = part.layer
            there = layer.passages.has(rows)
            mine = rows[there]
            sections = layer.section_of[np.searchsorted(layer.passages.rows, mine)]
            passages[there] = layer.passages.cosines(vector, mine)
            headings[there] = layer.headings.cosines(vector, sections)
        return passages, headings

    def freshness(self, rows: Rows) -> NDArray[np.float64]:
        """How fresh each passage's article is: 1 published today, 0 ten years ago or undated.

        One less where it should have been reviewed by now.
        """
        found = np.zeros(len(rows))
        for part in self.slices:
            there = part.layer.passages.has(rows)
            positions = np.searchsorted(part.layer.passages.rows, rows[there])
            articles = part.layer.article_of[positions].tolist()
            facts = part.layer.facts
            found[there] = [_freshness(facts[row], self.day) for row in articles]
        return found

    def filtered(self, filters: Filters) -> View:
        """The same view, of those articles alone that pass the filters."""
        publishers = {publisher.casefold() for publisher in filters.publishers}

        def passes(facts: Facts) -> bool:
            if publishers and (facts.publisher or "").casefold() not in publishers:
                return False
            after = filters.published_after
            return after is None or (facts.published is not None and facts.published >= after)

        facts = _facts(part.layer for part in self.slices)
        kept = [row for row in self.articles.tolist() if passes(facts[row])]
        return self._of(np.array(kept, np.int64))

    def _of(self, articles: Rows) -> View:
        slices = tuple(_slice(part.layer, articles) for part in self.slices)
        return replace(self, articles=articles, slices=slices)

    def _has(self, rows: Rows) -> Mask:
        found = np.zeros(len(rows), np.bool_)
        for part in self.slices:
            found |= part.layer.passages.has(rows, part.passages)
        return found


def load_view(
    database: sqlite3.Connection, build: Path, day: date, *, in_memory: bool
) -> View | None:
    """The view of the generation that the open transaction of `database` sees.

    None where the lexical files are not those of that generation; with `in_memory` they are not
    read but made again. Raises IndexDamaged where a vector does not match its checksum.
    """
    view = _view(database, build, day, lambda: (load_layer(database, 0),), in_memory=in_memory)
    if view is None:
        return None
    lost = tuple(lost_rows(database))
    for what in lost:
        logger.warning("index damaged: %s", what)
    return replace(view, lost=lost)


def refresh_view(view: View, database: sqlite3.Connection, build: Path, day: date) -> View | None:
    """The view of the generation that `database` sees now, with the base of an older one.

    None where the lexical files are not those of that generation. Raises IndexDamaged.
    """
    base = view.base
    newer = _view(
        database, build, day, lambda: (base, load_layer(database, base.last)), in_memory=False
    )
    return replace(newer, lost=view.lost) if newer else None


def live_generation(database: sqlite3.Connection) -> int:
    """The newest generation that the open transaction sees; 0 before the first."""
    row = database.execute(
        "SELECT generation, created, summary, checksum FROM generations"
        " ORDER BY generation DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return 0
    verify(f"generation {row[0]}", row[3], *row[:3])
    return int(row[0])


def _view(
    database: sqlite3.Connection,
    build: Path,
    day: date,
    layers: Callable[[], tuple[Layer, ...]],
    *,
    in_memory: bool,
) -> View | None:
    lexical = memory_words(database) if in_memory else disk_words(database, build)
    if lexical is None:
        return None
    loaded = layers()
    articles = _current(_facts(loaded), live_rows(database), day)
    return View(
        generation=live_generation(database),
        day=day,
        slices=tuple(_slice(layer, articles) for layer in loaded),
        articles=articles,
        searcher=lexical.searcher(),
        schema=lexical.schema,
    )


def _slice(layer: Layer, articles: Rows) -> _Slice:
    return _Slice(
        layer, np.isin(layer.article_of, articles), np.isin(layer.article_of_section, articles)
    )


def _facts(layers: Iterable[Layer]) -> dict[int, Facts]:
    return {row: facts for layer in layers for row, facts in layer.facts.items()}


def _current(facts: dict[int, Facts], live: Rows, day: date) -> Rows:
    """The live articles that have neither expired nor been superseded by one that has not."""
    today = day.isoformat()
    shown = {row: facts[row] for row in live.tolist() if row in facts}
    valid = {row: item for row, item in shown.items() if not _expired(item, today)}
    superseded = {item.supersedes for item in valid.values() if item.supersedes != item.article_id}
    kept = [row for row, item in valid.items() if item.article_id not in superseded]
    return np.array(kept, np.int64)


def _freshness(facts: Facts, day: date) -> float:
    overdue = facts.next_review is not None and facts.next_review < day.isoformat()
    if facts.published is None:
        return -float(overdue)
    age = (day - date.fromisoformat(facts.published)).days
    return max(0.0, 1.0 - max(age, 0) / _OLD_DAYS) - overdue


def _expired(facts: Facts, today: str) -> bool:
    return facts.expires is not None and facts.expires <= today


def _search(index: DenseIndex, vector: Vectors, k: int, allowed: Mask) -> _Found:
    return index.search(vector, k, allowed)


def _merged(found: Sequence[_Found], k: int) -> Rows:
    """The best k of several results, best first; equal scores by row."""
    rows = np.concatenate([rows for rows, _ in found])
    scores = np.concatenate([scores for _, scores in found])
    return rows[np.lexsort((rows, -scores))[:k]]
