"""Remember what was encoded, across indexes: encoder and input text → vectors."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.errors import ModelError
from rag.protocols import PassageEncoder
from rag.types import EncoderInfo, PassageVectors, Span, Vectors
from rag.vectors import unit

_STORED = np.dtype("<f2")


@dataclass(frozen=True, slots=True)
class CachingEncoder:
    """An encoder that looks passages up in a file of its own before it encodes them.

    `path` must belong to one encoder alone. Whole texts (questions) are not kept.
    """

    encoder: PassageEncoder
    path: Path

    @property
    def info(self) -> EncoderInfo:
        """What makes these vectors comparable with others."""
        return self.encoder.info

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones at both ends."""
        return self.encoder.count(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode whole texts, shape (n, dimension)."""
        return self.encoder.encode(texts)

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageVectors]:
        """Vectors of texts and their sentences, from the file where they are known."""
        keys = [_key(text, spans) for text, spans in zip(texts, sentences, strict=True)]
        try:
            with closing(self._open()) as database:
                known = _load(database, keys)
                unknown = [i for i, key in enumerate(keys) if key not in known]
                made = self.encoder.encode_passages(
                    [texts[i] for i in unknown], [sentences[i] for i in unknown]
                )
                new = {keys[i]: _pack(vectors) for i, vectors in zip(unknown, made, strict=True)}
                with database:
                    database.executemany(
                        "INSERT OR REPLACE INTO vectors VALUES (?, ?)", new.items()
                    )
        except sqlite3.DatabaseError as error:
            raise ModelError(
                f"The cache of vectors {self.path} cannot be used ({error}). "
                "Remove that file, or give --fresh."
            ) from error
        # What was just encoded is read like the rest: the first run must rank as the second does.
        rows = {**known, **new}
        return [_unpack(rows[key], self.info.dimension) for key in keys]

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=60)
        # What is lost here costs time only.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, data BLOB)")
        return database


def _load(database: sqlite3.Connection, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    lookup = "SELECT key, data FROM vectors WHERE key = ?"
    rows = (database.execute(lookup, (key,)).fetchone() for key in keys)
    return dict(row for row in rows if row)


def _pack(vectors: PassageVectors) -> bytes:
    return np.vstack([vectors.passage[None], vectors.sentences]).astype(_STORED).tobytes()


def _unpack(data: bytes, dimension: int) -> PassageVectors:
    rows = unit(np.frombuffer(data, _STORED).astype(np.float32).reshape(-1, dimension))
    return PassageVectors(passage=rows[0], sentences=rows[1:])


def _key(text: str, spans: Sequence[Span]) -> bytes:
    marks = ",".join(f"{span.start}-{span.end}" for span in spans)
    return hashlib.blake2b(f"{marks}\n{text}".encode(), digest_size=16).digest()
