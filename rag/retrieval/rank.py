"""Rank passages for a question: one function for answers, search and evaluation.

Three signals are taken for every candidate: the cosine of question and passage, the cosine of
question and "title. heading" of the passage's section, and BM25 over title, heading and body
(0 where the passage is not among the best for its words). Fused are standard scores:

    score = w · z(cos(passage) + h · cos(heading)) + (1 − w) · z(BM25)

with z over all candidates of the question, and a little added for fresh articles, so that of two
that answer alike the newer comes first, and one that is overdue for review after one that is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.protocols import SearchView
from rag.retrieval.query import lexical_query
from rag.types import Mode, Ranked, Rows, Signals, Vectors

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """How the signals are weighed, and how many candidates each contributes."""

    heading: float = 0.5
    dense: float = 0.7
    fresh: float = 0.05
    candidates: int = 100


DEFAULT_WEIGHTS = RankingWeights()


def rank(
    view: SearchView,
    question: str,
    vector: Vectors,
    mode: Mode = Mode.HYBRID,
    weights: RankingWeights = DEFAULT_WEIGHTS,
) -> list[Ranked]:
    """All candidates for a question, best first; ties by row.

    vector: the encoded question, shape (dimension,); not looked at in lexical mode.
    """
    lexical: dict[int, float] = {}
    if mode is not Mode.DENSE:
        lexical = view.lexical(lexical_query(question), weights.candidates)
    rows = _candidates(view, vector, lexical, mode, weights)
    if len(rows) == 0:
        return []
    words = np.array([lexical.get(row, 0.0) for row in rows.tolist()])
    if mode is Mode.LEXICAL:
        return _ordered(rows, words, [Signals(lexical=score) for score in words.tolist()])
    passage, heading = (part.astype(np.float64) for part in view.cosines(vector, rows))
    dense = passage + weights.heading * heading
    scores = dense
    if mode is Mode.HYBRID:
        scores = weights.dense * _standard(dense) + (1 - weights.dense) * _standard(words)
        scores = scores + weights.fresh * view.freshness(rows)
    signals = [
        Signals(dense=p, heading=h, lexical=w if mode is Mode.HYBRID else None)
        for p, h, w in zip(passage.tolist(), heading.tolist(), words.tolist(), strict=True)
    ]
    return _ordered(rows, scores, signals)


def _candidates(
    view: SearchView,
    vector: Vectors,
    lexical: dict[int, float],
    mode: Mode,
    weights: RankingWeights,
) -> Rows:
    parts = [np.array(list(lexical), np.int64)]
    if mode is not Mode.LEXICAL:
        parts.append(view.nearest(vector, weights.candidates))
        parts.append(view.nearest_by_heading(vector, weights.candidates // 2))
    return np.unique(np.concatenate(parts))


def _standard(values: Scores) -> Scores:
    """Standard scores; all zero where the values do not differ."""
    # Not told by the deviation, which rounding may leave above zero.
    if values.min() == values.max():
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / values.std())


def _ordered(rows: Rows, scores: Scores, signals: list[Signals]) -> list[Ranked]:
    order = np.lexsort((rows, -scores))
    return [Ranked(int(rows[i]), float(scores[i]), signals[i]) for i in order.tolist()]
