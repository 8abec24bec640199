from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rag.errors import IndexDamaged
from rag.index.records import (
    article_record,
    pack_dense,
    pack_sentences,
    pack_spans,
    read_article,
    unpack_dense,
    unpack_sentences,
    unpack_spans,
)
from rag.index.schema import Value, checksum
from rag.types import Article, Section, Span, Vectors
from rag.vectors import unit

OFFSETS = st.integers(0, 2**31 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
UNKNOWN = st.none() | TEXTS
ARTICLES = st.builds(
    Article,
    id=TEXTS,
    version=TEXTS,
    title=TEXTS,
    text=TEXTS,
    sections=st.lists(st.builds(Section, TEXTS, OFFSETS, OFFSETS), max_size=3).map(tuple),
    authors=st.lists(TEXTS, max_size=3).map(tuple),
    publisher=UNKNOWN,
    url=UNKNOWN,
    published=UNKNOWN,
    reviewed=UNKNOWN,
    next_review=UNKNOWN,
    expires=UNKNOWN,
    supersedes=UNKNOWN,
    language=UNKNOWN,
)
UNIT_VECTORS = (
    arrays(np.float32, (3, 16), elements=st.floats(-1, 1, width=32))
    .filter(lambda rows: bool((np.linalg.norm(rows, axis=1) > 0.1).all()))
    .map(unit)
)


def row_of(article: Article) -> tuple[Value, ...]:
    """The columns of an article as they are stored, born in generation 3."""
    columns = (article.id, article.version, article_record(article), 3)
    return (*columns, checksum(*columns))


@given(ARTICLES)
def test_an_article_is_read_as_it_was_stored(article: Article) -> None:
    assert article == read_article(row_of(article))


@pytest.mark.parametrize(
    ("column", "value"),
    [(0, "A"), (1, "2"), (2, article_record(Article("a", "1", "T", "walk."))), (3, 4), (4, b"")],
)
def test_an_article_of_which_a_column_has_changed_is_damage(column: int, value: Value) -> None:
    row = list(row_of(Article("a", "1", "T", "Walk.")))
    row[column] = value
    with pytest.raises(IndexDamaged):
        read_article(row)


def test_spans_are_stored_as_little_endian_pairs_of_32_bits() -> None:
    assert b"\x01\0\0\0\x02\x01\0\0" == pack_spans([Span(1, 258)])


@given(st.lists(st.builds(Span, OFFSETS, OFFSETS)).map(tuple))
def test_spans_are_read_as_they_were_stored(spans: tuple[Span, ...]) -> None:
    assert spans == unpack_spans(pack_spans(spans))


def test_a_vector_is_stored_in_half_precision_little_endian() -> None:
    assert b"\x00\x3c\x00\x00\x00\xb8" == pack_dense(np.array([1.0, 0.0, -0.5], np.float32))


@given(UNIT_VECTORS)
def test_half_precision_changes_a_cosine_by_less_than_the_promise(vectors: Vectors) -> None:
    stored = unpack_dense([pack_dense(vector) for vector in vectors], 16)
    np.testing.assert_allclose(vectors @ vectors.T, stored @ vectors.T, atol=0.0005)
    np.testing.assert_allclose(np.ones(3), np.linalg.norm(stored, axis=1), atol=1e-6)


@given(UNIT_VECTORS)
def test_bytes_keep_the_direction_of_a_sentence(vectors: Vectors) -> None:
    stored = unpack_sentences(pack_sentences(vectors), 16)
    np.testing.assert_allclose(np.ones(3), (stored * vectors).sum(axis=1), atol=0.0005)
    np.testing.assert_allclose(np.ones(3), np.linalg.norm(stored, axis=1), atol=1e-6)


def test_a_sentence_is_scaled_to_its_own_largest_component() -> None:
    rows = np.array([[0.5, -0.25], [0.0, -0.001]], np.float32)
    assert [127, -64, 0, -127] == np.frombuffer(pack_sentences(rows), np.int8).tolist()


def test_a_zero_vector_stays_zero() -> None:
    zero = np.zeros((1, 4), np.float32)
    assert [[0.0] * 4] == unpack_dense([pack_dense(zero[0])], 4).tolist()
    assert [[0.0] * 4] == unpack_sentences(pack_sentences(zero), 4).tolist()


def test_no_vectors_are_none_of_the_dimension() -> None:
    assert (0, 4) == unpack_dense([], 4).shape
    assert (0, 4) == unpack_sentences(b"", 4).shape
    assert () == unpack_spans(b"")
