"""What adds up in a sound database, whatever its single rows say.

A checksum cannot tell that its row is gone, nor can it guard the one mark that changes. But rows
are numbered without gaps and never removed, and every generation says what it added and withdrew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from rag.index.schema import verify

_NUMBERED = ("articles", "sections", "passages", "vectors")


def lost_rows(database: sqlite3.Connection) -> Iterator[str]:
    """What does not add up, in words. Raises IndexDamaged for a damaged generation."""
    numbers = dict(database.execute("SELECT name, seq FROM sqlite_sequence"))
    for table in _NUMBERED:
        # Not indexed: an index may still have what its table has lost.
        there = _count(database, f"{table} NOT INDEXED")
        if there != (numbers.get(table) or 0):
            yield f"{numbers.get(table)} rows of {table} were written, {there} are there"
    live = _count(database, "articles NOT INDEXED WHERE died IS NULL")
    expected = _published(database)
    if live != expected:
        yield f"{expected} articles were published and not withdrawn, {live} are live"


def _published(database: sqlite3.Connection) -> int:
    """Articles that all generations together added and did not withdraw."""
    total = 0
    for *columns, stored in database.execute(
        "SELECT generation, created, summary, checksum FROM generations"
    ):
        verify(f"generation {columns[0]}", stored, *columns)
        summary = json.loads(columns[2])
        total += summary.get("added", 0) - summary.get("withdrawn", 0)
    return total


def _count(database: sqlite3.Connection, what: str) -> int:
    row = database.execute(f"SELECT count(*) FROM {what}").fetchone()  # noqa: S608 - ours
    return int(row[0])
