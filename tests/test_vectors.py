from __future__ import annotations

import numpy as np

from rag.vectors import unit


def test_rows_are_scaled_to_length_one_and_keep_their_direction() -> None:
    rows = np.array([[3.0, 4.0], [0.0, -2.0]], np.float32)
    np.testing.assert_allclose([[0.6, 0.8], [0.0, -1.0]], unit(rows), rtol=1e-6)


def test_a_zero_row_stays_zero() -> None:
    assert [[0.0, 0.0]] == unit(np.zeros((1, 2), np.float32)).tolist()


def test_no_rows_stay_no_rows() -> None:
    assert (0, 3) == unit(np.zeros((0, 3), np.float32)).shape


def test_the_given_rows_are_not_changed() -> None:
    rows = np.array([[3.0, 4.0]], np.float32)
    unit(rows)
    assert [[3.0, 4.0]] == rows.tolist()
