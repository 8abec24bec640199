"""Remember what was encoded, across indexes: encoder and input text → vectors."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
        with closing(self._open()) as database:
            found = {key: self._load(database, key) for key in keys}
            unknown = [i for i, key in enumerate(keys) if found[key] is None]
            made = self.encoder.encode_passages(
                [texts[i] for i in unknown], [sentences[i] for i in unknown]
            )
            with database:
                for i, vectors in zip(unknown, made, strict=True):
                    rows = np.vstack([vectors.passage[None], vectors.sentences])
                    database.execute(
                        "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                        (keys[i], rows.astype(_STORED).tobytes()),
                    )
        ready = {key: vectors for key, vectors in found.items() if vectors is not None}
        ready.update({keys[i]: vectors for i, vectors in zip(unknown, made, strict=True)})
        return [ready[key] for key in keys]

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=60)
        # What is lost here costs time only.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, data BLOB)")
        return database

    def _load(self, database: sqlite3.Connection, key: bytes) -> PassageVectors | None:
        row = database.execute("SELECT data FROM vectors WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        flat = np.frombuffer(row[0], _STORED).astype(np.float32)
        rows = unit(flat.reshape(-1, self.info.dimension))
        return PassageVectors(passage=rows[0], sentences=rows[1:])


def _key(text: str, spans: Sequence[Span]) -> bytes:
    marks = ",".join(f"{span.start}-{span.end}" for span in spans)
    return hashlib.blake2b(f"{marks}\n{text}".encode(), digest_size=16).digest()
