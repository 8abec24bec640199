"""Bootstrap intervals are repeatable and as wide as theory says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.evaluation import Estimate, estimate


def test_the_interval_of_many_values_is_that_of_the_normal_distribution() -> None:
    found = estimate([0.0, 1.0] * 200)
    spread = 1.96 * 0.5 / math.sqrt(400)
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - spread, abs=0.003)
    assert found.high == pytest.approx(0.5 + spread, abs=0.003)


def test_the_same_values_have_the_same_interval_every_time() -> None:
    values = [0.1, 0.4, 0.9, 0.35]
    assert estimate(values) == estimate(values)


def test_samples_larger_than_one_chunk_are_resampled_in_full() -> None:
    found = estimate([0.0] * 600 + [1.0] * 600)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(1200), abs=0.003)


def test_one_value_or_equal_values_have_no_spread() -> None:
    assert estimate([0.3]) == Estimate(0.3, 0.3, 0.3)
    assert estimate([0.5] * 9) == Estimate(0.5, 0.5, 0.5)


def test_there_is_no_mean_of_no_values() -> None:
    with pytest.raises(ValueError, match="at least one"):
        estimate([])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_an_interval_stays_within_the_values(values: list[float]) -> None:
    found = estimate(values)
    assert min(values) - 1e-12 <= found.low <= found.high <= max(values) + 1e-12
