from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from rag.index.vectors import build_dense
from rag.types import Vectors
from rag.vectors import unit

# Small whole numbers: products are exact, so equal ones are equal, and there are many of those.
WHOLE = st.integers(-1, 1).map(float)
MATRICES = st.integers(0, 40).flatmap(lambda n: arrays(np.float32, (n, 3), elements=WHOLE))
QUERIES = arrays(np.float32, 3, elements=WHOLE)


def rows_for(matrix: Vectors) -> NDArray[np.int64]:
    """Row numbers with gaps, as those of live passages have."""
    return np.arange(len(matrix), dtype=np.int64) * 3 + 5


def brute_force(matrix: Vectors, query: Vectors, k: int) -> list[tuple[int, float]]:
    pairs = zip(rows_for(matrix).tolist(), (matrix @ query).tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


@settings(max_examples=150, deadline=None)
@given(MATRICES, QUERIES, st.integers(0, 50))
def test_the_nearest_are_those_of_brute_force_and_equal_ones_go_by_row(
    matrix: Vectors, query: Vectors, k: int
) -> None:
    rows, scores = build_dense(rows_for(matrix), matrix).search(query, k)
    assert brute_force(matrix, query, k) == list(zip(rows.tolist(), scores.tolist(), strict=True))


@pytest.mark.parametrize("dimension", [2, 7, 32, 384])
@pytest.mark.parametrize("copies", [5, 67])
def test_copies_of_one_vector_go_by_row_at_every_cut(dimension: int, copies: int) -> None:
    vector, query = unit(np.random.default_rng(7).normal(size=(2, dimension)).astype(np.float32))
    matrix = np.repeat(vector[None], copies, axis=0)
    index = build_dense(rows_for(matrix), matrix)
    for k in range(1, copies + 1):
        assert rows_for(matrix)[:k].tolist() == index.search(query, k)[0].tolist()


def test_random_vectors_of_the_default_dimension_are_ranked_by_cosine() -> None:
    vectors = unit(np.random.default_rng(7).normal(size=(501, 384)).astype(np.float32))
    # As they are stored.
    vectors = vectors.astype(np.float16).astype(np.float32)
    matrix, query = vectors[1:], vectors[0]
    rows, scores = build_dense(rows_for(matrix), matrix).search(query, 25)
    expected = brute_force(matrix, query, 25)
    assert [row for row, _ in expected] == rows.tolist()
    np.testing.assert_allclose([score for _, score in expected], scores, atol=1e-6)


@settings(deadline=None)
@given(MATRICES, QUERIES, st.randoms(use_true_random=False))
def test_a_cosine_is_that_of_its_row_in_the_order_asked_for(
    matrix: Vectors, query: Vectors, random: Random
) -> None:
    positions = list(range(len(matrix)))
    random.shuffle(positions)
    found = build_dense(rows_for(matrix), matrix).cosines(query, rows_for(matrix)[positions])
    assert (matrix @ query)[positions].tolist() == found.tolist()


@given(MATRICES, st.lists(st.integers(0, 150)))
def test_it_is_known_which_rows_there_are(matrix: Vectors, asked: list[int]) -> None:
    rows = rows_for(matrix)
    expected = [row in rows.tolist() for row in asked]
    assert expected == build_dense(rows, matrix).has(np.array(asked, np.int64)).tolist()
