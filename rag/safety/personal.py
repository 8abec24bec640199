"""Hears from a question's vector whether it asks for a decision about one person.

The rules know the words that they were written with; a sentence vector is near those of other
words for the same request. Multinomial logistic regression over the vector: one score for an
ordinary question and one for each limit. It belongs to one encoder and is silent with any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.types import Reason, Vectors


@dataclass(frozen=True, slots=True)
class Personal:
    """Weights by limit, and how sure they have to be.

    encoder:   digest of the encoder whose vectors the weights are for
    weights:   (limits, dimension), for the difference to an ordinary question
    biases:    (limits,)
    threshold: natural log odds of any limit above which a question is limited
    """

    encoder: str
    reasons: tuple[Reason, ...]
    weights: NDArray[np.float32]
    biases: NDArray[np.float64]
    threshold: float

    def reason(self, vector: Vectors, encoder: str) -> Reason | None:
        """The likeliest limit of a question with a unit vector (dimension,), or None."""
        if encoder != self.encoder:
            return None
        scores = self.scores(vector)
        if float(np.logaddexp.reduce(scores)) <= self.threshold:
            return None
        return self.reasons[int(scores.argmax())]

    def scores(self, vector: Vectors) -> NDArray[np.float64]:
        """Log odds of each limit against an ordinary question, (limits,)."""
        scores: NDArray[np.float64] = self.weights.astype(np.float64) @ vector + self.biases
        return scores


def load_personal(raw: bytes, table: Mapping[str, Any]) -> Personal:
    """What personal.bin holds, as its table tells. Raises ValueError where they differ."""
    if hashlib.sha256(raw).hexdigest() != table["sha256"]:
        raise ValueError("personal.bin is not the file that personal.toml describes.")
    reasons = tuple(Reason(name) for name in table["reasons"])
    return Personal(
        encoder=table["encoder"],
        reasons=reasons,
        weights=np.frombuffer(raw, np.float32).reshape(len(reasons), -1),
        biases=np.array(table["biases"], np.float64),
        threshold=table["threshold"],
    )
