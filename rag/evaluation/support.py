"""How well a support score tells questions the articles answer from those they do not.

A question is accepted if its score is at least the threshold. One that is refused whatever its
score (small talk, an emergency) has the score −∞ and is never accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.errors import DatasetError


@dataclass(frozen=True, slots=True)
class SupportReport:
    """Abstention measured at one threshold and over all.

    answerable, unanswerable:  numbers of questions
    coverage:                  share of the answerable questions that is accepted
    false_answers:             share of the unanswerable questions that is accepted
    aurc, excess_aurc:         as the functions of these names
    """

    answerable: int
    unanswerable: int
    coverage: float
    false_answers: float
    aurc: float
    excess_aurc: float
    threshold: float


def measure_support(
    answerable: Sequence[float], unanswerable: Sequence[float], threshold: float
) -> SupportReport:
    """Coverage, false answers and the risk over all thresholds, from the questions' scores.

    Raises DatasetError if there are no questions of a kind.
    """
    return SupportReport(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        coverage=accepted_share(answerable, threshold),
        false_answers=accepted_share(unanswerable, threshold),
        aurc=aurc(answerable, unanswerable),
        excess_aurc=excess_aurc(answerable, unanswerable),
        threshold=threshold,
    )


def accepted_share(scores: Sequence[float], threshold: float) -> float:
    """Share of the questions whose score is at least the threshold and not −∞.

    Raises DatasetError without questions.
    """
    if not len(scores):
        raise DatasetError("There is no question to score. Give a file with at least one row.")
    return sum(-np.inf < score >= threshold for score in scores) / len(scores)


def aurc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Area under the risk–coverage curve, lower is better: the mean over all thresholds of the
    share of unanswerable questions among the accepted.

    Each question's score is one threshold, so equal scores stand or fall together and weigh as
    many questions as there are. Zero where nothing can be accepted.

    Geifman, Uziel and El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural
    Classifiers", ICLR 2019.
    """
    good, bad = _acceptable(answerable), _acceptable(unanswerable)
    thresholds = np.concatenate([good, bad])
    if not thresholds.size:
        return 0.0
    wrong = bad.size - np.searchsorted(bad, thresholds)
    right = good.size - np.searchsorted(good, thresholds)
    return float(np.mean(wrong / (wrong + right)))


def excess_aurc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """`aurc` beyond that of a perfect ranking, which has every answerable question on top.

    Most of `aurc` is how many unanswerable questions there are; this is what the score can mend.
    """
    good, bad = _acceptable(answerable).size, _acceptable(unanswerable).size
    perfect = aurc(range(bad, bad + good), range(bad))
    return aurc(answerable, unanswerable) - perfect


def _acceptable(scores: Sequence[float]) -> NDArray[np.float64]:
    """The scores above −∞, rising."""
    values = np.array(scores, dtype=np.float64)
    return np.sort(values[values > -np.inf])
