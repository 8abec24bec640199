"""Verify an index: every row against its checksum, every derived file against its hash."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexDamaged, IndexUnavailable
from rag.index.builds import encoders_folder, lexical_folder, live_build, read_recipe, reading
from rag.index.counts import lost_rows
from rag.index.lexical import file_digests, open_lexical
from rag.index.records import read_article, unpack_spans
from rag.index.schema import Value, verify
from rag.index.view import live_generation
from rag.text import collapse

_AGAIN = "Remove the index folder and run `rag index` to make it again."
# One damaged page can have thousands of consequences.
_MOST_LINES = 5
_MEND = "Run `rag index`: it makes that again, without encoding."


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what to do about it, if `what` does not say."""

    what: str
    remedy: str = ""


def check_index(index: Path, encoder_is_whole: Callable[[Path], bool]) -> Iterator[Finding]:
    """Everything that is wrong with an index; nothing where it is sound.

    encoder_is_whole: tells of the folder of an encoder whether its files are those it was made of.
    """
    try:
        build = live_build(index)
        recipe = read_recipe(build)
        with reading(build) as database:
            live_generation(database)
            yield from _damaged_file(database)
            yield from _damaged_rows(database)
            yield from _lost_rows(database)
            yield from _lexical(database, build)
    except IndexUnavailable as error:
        yield Finding(str(error))
        return
    encoder = encoders_folder(index) / recipe.encoder
    if encoder.exists() and not encoder_is_whole(encoder):
        yield Finding(
            f"The encoder {recipe.encoder} is not whole.",
            "Run `rag index`: it makes that again from the model, without encoding.",
        )


# For each table: what it is called, and the columns of its checksum in their order.
_GUARDED = {
    "generations": ("generation {0}", "generation, created, summary"),
    "vectors": ("vector {0}", "row, input, data"),
    "sentence_vectors": ("the sentences of vector {0}", "vector, data"),
    "sections": ("section {0}", "row, article, vector, heading"),
    "passages": ("passage {0}", 'row, article, section, vector, "start", "end", sentences'),
}
# Of these the first column names the row, and is no part of the checksum.
_NAMED = frozenset({"vectors", "sections", "passages"})


def _damaged_file(database: sqlite3.Connection) -> Iterator[Finding]:
    """What SQLite finds of its own file: pages, their order, and its indexes on the tables."""
    for (line,) in database.execute(f"PRAGMA integrity_check({_MOST_LINES})"):
        if line != "ok":
            yield Finding(f"The index's database is damaged: {collapse(line)}.", _AGAIN)


def _damaged_rows(database: sqlite3.Connection) -> Iterator[Finding]:
    for table, (name, columns) in _GUARDED.items():
        rows = database.execute(f"SELECT {columns}, checksum FROM {table}")  # noqa: S608 - ours
        for *values, stored in rows:
            guarded = values[1:] if table in _NAMED else values
            yield from _verified(name.format(values[0]), stored, guarded)
    articles = database.execute("SELECT article_id, version, record, born, checksum FROM articles")
    for row in articles:
        try:
            read_article(row)
        except IndexDamaged as error:
            yield Finding(str(error))


def _verified(what: str, stored: bytes, values: Sequence[Value]) -> Iterator[Finding]:
    try:
        verify(what, stored, *values)
    except IndexDamaged as error:
        yield Finding(str(error))


def _lost_rows(database: sqlite3.Connection) -> Iterator[Finding]:
    """Rows that are not there or are of no article, and sentences outside their passage."""
    for what in lost_rows(database):
        yield Finding(f"{what}.", _AGAIN)
    for table, column, other in (
        ("passages", "article", "articles"),
        ("passages", "section", "sections"),
        ("passages", "vector", "vectors"),
        ("sections", "article", "articles"),
        ("sections", "vector", "vectors"),
    ):
        lost = database.execute(
            f"SELECT count(*) FROM {table} t LEFT JOIN {other} o ON o.row = t.{column}"  # noqa: S608
            " WHERE o.row IS NULL"
        ).fetchone()[0]
        if lost:
            yield Finding(f"{lost} rows of {table} refer to {other} that are not there.", _AGAIN)
    for row, start, end, spans in database.execute(
        'SELECT row, "start", "end", sentences FROM passages'
    ):
        if any(span.start < start or span.end > end for span in unpack_spans(spans)):
            yield Finding(f"Passage {row} has a sentence outside of it.", _AGAIN)


def _lexical(database: sqlite3.Connection, build: Path) -> Iterator[Finding]:
    row = database.execute("SELECT folder, files FROM derived WHERE name = 'lexical'").fetchone()
    if row is None:
        yield Finding("There is no word index.", _MEND)
        return
    folder = lexical_folder(build) / row[0]
    try:
        digests = file_digests(folder)
        open_lexical(folder)
    except OSError:
        digests = {}
    except IndexDamaged as error:
        yield Finding(str(error), _MEND)
    for file, digest in json.loads(row[1]).items():
        if digests.get(file) != digest:
            state = "has changed on disk" if file in digests else "is missing"
            yield Finding(f"The file {file} of the word index {state}.", _MEND)
