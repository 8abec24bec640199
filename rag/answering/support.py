"""Do these passages answer the question? From absolute signals only, else an honest no.

A logistic model of what is known of each of the best passages, none of which depends on what else
is in the corpus (the best hit is always the best, also in a corpus of one article):

- the cosine of question and passage,
- the cosine of question and "title. heading",
- the share of the question's specific words found in title, heading and passage; words that many
  health questions share are not specific,
- how much is asked: long messages are less like any passage.

Whatever the model says, a passage is no answer to a short question if it does not name the
medicine that the question names, or has hardly any of its specific words: it is about something
alike. A short question without any specific word ("What are the symptoms?") has no subject.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.answering.remedies import named_remedies
from rag.text import content_words, one_slip_apart, read_words, words
from rag.types import Signals, StoredPassage

# As the ranking weighs the two cosines.
_HEADING_SHARE = 0.5
# The passages that decide: the answer is taken mostly from these.
_DECIDING = 3
# A passage that may add something has at least this share of the probability that decides, and of
# the specific words that another has.
_HELPING = 0.5
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
# A title of so few specific words names a subject; longer ones are sentences.
_SUBJECT_WORDS = 3
# A title that is a question names more than its subject.
_ASKED_SUBJECT_WORDS = 2
_HALF = 0.5
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("disk", "disc"), ("isation", "ization"))


@dataclass(frozen=True, slots=True)
class SupportModel:
    """Weights of the signals; supported is a probability of at least `threshold`.

    Fitted by logistic regression, every kind of question weighing the same: see docs/evaluation.md.
    """

    bias: float = -11.2
    dense: float = 4.9
    heading: float = 8.7
    coverage: float = 2.0
    length: float = 1.6
    threshold: float = 0.47


DEFAULT_MODEL = SupportModel()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for one passage as an answer.

    coverage: 0 to 1; length: natural logarithm of one more than the number of words asked with;
    on_subject: whether it names what a short question names.
    """

    article_id: str
    dense: float
    heading: float
    coverage: float
    length: float = 0.0
    on_subject: bool = True


def evidence(content: Sequence[str], stored: StoredPassage, signals: Signals) -> Evidence:
    """The signals of one passage for a question's content words."""
    text = f"{stored.article.title} {stored.passage.section} {stored.text}"
    there = frozenset(_spelt_alike(word) for word in words(text))
    wanted = list(dict.fromkeys(_spelt_alike(word) for word in content))
    specific = _specific(wanted)
    coverage = _coverage(specific, there)
    return Evidence(
        article_id=stored.article.id,
        dense=signals.dense or 0.0,
        heading=signals.heading or 0.0,
        coverage=coverage,
        length=math.log1p(len(wanted)),
        on_subject=(
            len(wanted) > _VERY_FEW_WORDS
            or (bool(specific) and not _is_alike(wanted, stored, coverage))
        )
        and (len(wanted) > _FEW_WORDS or _names(wanted, there)),
    )


def relevance(item: Evidence) -> float:
    """How well a passage fits a question, on the scale of cosines: −1 to 1."""
    return (item.dense + _HEADING_SHARE * item.heading) / (1 + _HEADING_SHARE)


def is_supported(items: Sequence[Evidence], model: SupportModel = DEFAULT_MODEL) -> bool:
    """Whether one of the best passages is likely enough to answer the question."""
    return any(support(item, model) >= model.threshold for item in items[:_DECIDING])


def helpful(items: Sequence[Evidence], model: SupportModel = DEFAULT_MODEL) -> list[int]:
    """The positions of those passages that may be quoted, where one of them answers.

    They are of an article that answers, or come near to answering themselves.
    """
    widest = max((item.coverage for item in items), default=0.0)
    answering = {item.article_id for item in items[:_DECIDING] if is_supported([item], model)}
    return [
        position
        for position, item in enumerate(items)
        if item.on_subject
        and (
            item.article_id in answering
            or (
                support(item, model) >= _HELPING * model.threshold
                and item.coverage >= _HELPING * widest
            )
        )
    ]


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


def _spelt_alike(word: str) -> str:
    """A word as both British and American readers could have spelt it."""
    for british, american in _SPELLINGS:
        word = word.replace(british, american)
    return word


def _specific(wanted: Sequence[str]) -> list[str]:
    return [word for word in wanted if word not in _generic_words() and not word.isdecimal()]


def _coverage(specific: Sequence[str], there: Collection[str]) -> float:
    """The share of these words that are there, perhaps misspelt; all of none."""
    found = sum(_is_found(word, there) or _misspelt(word, there) for word in specific)
    return found / len(specific) if specific else 1.0


def _is_alike(wanted: Sequence[str], stored: StoredPassage, coverage: float) -> bool:
    """Whether a passage is about something like what is asked, but not about that.

    It has hardly any of the words, or half of them where its article is named after another thing:
    "vulvar cancer" does not answer a question about cervical cancer.
    """
    title = stored.article.title
    named = _specific([_spelt_alike(w) for w in dict.fromkeys(content_words(title))])
    asks = title.rstrip().endswith(("?", "？"))
    names = len(named) <= (_ASKED_SUBJECT_WORDS if asks else _SUBJECT_WORDS)
    return coverage < _LEAST_COVERAGE or (
        names and coverage <= _HALF and _coverage(named, wanted) < 1
    )


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
    stem = word.removesuffix("s")[: max(_SHORTEST_STEM, len(word) - _ENDING)]
    return any(known.startswith(stem) for known in there)


@functools.cache
def _generic_words() -> frozenset[str]:
    return frozenset(read_words("rag.answering", "generic-words.txt"))
