from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.embedding import CachingEncoder
from rag.errors import ModelError
from rag.types import PassageVectors, Span
from tests.doubles import HashingEncoder

TEXTS = ["Walk. Rest.", "Swim.", "Walk. Rest."]
SPANS = [[Span(0, 5), Span(6, 11)], [Span(0, 5)], [Span(0, 5), Span(6, 11)]]


def rows_of(passages: list[PassageVectors]) -> list[list[float]]:
    return [row for p in passages for row in np.vstack([p.passage[None], p.sentences]).tolist()]


def test_what_was_encoded_once_is_not_encoded_again(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    path = tmp_path / "deep" / "vectors.sqlite"
    first = CachingEncoder(encoder, path).encode_passages(TEXTS, SPANS)
    encoder.encoded.clear()
    again = CachingEncoder(encoder, path).encode_passages(TEXTS, SPANS)
    assert [] == encoder.encoded
    assert rows_of(first) == rows_of(again)


def test_cached_vectors_are_those_of_the_encoder(tmp_path: Path) -> None:
    cached = CachingEncoder(HashingEncoder(), tmp_path / "v").encode_passages(TEXTS, SPANS)
    direct = HashingEncoder().encode_passages(TEXTS, SPANS)
    np.testing.assert_allclose(rows_of(direct), rows_of(cached), atol=5e-4)


def test_the_same_text_with_other_sentences_is_encoded_anew(tmp_path: Path) -> None:
    encoder = CachingEncoder(HashingEncoder(), tmp_path / "vectors.sqlite")
    encoder.encode_passages(TEXTS[:1], SPANS[:1])
    [other] = encoder.encode_passages(TEXTS[:1], [[Span(0, 11)]])
    assert 1 == len(other.sentences)


def test_a_file_that_is_no_cache_is_an_error_that_says_what_to_remove(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_text("no database at all, but long enough to be looked at as one" * 20)
    with pytest.raises(ModelError, match=r"vectors\.sqlite.*--fresh"):
        CachingEncoder(HashingEncoder(), path).encode_passages(TEXTS, SPANS)
