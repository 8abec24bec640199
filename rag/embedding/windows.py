"""Cut token sequences into windows the encoder can see, so that nothing is cut away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.types import Span


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text as the tokenizer has it, special tokens at both ends left out."""

    ids: Sequence[int]
    offsets: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Window:
    """A run of tokens that is encoded in one pass.

    ids: with the special tokens at both ends. members: for each row that is pooled from this
    window, its number among all rows and the positions in `ids` that belong to it.
    """

    ids: list[int]
    members: tuple[tuple[int, NDArray[np.int64]], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How an encoder frames a text: special token ids, window size, and how it pools."""

    first: int
    last: int
    window: int
    pooling: str


def split_windows(
    tokens: Tokens, spans: Sequence[Span], first_row: int, layout: Layout
) -> Iterator[Window]:
    """The windows of a text; row `first_row` is the whole text, the rows after it are its spans."""
    size = layout.window - 2
    starts = np.array([start for start, _ in tokens.offsets], dtype=np.int64)
    for begin in range(0, max(len(tokens.ids), 1), size):
        ids = [layout.first, *tokens.ids[begin : begin + size], layout.last]
        whole = np.arange(1 if layout.pooling == "cls" else len(ids), dtype=np.int64)
        inside = starts[begin : begin + size]
        members = [(first_row, whole)]
        for row, span in enumerate(spans, start=first_row + 1):
            positions = np.nonzero((inside >= span.start) & (inside < span.end))[0] + 1
            if len(positions):
                members.append((row, positions))
        yield Window(ids=ids, members=tuple(members))
