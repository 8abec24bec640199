"""What ranking must give, worked out by looking at every passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rag.protocols import SearchView
from rag.retrieval import RankingWeights
from rag.retrieval.query import lexical_query
from rag.types import Mode, Ranked, Vectors
from tests.retrieval.views import Item, dot

WEIGHTS = RankingWeights()


def reference(
    view: SearchView, items: Mapping[int, Item], question: str, vector: Vectors, mode: Mode
) -> dict[int, float]:
    """The score of every passage by row; of those with a word of the question in lexical mode.

    The view must have fewer passages than each signal has candidates.
    """
    assert len(items) < WEIGHTS.candidates // 2
    bm25 = view.lexical(lexical_query(question), WEIGHTS.candidates)
    if mode is Mode.LEXICAL:
        return bm25
    near = {
        row: dot(item.passage, vector) + WEIGHTS.heading * dot(item.heading, vector)
        for row, item in items.items()
    }
    if mode is Mode.DENSE:
        return near
    dense = standard([near[row] for row in items])
    lexical = standard([bm25.get(row, 0.0) for row in items])
    mixed = WEIGHTS.dense * dense + (1 - WEIGHTS.dense) * lexical
    return dict(zip(items, mixed.tolist(), strict=True))


def standard(values: Sequence[float]) -> Vectors:
    """How many standard deviations each value lies above the mean; 0 where all are equal."""
    column = np.array(values, np.float64)
    if len(set(values)) < 2:
        return np.zeros_like(column)
    return np.asarray((column - column.mean()) / np.sqrt(((column - column.mean()) ** 2).mean()))


def scores_of(ranked: Sequence[Ranked]) -> dict[int, float]:
    """Score by row."""
    return {item.row: item.score for item in ranked}
