"""What a build holds, looked up by its one writer."""

from __future__ import annotations

import sqlite3

from rag.index.records import read_article
from rag.types import Article


def known_sources(database: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Path and digest of the source by article id, as last read."""
    rows = database.execute("SELECT article_id, path, digest FROM sources")
    return {article_id: (path, digest) for article_id, path, digest in rows}


def live_versions(database: sqlite3.Connection) -> dict[str, str]:
    """Version by article id of all live articles."""
    return dict(database.execute("SELECT article_id, version FROM articles WHERE died IS NULL"))


def live_version(database: sqlite3.Connection, article_id: str) -> str | None:
    """The live version of an article, or None."""
    row = database.execute(
        "SELECT version FROM articles WHERE article_id = ? AND died IS NULL", (article_id,)
    ).fetchone()
    return str(row[0]) if row else None


def has_version(database: sqlite3.Connection, article_id: str) -> bool:
    """Whether there ever was such an article."""
    found = "SELECT 1 FROM articles WHERE article_id = ? LIMIT 1"
    return database.execute(found, (article_id,)).fetchone() is not None


def alike_id(database: sqlite3.Connection, article_id: str) -> str | None:
    """The id of a live article that differs from this one in case only, or None."""
    row = database.execute(
        "SELECT article_id FROM articles"
        " WHERE article_id = ? COLLATE NOCASE AND article_id <> ? AND died IS NULL",
        (article_id, article_id),
    ).fetchone()
    return str(row[0]) if row else None


def live_articles(database: sqlite3.Connection) -> dict[str, Article]:
    """Every live article by id. Raises IndexDamaged."""
    rows = database.execute(
        "SELECT article_id, version, record, born, checksum FROM articles WHERE died IS NULL"
    )
    return {row[0]: read_article(row) for row in rows}


def count_passages(database: sqlite3.Connection) -> int:
    """The number of live passages."""
    row = database.execute(
        "SELECT count(*) FROM passages p JOIN articles a ON a.row = p.article WHERE a.died IS NULL"
    ).fetchone()
    return int(row[0])
