"""Encode what has no vector yet, and keep it part by part."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from rag.index.writer import missing_inputs, store_vectors
from rag.protocols import PassageEncoder, Progress
from rag.types import DraftArticle

# Vectors reach the disk in parts of this many, so that an interruption costs seconds of work.
_PART = 256


def embed(
    database: sqlite3.Connection,
    drafts: Sequence[DraftArticle],
    encoder: Callable[[], PassageEncoder],
    progress: Progress,
) -> int:
    """Encode what of these articles has no vector yet; returns the number of passages encoded."""
    # In the order of the articles: a part then takes about as long as any other.
    inputs = [
        encoder_input
        for draft in drafts
        for encoder_input in (
            *(passage.input for passage in draft.passages),
            *(section.input for section in draft.sections),
        )
    ]
    missing = list(missing_inputs(database, inputs).items())
    if not missing:
        return 0
    opened = encoder()
    for start in range(0, len(missing), _PART):
        progress("encoding", start, len(missing))
        part = missing[start : start + _PART]
        vectors = opened.encode_passages(
            [item.text for _, item in part], [item.spans for _, item in part]
        )
        store_vectors(database, zip((digest for digest, _ in part), vectors, strict=True))
    progress("encoding", len(missing), len(missing))
    return sum(bool(item.spans) for _, item in missing)
