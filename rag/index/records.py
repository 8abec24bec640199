"""Rows to values and back, checksums verified on the way in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from rag.index.schema import verify
from rag.types import Article, Section, Span, Vectors
from rag.vectors import unit

_SPAN = np.dtype("<i4")
_DENSE = np.dtype("<f2")
_SENTENCE = np.dtype("i1")
_SENTENCE_MAXIMUM = 127.0
_TINY = 1e-12


def article_record(article: Article) -> str:
    """An article as canonical JSON."""
    return json.dumps(asdict(article), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_article(row: Sequence[Any]) -> Article:
    """An article from the columns article_id, version, record, born, checksum."""
    article_id, version, record, born, stored = row
    verify(f"article {article_id}", stored, article_id, version, record, born)
    fields = json.loads(record)
    fields["sections"] = tuple(Section(**section) for section in fields["sections"])
    fields["authors"] = tuple(fields["authors"])
    return Article(**fields)


def pack_spans(spans: Sequence[Span]) -> bytes:
    """Spans as little-endian 32-bit pairs."""
    return np.array([(s.start, s.end) for s in spans], _SPAN).tobytes()


def unpack_spans(data: bytes) -> tuple[Span, ...]:
    """The inverse of pack_spans."""
    return tuple(Span(int(a), int(b)) for a, b in np.frombuffer(data, _SPAN).reshape(-1, 2))


def pack_dense(vector: Vectors) -> bytes:
    """A unit vector in half precision: its cosines change by less than 0.0005."""
    return vector.astype(_DENSE).tobytes()


def unpack_dense(rows: Sequence[bytes], dimension: int) -> Vectors:
    """Unit vectors, shape (n, dimension)."""
    flat = np.frombuffer(b"".join(rows), _DENSE).astype(np.float32)
    return unit(flat.reshape(-1, dimension))


def pack_sentences(vectors: Vectors) -> bytes:
    """Sentence vectors as bytes, each scaled to its own largest component."""
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=0.0), _TINY)
    scaled: bytes = np.rint(vectors / largest * _SENTENCE_MAXIMUM).astype(_SENTENCE).tobytes()
    return scaled


def unpack_sentences(data: bytes, dimension: int) -> Vectors:
    """Unit vectors, shape (n, dimension): the scale falls out when they are normalised."""
    return unit(np.frombuffer(data, _SENTENCE).astype(np.float32).reshape(-1, dimension))
