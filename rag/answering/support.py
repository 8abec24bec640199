"""Do these passages answer the question? From absolute signals only, else an honest no.

A logistic model of three signals of the best passages, none of which depends on what else is in
the corpus (the best hit is always the best, also in a corpus of one article):

- the cosine of question and passage,
- the cosine of question and "title. heading",
- the share of the question's content words found in title, heading and passage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text import words
from rag.types import Signals, StoredPassage

# As the ranking weighs the two cosines.
_HEADING_SHARE = 0.5
# The passages that decide: the answer is taken mostly from these.
_DECIDING = 3
# How many letters of a word must agree: "treating" finds "treatment", "nerve" finds "nerves".
_STEM = 5


@dataclass(frozen=True, slots=True)
class SupportModel:
    """Weights of the signals; supported is a probability of at least `threshold`."""

    bias: float = -9.0
    dense: float = 9.0
    heading: float = 5.0
    coverage: float = 4.0
    threshold: float = 0.5


DEFAULT_MODEL = SupportModel()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one passage as an answer."""

    dense: float
    heading: float
    coverage: float


def evidence(content: Sequence[str], stored: StoredPassage, signals: Signals) -> Evidence:
    """The signals of one passage for a question's content words."""
    passage = stored.passage
    there = {
        _stem(word) for word in words(f"{stored.article.title} {passage.section} {stored.text}")
    }
    wanted = {_stem(word) for word in content}
    found = sum(stem in there for stem in wanted) / len(wanted) if wanted else 0.0
    return Evidence(signals.dense or 0.0, signals.heading or 0.0, found)


def relevance(item: Evidence) -> float:
    """How well a passage fits a question, on the scale of cosines: −1 to 1."""
    return (item.dense + _HEADING_SHARE * item.heading) / (1 + _HEADING_SHARE)


def is_supported(items: Sequence[Evidence], model: SupportModel = DEFAULT_MODEL) -> bool:
    """Whether one of the best passages is likely enough to answer the question."""
    return any(support(item, model) >= model.threshold for item in items[:_DECIDING])


def support(item: Evidence, model: SupportModel = DEFAULT_MODEL) -> float:
    """Probability that a passage with this evidence answers the question, 0 to 1."""
    logit = (
        model.bias
        + model.dense * item.dense
        + model.heading * item.heading
        + model.coverage * item.coverage
    )
    return 1 / (1 + math.exp(-logit))


def _stem(word: str) -> str:
    return word[:_STEM] if word.isascii() else word
