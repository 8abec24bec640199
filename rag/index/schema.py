"""The tables of an index, and how their rows are guarded.

Every row that holds text, spans or vectors carries a checksum of all its other columns. Rows are
never changed but for one mark: an article version *dies* in a generation. What may change freely
is bookkeeping (`sources`, `derived`), which decides nothing that a reader sees.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from rag.errors import IndexDamaged

FORMAT_VERSION = 1
DATABASE_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What sqlite3 raises for a damaged file; the second where it cannot read SQLite's own message."""

SCHEMA = """
CREATE TABLE recipe (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  json TEXT NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE TABLE generations (
  generation INTEGER PRIMARY KEY,
  created TEXT NOT NULL,
  summary TEXT NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE TABLE articles (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  article_id TEXT NOT NULL,
  version TEXT NOT NULL,
  record TEXT NOT NULL,
  born INTEGER NOT NULL,
  died INTEGER,
  checksum BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX live_articles ON articles (article_id) WHERE died IS NULL;
CREATE INDEX article_versions ON articles (article_id, version);
CREATE TABLE sections (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  article INTEGER NOT NULL REFERENCES articles (row),
  vector INTEGER NOT NULL REFERENCES vectors (row),
  heading TEXT NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE INDEX article_sections ON sections (article);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  article INTEGER NOT NULL REFERENCES articles (row),
  section INTEGER NOT NULL REFERENCES sections (row),
  vector INTEGER NOT NULL REFERENCES vectors (row),
  "start" INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  sentences BLOB NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE INDEX article_passages ON passages (article);
CREATE TABLE vectors (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  input BLOB NOT NULL UNIQUE,
  data BLOB NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE TABLE sentence_vectors (
  vector INTEGER PRIMARY KEY REFERENCES vectors (row),
  data BLOB NOT NULL,
  checksum BLOB NOT NULL
) STRICT;
CREATE TABLE sources (
  article_id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  path TEXT NOT NULL
) STRICT;
CREATE TABLE derived (
  name TEXT PRIMARY KEY,
  folder TEXT NOT NULL,
  documents INTEGER NOT NULL,
  files TEXT NOT NULL
) STRICT;
"""

Value = str | int | bytes | None
_CHECKSUM_BYTES = 8


def checksum(*values: Value) -> bytes:
    """Eight bytes of BLAKE2b over the values, each with its type and length."""
    digest = hashlib.blake2b(digest_size=_CHECKSUM_BYTES)
    for value in values:
        data = value if isinstance(value, bytes) else str(value).encode()
        digest.update(f"{type(value).__name__}{len(data)}:".encode())
        digest.update(data)
    return digest.digest()


def verify(what: str, stored: bytes, *values: Value) -> None:
    """Raise IndexDamaged unless the stored checksum is that of the values."""
    if stored != checksum(*values):
        raise IndexDamaged(
            f"The index is damaged: {what} does not match its checksum. "
            "Remove the index folder and run `rag index` to make it again.",
            what,
        )


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """Open a build's database; every commit is on disk when it returns."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if writing else 'rw'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA mmap_size = 1073741824")
    return connection
