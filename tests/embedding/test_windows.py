from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.embedding.windows import Layout, Tokens, Window, split_windows
from rag.types import Span

FIRST, LAST = 101, 102


def windows_of(count: int, spans: list[Span], size: int, pooling: str = "mean") -> list[Window]:
    """Windows of a text whose n-th token has the id n and the characters 2n to 2n + 1."""
    tokens = Tokens(ids=list(range(count)), offsets=[(2 * n, 2 * n + 1) for n in range(count)])
    return list(split_windows(tokens, spans, 7, Layout(FIRST, LAST, size + 2, pooling)))


@given(st.integers(0, 50), st.integers(1, 20))
def test_every_token_is_in_exactly_one_window_in_order(count: int, size: int) -> None:
    windows = windows_of(count, [], size)
    assert list(range(count)) == [token for window in windows for token in window.ids[1:-1]]
    assert all(len(window.ids) <= size + 2 for window in windows)


@given(st.integers(0, 50), st.integers(1, 20))
def test_every_window_is_framed_by_the_special_tokens(count: int, size: int) -> None:
    ends = {(window.ids[0], window.ids[-1]) for window in windows_of(count, [], size)}
    assert {(FIRST, LAST)} == ends


def test_an_empty_text_is_one_window_of_special_tokens() -> None:
    [window] = windows_of(0, [], 5)
    assert [FIRST, LAST] == window.ids
    assert [(7, [0, 1])] == [(row, positions.tolist()) for row, positions in window.members]


def test_a_text_pools_all_tokens_or_the_first_of_each_window() -> None:
    pooled = [
        [window.members[0][1].tolist() for window in windows_of(3, [], 2, pooling)]
        for pooling in ("mean", "cls")
    ]
    assert [[[0, 1, 2, 3], [0, 1, 2]], [[0], [0]]] == pooled


@given(st.lists(st.integers(0, 60), max_size=8).map(sorted), st.integers(0, 30), st.integers(1, 20))
def test_every_token_of_a_span_is_pooled_into_its_row_and_no_other(
    cuts: list[int], count: int, size: int
) -> None:
    spans = [Span(start, end) for start, end in pairwise(cuts)]
    pooled: dict[int, list[int]] = {}
    for window in windows_of(count, spans, size):
        for row, positions in window.members[1:]:
            pooled.setdefault(row, []).extend(window.ids[position] for position in positions)
    expected = {
        row: [token for token in range(count) if span.start <= 2 * token < span.end]
        for row, span in enumerate(spans, start=8)
    }
    assert {row: tokens for row, tokens in expected.items() if tokens} == pooled


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_span_over_two_windows_takes_part_in_both(pooling: str) -> None:
    windows = windows_of(4, [Span(2, 6)], 2, pooling)
    assert [[2], [1]] == [window.members[1][1].tolist() for window in windows]
