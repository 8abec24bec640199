"""The word index of one generation: from its files, or made again from the database."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import tantivy

from rag.errors import IndexDamaged
from rag.index.builds import lexical_folder
from rag.index.lexical import (
    LexicalDocument,
    add_documents,
    create_lexical,
    file_digests,
    open_lexical,
)
from rag.index.records import read_article

logger = logging.getLogger(__name__)


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


def disk_words(database: sqlite3.Connection, build: Path) -> tantivy.Index | None:
    """The word index that the open transaction knows of; None where its files are others."""
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


def memory_words(database: sqlite3.Connection) -> tantivy.Index:
    """The word index of all live passages, made again in memory."""
    logger.warning("lexical index damaged: made again in memory, until the next `rag index`")
    index = create_lexical(None)
    add_documents(index, live_documents(database))
    return index
