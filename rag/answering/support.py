"""Do these passages answer the question? From absolute signals only, else an honest no.

A logistic model of what is known of each of the best passages, none of which depends on what else
is in the corpus (the best hit is always the best, also in a corpus of one article):

- the cosine of question and passage,
- the cosine of question and "title. heading",
- the share of the question's specific words found in title, heading and passage; words that many
  health questions share are not specific,
- how much is asked: long messages are less like any passage.

Whatever the model says, a passage is no answer to a short question if it does not name the medicine
that the question names, or has hardly any of its specific words: it is about something alike.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.answering.remedies import named_remedies
from rag.text import one_slip_apart, read_words, words
from rag.types import Signals, StoredPassage

# As the ranking weighs the two cosines.
_HEADING_SHARE = 0.5
# The passages that decide: the answer is taken mostly from these.
_DECIDING = 3
# A word is found by its beginning, all but its last letters: "treating" finds "treatment", but
# "neuroblastoma" does not find "neuropathy".
_SHORTEST_STEM = 5
_ENDING = 4
# Shorter words are too often one letter apart.
_SHORTEST_MISSPELT = 6
# A message with more words than this may name a medicine by the way.
_FEW_WORDS = 12
# A question with no more words than this is about the specific ones; a longer one may circle them.
_VERY_FEW_WORDS = 4
_LEAST_COVERAGE = 1 / 3


@dataclass(frozen=True, slots=True)
class SupportModel:
    """Weights of the signals; supported is a probability of at least `threshold`.

    Fitted by logistic regression, every kind of question weighing the same: see docs/evaluation.md.
    """

    bias: float = -10.6
    dense: float = 4.2
    heading: float = 8.5
    coverage: float = 2.0
    length: float = 1.7
    threshold: float = 0.57


DEFAULT_MODEL = SupportModel()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one passage as an answer.

    coverage: 0 to 1; length: natural logarithm of one more than the number of words asked with;
    on_subject: whether it names what a short question names.
    """

    dense: float
    heading: float
    coverage: float
    length: float = 0.0
    on_subject: bool = True


def evidence(content: Sequence[str], stored: StoredPassage, signals: Signals) -> Evidence:
    """The signals of one passage for a question's content words."""
    there = frozenset(words(f"{stored.article.title} {stored.passage.section} {stored.text}"))
    wanted = list(dict.fromkeys(content))
    coverage = _coverage(wanted, there)
    return Evidence(
        dense=signals.dense or 0.0,
        heading=signals.heading or 0.0,
        coverage=coverage,
        length=math.log1p(len(wanted)),
        on_subject=(coverage >= _LEAST_COVERAGE or len(wanted) > _VERY_FEW_WORDS)
        and (len(wanted) > _FEW_WORDS or _names(wanted, there)),
    )


def relevance(item: Evidence) -> float:
    """How well a passage fits a question, on the scale of cosines: −1 to 1."""
    return (item.dense + _HEADING_SHARE * item.heading) / (1 + _HEADING_SHARE)


def is_supported(items: Sequence[Evidence], model: SupportModel = DEFAULT_MODEL) -> bool:
    """Whether one of the best passages is likely enough to answer the question."""
    return any(support(item, model) >= model.threshold for item in items[:_DECIDING])


def support(item: Evidence, model: SupportModel = DEFAULT_MODEL) -> float:
    """Probability that a passage with this evidence answers the question, 0 to 1."""
    if not item.on_subject:
        return 0.0
    logit = (
        model.bias
        + model.dense * item.dense
        + model.heading * item.heading
        + model.coverage * item.coverage
        + model.length * item.length
    )
    return 1 / (1 + math.exp(-logit))


def _coverage(wanted: Sequence[str], there: Collection[str]) -> float:
    """The share of the specific words that are there, perhaps misspelt; all of none."""
    specific = [word for word in wanted if word not in _generic_words() and not word.isdecimal()]
    found = sum(_is_found(word, there) or _misspelt(word, there) for word in specific)
    return found / len(specific) if specific else 1.0


def _names(wanted: Sequence[str], there: Collection[str]) -> bool:
    return all(
        any(name in there or _misspelt(name, there) for name in names)
        for names in named_remedies(wanted)
    )


def _misspelt(word: str, there: Collection[str]) -> bool:
    return len(word) >= _SHORTEST_MISSPELT and any(one_slip_apart(word, known) for known in there)


def _is_found(word: str, there: Collection[str]) -> bool:
    if word in there:
        return True
    stem = word[: max(_SHORTEST_STEM, len(word) - _ENDING)]
    return any(known.startswith(stem) for known in there)


@functools.cache
def _generic_words() -> frozenset[str]:
    return frozenset(read_words("rag.answering", "generic-words.txt"))
