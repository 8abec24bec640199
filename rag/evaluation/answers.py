"""How much of an expert's extractive summary the selected sentences hold, by ROUGE.

Importing this module takes seconds, since rouge-score loads nltk and with it scipy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from rouge_score.rouge_scorer import RougeScorer

from rag.errors import DatasetError

ROUGE = ("rouge1", "rouge2", "rougeL")
"""Unigrams, bigrams and the longest common subsequence, in the order of every report."""


@dataclass(frozen=True, slots=True)
class Prf:
    """Mean precision, recall and F1 over questions, each 0 to 1."""

    precision: float
    recall: float
    f: float


def score_answers(pairs: Iterable[tuple[str, str]]) -> dict[str, Prf]:
    """ROUGE of (selected text, reference summary) pairs, one a question, with Porter stemming.

    `f` is the mean of the questions' F1, not the F1 of the means. Nothing selected scores zero.
    Raises DatasetError without a pair.

    Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
    """
    scores = [_scorer().score(reference, selected) for selected, reference in pairs]
    if not scores:
        raise DatasetError("There is no question to score. Give a file with at least one row.")
    return {name: _mean([score[name] for score in scores]) for name in ROUGE}


@cache
def _scorer() -> Any:  # rouge-score has no types
    return RougeScorer(list(ROUGE), use_stemmer=True)


def _mean(scores: list[tuple[float, float, float]]) -> Prf:
    precision, recall, f = np.mean(scores, axis=0)
    return Prf(float(precision), float(recall), float(f))
