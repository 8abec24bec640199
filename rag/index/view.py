"""One generation of a build, ready to be searched; never changed once made."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from rag.errors import IndexDamaged
from rag.index.builds import lexical_folder
from rag.index.lexical import (
    LexicalDocument,
    add_documents,
    create_lexical,
    file_digests,
    open_lexical,
    search_lexical,
)
from rag.index.records import read_article, unpack_dense
from rag.index.schema import verify
from rag.index.vectors import DenseIndex, build_dense
from rag.types import LexicalQuery, Rows, Vectors

logger = logging.getLogger(__name__)

# Documents of dead passages are still in the lexical index: so many times more are asked for, and
# again where all of those were not enough.
_DEAD_ALLOWANCE = 2


@dataclass(frozen=True, slots=True)
class View:
    """The live passages of one generation.

    `section_of` names the section of each passage in `passages.rows`; both ascend.
    """

    generation: int
    passages: DenseIndex
    headings: DenseIndex
    section_of: Rows
    searcher: tantivy.Searcher
    schema: tantivy.Schema

    def nearest(self, vector: Vectors, k: int) -> Rows:
        """Rows of the k passages nearest to a unit vector, best first."""
        return self.passages.search(vector, k)[0]

    def nearest_by_heading(self, vector: Vectors, k: int) -> Rows:
        """Rows of all passages of the k sections whose "title. heading" is nearest."""
        sections = self.headings.search(vector, k)[0]
        starts = np.searchsorted(self.section_of, sections, side="left")
        ends = np.searchsorted(self.section_of, sections, side="right")
        parts = [self.passages.rows[a:b] for a, b in zip(starts, ends, strict=True)]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def lexical(self, query: LexicalQuery, k: int) -> dict[int, float]:
        """BM25 scores of the best k passages by row."""
        limit = k
        while True:
            limit *= _DEAD_ALLOWANCE
            found = search_lexical(self.searcher, self.schema, query, limit)
            alive = self.passages.has(np.array([row for row, _ in found], np.int64))
            live = [pair for pair, lives in zip(found, alive, strict=True) if lives]
            if len(live) >= k or len(found) < limit:
                return dict(live[:k])

    def cosines(self, vector: Vectors, rows: Rows) -> tuple[NDArray[np.float32], ...]:
        """Exact cosines of the given passages and of their headings, two arrays like `rows`."""
        sections = self.section_of[np.searchsorted(self.passages.rows, rows)]
        return self.passages.cosines(vector, rows), self.headings.cosines(vector, sections)


def load_view(database: sqlite3.Connection, build: Path, *, in_memory: bool) -> View | None:
    """The view of the generation that the open transaction of `database` sees.

    None where the lexical files are not those of that generation; with `in_memory` they are not
    read but made again. Raises IndexDamaged where a vector does not match its checksum.
    """
    lexical = _memory_lexical(database) if in_memory else _disk_lexical(database, build)
    if lexical is None:
        return None
    generation = live_generation(database)
    passages = _live(database, "passages", "t.section")
    headings = _live(database, "sections", "0")
    _check_sections(passages[:, 1], headings[:, 0])
    vectors = _vectors(database, np.unique(np.concatenate([passages[:, 2], headings[:, 2]])))
    return View(
        generation=generation,
        passages=build_dense(passages[:, 0], vectors.take(passages[:, 2])),
        headings=build_dense(headings[:, 0], vectors.take(headings[:, 2])),
        section_of=np.ascontiguousarray(passages[:, 1]),
        searcher=lexical.searcher(),
        schema=lexical.schema,
    )


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


def live_documents(database: sqlite3.Connection) -> Iterator[LexicalDocument]:
    """The lexical documents of all live passages, by row."""
    articles = database.execute(
        "SELECT row, article_id, version, record, born, checksum FROM articles WHERE died IS NULL"
    )
    for row, *columns in articles.fetchall():
        article = read_article(columns)
        passages = database.execute(
            'SELECT p.row, p."start", p."end", s.heading FROM passages p'
            " JOIN sections s ON s.row = p.section WHERE p.article = ? ORDER BY p.row",
            (row,),
        )
        for passage, start, end, heading in passages:
            yield LexicalDocument(passage, article.title, heading, article.text[start:end])


@dataclass(frozen=True, slots=True)
class _VectorTable:
    rows: Rows
    matrix: Vectors

    def take(self, rows: Rows) -> Vectors:
        return self.matrix[np.searchsorted(self.rows, rows)]


def _live(database: sqlite3.Connection, table: str, extra: str) -> NDArray[np.int64]:
    """Row, `extra` and vector of every live row of a table, shape (n, 3), by row."""
    rows = database.execute(
        f"SELECT t.row, {extra}, t.vector, a.row IS NULL FROM {table} t"  # noqa: S608 - constants
        " LEFT JOIN articles a ON a.row = t.article WHERE a.died IS NULL ORDER BY t.row"
    ).fetchall()
    if any(orphan for *_, orphan in rows):
        raise IndexDamaged("Articles are missing from the index. Remove it and run `rag index`.")
    return np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)


def _check_sections(of_passages: Rows, live: Rows) -> None:
    """Raise IndexDamaged unless every passage is of a live section, and both ascend together."""
    if not np.isin(of_passages, live).all() or (np.diff(of_passages) < 0).any():
        raise IndexDamaged(
            "Passages of the index do not belong to its sections. Remove it and run `rag index`."
        )


def _vectors(database: sqlite3.Connection, wanted: Rows) -> _VectorTable:
    known = set(wanted.tolist())
    rows: list[int] = []
    blobs: list[bytes] = []
    for row, source, data, stored in database.execute(
        "SELECT row, input, data, checksum FROM vectors ORDER BY row"
    ):
        if row in known:
            verify(f"vector {row}", stored, source, data)
            rows.append(row)
            blobs.append(data)
    if len(rows) != len(known):
        raise IndexDamaged("Vectors are missing from the index. Remove it and run `rag index`.")
    dimension = len(blobs[0]) // 2 if blobs else 1
    return _VectorTable(np.array(rows, np.int64), unpack_dense(blobs, dimension))


def _disk_lexical(database: sqlite3.Connection, build: Path) -> tantivy.Index | None:
    row = database.execute("SELECT folder, files FROM derived WHERE name = 'lexical'").fetchone()
    if row is None:
        return None
    folder = lexical_folder(build) / row[0]
    try:
        digests, expected = file_digests(folder), json.loads(row[1])
        # There may be others: those of a commit that SQLite does not know of yet.
        if any(digests.get(file) != digest for file, digest in expected.items()):
            return None
        return open_lexical(folder)
    except (OSError, ValueError, IndexDamaged):
        return None


def _memory_lexical(database: sqlite3.Connection) -> tantivy.Index:
    logger.warning("lexical index damaged: made again in memory, until the next `rag index`")
    index = create_lexical(None)
    add_documents(index, live_documents(database))
    return index
