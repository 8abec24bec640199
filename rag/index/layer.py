"""The passages, sections and citable facts of a run of articles, loaded into memory."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexDamaged
from rag.index.records import read_article, unpack_dense
from rag.index.schema import Value, verify
from rag.index.vectors import DenseIndex, build_dense
from rag.types import Rows, Vectors

logger = logging.getLogger(__name__)

# Up to so many vectors are looked up one by one; more are read with the whole table.
_FEW_VECTORS = 4_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether an article may be found; dates are ISO 8601."""

    article_id: str
    publisher: str | None
    published: str | None
    next_review: str | None
    expires: str | None
    supersedes: str | None


@dataclass(frozen=True, slots=True)
class Layer:
    """What is live of the articles above one row, when it was loaded. Never changed once made.

    section_of and article_of are like `passages.rows`, article_of_section like `headings.rows`;
    facts: by article row; last: the highest row of an article there was, live or not; damage: what
    of it does not match its checksum, by name.
    """

    passages: DenseIndex
    headings: DenseIndex
    section_of: Rows
    article_of: Rows
    article_of_section: Rows
    facts: Mapping[int, Facts]
    last: int
    damage: tuple[str, ...]


def load_layer(database: sqlite3.Connection, after: int) -> Layer:
    """The live articles above row `after`. Raises IndexDamaged."""
    damage: list[str] = []
    passages = _live(database, _PASSAGES, after, damage)
    sections = _live(database, _SECTIONS, after, damage)
    _check_sections(passages[:, 1], sections[:, 0])
    vectors = _vectors(database, np.unique(np.concatenate([passages[:, 2], sections[:, 2]])))
    last = database.execute("SELECT max(row) FROM articles").fetchone()[0]
    return Layer(
        passages=build_dense(passages[:, 0], vectors.take(passages[:, 2])),
        headings=build_dense(sections[:, 0], vectors.take(sections[:, 2])),
        section_of=np.ascontiguousarray(passages[:, 1]),
        article_of=np.ascontiguousarray(passages[:, 3]),
        article_of_section=np.ascontiguousarray(sections[:, 3]),
        facts=_facts(database, after, damage),
        last=max(int(last or 0), after),
        damage=tuple(damage),
    )


def live_rows(database: sqlite3.Connection) -> Rows:
    """The rows of all live articles, ascending."""
    rows = database.execute("SELECT row FROM articles WHERE died IS NULL ORDER BY row").fetchall()
    return np.array([row for (row,) in rows], np.int64)


def count_above(database: sqlite3.Connection, after: int) -> int:
    """The number of passages of articles above a row, live or not."""
    found = database.execute("SELECT count(*) FROM passages WHERE article > ?", (after,)).fetchone()
    return int(found[0])


@dataclass(frozen=True, slots=True)
class _VectorTable:
    rows: Rows
    matrix: Vectors

    def take(self, rows: Rows) -> Vectors:
        return self.matrix[np.searchsorted(self.rows, rows)]


# What one row of a table is called, the table, and the columns of its checksum: the article first,
# the vector third.
_PASSAGES = ("passage", "passages", 'article, section, vector, "start", "end", sentences')
_SECTIONS = ("section", "sections", "article, row, vector, heading")


def _live(
    database: sqlite3.Connection, kind: tuple[str, str, str], after: int, damage: list[str]
) -> NDArray[np.int64]:
    """Row, section, vector and article of every live row of a table, shape (n, 4), by row.

    A damaged row stays: whoever needs it is to be told, not answered without it.
    """
    name, table, columns = kind
    selected = ", ".join(f"t.{column.strip()}" for column in columns.split(","))
    found = database.execute(
        f"SELECT t.row, a.row IS NULL, t.checksum, {selected}"  # noqa: S608 - constants
        f" FROM {table} t LEFT JOIN articles a ON a.row = t.article"
        " WHERE a.died IS NULL AND t.article > ? ORDER BY t.row",
        (after,),
    )
    rows = []
    for row, orphan, stored, *guarded in found:
        if orphan:
            raise IndexDamaged(
                "Articles are missing from the index. Remove it and run `rag index`.",
                f"the article of {name} {row}",
            )
        article, section, vector = guarded[:3]
        if table == "sections":
            del guarded[1]
        _note(damage, f"{name} {row}", stored, guarded)
        rows.append((row, section, vector, article))
    return np.array(rows, np.int64).reshape(-1, 4)


def _note(damage: list[str], what: str, stored: bytes, values: Sequence[Value]) -> None:
    """Add what does not match its checksum to the damage."""
    try:
        verify(what, stored, *values)
    except IndexDamaged as error:
        logger.warning("%s", error)
        damage.append(what)


def _check_sections(of_passages: Rows, live: Rows) -> None:
    """Raise IndexDamaged unless every passage is of a live section, and both ascend together."""
    if not np.isin(of_passages, live).all() or (np.diff(of_passages) < 0).any():
        raise IndexDamaged(
            "Passages of the index do not belong to its sections. Remove it and run `rag index`.",
            "sections of passages",
        )


def _facts(database: sqlite3.Connection, after: int, damage: list[str]) -> dict[int, Facts]:
    rows = database.execute(
        "SELECT row, article_id, version, record, born, checksum FROM articles"
        " WHERE died IS NULL AND row > ?",
        (after,),
    )
    facts = {}
    for row, *columns in rows:
        try:
            a = read_article(columns)
        except IndexDamaged as error:
            # It is not found any more, and keeps no other from being found.
            logger.warning("%s", error)
            damage.append(error.what)
            continue
        facts[row] = Facts(a.id, a.publisher, a.published, a.next_review, a.expires, a.supersedes)
    return facts


def _vectors(database: sqlite3.Connection, wanted: Rows) -> _VectorTable:
    known = set(wanted.tolist())
    found: Iterable[Sequence[Any]]
    columns = "SELECT row, input, data, checksum FROM vectors"
    if len(known) <= _FEW_VECTORS:
        one = f"{columns} WHERE row = ?"
        found = (database.execute(one, (row,)).fetchone() for row in sorted(known))
    else:
        found = database.execute(f"{columns} ORDER BY row")
    rows: list[int] = []
    blobs: list[bytes] = []
    for entry in found:
        if entry and entry[0] in known:
            row, source, data, stored = entry
            verify(f"vector {row}", stored, source, data)
            rows.append(row)
            blobs.append(data)
    if len(rows) != len(known):
        raise IndexDamaged(
            "Vectors are missing from the index. Remove it and run `rag index`.",
            f"{len(known) - len(rows)} vectors",
        )
    dimension = len(blobs[0]) // 2 if blobs else 1
    return _VectorTable(np.array(rows, np.int64), unpack_dense(blobs, dimension))
