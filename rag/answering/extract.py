"""Choose the sentences that answer: a deciding one first, then others in reading order.

A unit's score is its core sentence's cosine to the question, plus smaller shares of its
neighbours' cosines, of its place in the section and of how well the passage fits. Sentence
vectors are means of token vectors in the context of their passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.answering.aspects import (
    DEFINITION,
    asked_aspects,
    asks_the_same,
    asks_whether,
    defines,
    speaks_of,
)
from rag.answering.marks import leads_in
from rag.answering.units import Unit, find_units
from rag.text import jaccard, word_set
from rag.types import Span, StoredPassage, Vectors
from rag.vectors import unit as to_unit

# Statements that share this much of their words say the same; the contract allows less than .6.
_DUPLICATE = 0.5
# A sentence nearly all of whose words stand in another adds nothing to it.
_CONTAINED = 0.8
_FEWEST_TO_CONTRAST = 2


@dataclass(frozen=True, slots=True)
class ExtractionWeights:
    """What a unit's score is made of, and what share of the best one's a further unit needs.

    contrast: how much of what a passage's sentences have in common is taken out of their vectors.
    position, opening: for the first sentence of a section and, beside that, of an article, which
    often gives the answer that the rest explains; the second gets half of it, and so on.
    listing: taken from what opens a list where a yes or a no is wanted.
    """

    contrast: float = 0.5
    neighbours: float = 0.25
    position: float = 0.2
    opening: float = 0.1
    listing: float = 0.1
    passage: float = 0.25
    aspect: float = 0.2
    share: float = 0.8


DEFAULT_WEIGHTS = ExtractionWeights()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer, and how well it fits the question, on the scale of cosines."""

    stored: StoredPassage
    relevance: float


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote of an answer: where it stands, and the passage it was taken from."""

    stored: StoredPassage
    span: Span

    @property
    def text(self) -> str:
        """The quote, exactly as the article has it."""
        return self.stored.article.text[self.span.start : self.span.end]


def extract(
    question: str,
    vector: Vectors,
    candidates: Sequence[Candidate],
    most_sentences: int,
    weights: ExtractionWeights = DEFAULT_WEIGHTS,
) -> list[Quote]:
    """At most `most_sentences` sentences of the passages, as quotes; none where nothing stands.

    vector: the question encoded, shape (dimension,).
    """
    passages = [candidate.stored for candidate in candidates]
    units = [
        unit
        for number, stored in enumerate(passages)
        for unit in find_units(number, stored)
        if unit.size <= most_sentences
    ]
    scores = _scores(vector, candidates, units, weights)
    asked = asked_aspects(question)
    scores += weights.aspect * np.array(
        [_speaks(unit, passages, question, asked) for unit in units]
    )
    if asks_whether(question):
        scores -= weights.listing * np.array([leads_in(_core(unit, passages)) for unit in units])
    order = sorted(range(len(units)), key=lambda i: (-scores[i], units[i].passage, units[i].core))
    best = [units[i] for i in order if scores[i] >= _least(scores[order[0]], weights.share)]
    chosen = _choose(best, passages, most_sentences)
    # Two neighbours may together repeat what neither repeats alone.
    ordered = _distinct(_in_reading_order(chosen, passages), passages)
    return [Quote(passages[unit.passage], unit.span) for unit in ordered]


def _scores(
    vector: Vectors,
    candidates: Sequence[Candidate],
    units: Sequence[Unit],
    weights: ExtractionWeights,
) -> NDArray[np.float64]:
    cosines = [_contrasted(c.stored.vectors, weights.contrast) @ vector for c in candidates]
    return np.array(
        [
            float(cosines[unit.passage][unit.core])
            + weights.neighbours * _neighbours(cosines[unit.passage], unit.core)
            + _early(candidates[unit.passage].stored, unit.core, weights)
            + weights.passage * candidates[unit.passage].relevance
            for unit in units
        ]
    )


def _early(stored: StoredPassage, core: int, weights: ExtractionWeights) -> float:
    """What a sentence gains by its place in section and article."""
    opens = stored.passage.start <= stored.article.sections[0].start
    gain = weights.position + (weights.opening if opens else 0.0)
    return gain / (1 + len(stored.before) + core)


def _least(best: float, share: float) -> float:
    """The lowest score that is good enough beside the best one, which may be negative."""
    return best - (1 - share) * abs(best)


def _speaks(
    unit: Unit, passages: Sequence[StoredPassage], question: str, asked: frozenset[str]
) -> float:
    """How much a unit speaks of what is asked: in itself, and in its heading half as much.

    What a thing is counts double where that is asked, since much else is told of it.
    """
    heading = passages[unit.passage].passage.section
    sentence = _core(unit, passages)
    in_text = float(speaks_of(sentence, asked))
    if DEFINITION in asked and defines(sentence, question):
        in_text = 2.0
    in_heading = speaks_of(heading, asked) or asks_the_same(heading, question)
    return in_text + 0.5 * in_heading


def _core(unit: Unit, passages: Sequence[StoredPassage]) -> str:
    """The sentence that a unit is chosen for."""
    stored = passages[unit.passage]
    sentence = stored.passage.sentences[unit.core]
    return stored.article.text[sentence.start : sentence.end]


def _contrasted(sentences: Vectors, share: float) -> Vectors:
    """Sentence vectors without a share of their passage's direction, unit length.

    Token vectors are made in context, so all sentences of a passage resemble one another.
    """
    if len(sentences) < _FEWEST_TO_CONTRAST:
        return sentences
    return to_unit(sentences - share * to_unit(sentences.mean(axis=0)))


def _neighbours(cosines: NDArray[np.float32], index: int) -> float:
    around = [*cosines[max(index - 1, 0) : index], *cosines[index + 1 : index + 2]]
    return float(np.mean(around)) if around else 0.0


def _choose(units: Sequence[Unit], passages: Sequence[StoredPassage], most: int) -> list[Unit]:
    """The best units that fit and do not repeat one another, best first."""
    chosen: list[Unit] = []
    room = most
    for unit in units:
        if (
            unit.size <= room
            and not any(_overlap(unit, other, passages) for other in chosen)
            and _adds(unit, chosen, passages)
        ):
            chosen.append(unit)
            room -= unit.size
    return chosen


def _distinct(units: Sequence[Unit], passages: Sequence[StoredPassage]) -> list[Unit]:
    """The units that do not repeat one before them."""
    kept: list[Unit] = []
    for unit in units:
        if _adds(unit, kept, passages):
            kept.append(unit)
    return kept


def _adds(unit: Unit, others: Sequence[Unit], passages: Sequence[StoredPassage]) -> bool:
    """Whether a unit says something that none of the others does."""
    new = _words(unit, passages)
    return not any(_repeats(new, _words(other, passages)) for other in others)


def _words(unit: Unit, passages: Sequence[StoredPassage]) -> frozenset[str]:
    return word_set(passages[unit.passage].article.text[unit.span.start : unit.span.end])


def _overlap(left: Unit, right: Unit, passages: Sequence[StoredPassage]) -> bool:
    same = passages[left.passage].article.id == passages[right.passage].article.id
    return same and left.span.start < right.span.end and right.span.start < left.span.end


def _repeats(new: frozenset[str], old: frozenset[str]) -> bool:
    """Whether two units say the same, or one is all but contained in the other."""
    smaller = min(len(new), len(old)) or 1
    return jaccard(new, old) >= _DUPLICATE or len(new & old) >= _CONTAINED * smaller


def _in_reading_order(chosen: Sequence[Unit], passages: Sequence[StoredPassage]) -> list[Unit]:
    """The best unit first, the others as they are read; direct neighbours become one unit."""
    joined = list(chosen[:1])
    for unit in sorted(chosen[1:], key=lambda unit: (unit.passage, unit.span.start)):
        for index, before in enumerate(joined):
            if _adjoins(before, unit, passages):
                span = Span(before.span.start, unit.span.end)
                joined[index] = replace(before, span=span, size=before.size + unit.size)
                break
        else:
            joined.append(unit)
    return joined


def _adjoins(before: Unit, unit: Unit, passages: Sequence[StoredPassage]) -> bool:
    """Whether nothing but white space stands between the end of one unit and the next."""
    article = passages[before.passage].article
    same = article.id == passages[unit.passage].article.id
    between = article.text[before.span.end : unit.span.start]
    return same and before.span.end < unit.span.start and not between.strip()
