"""Cut passages into units that can stand alone as a quote: whole sentences, whole meanings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answering.marks import (
    answers,
    forbids,
    is_about_facts,
    is_about_myths,
    is_ended,
    leads_in,
    names_fact,
    names_myth,
    points_back,
    stands,
    turns,
)
from rag.types import Span, StoredPassage

_LONGEST_UNIT = 600
_MOST_ITEMS = 8
# With its lead-in a list of whole sentences is then as long as an answer may be.
_MOST_FULL_ITEMS = 4
# A list item longer than this is a sentence that lost its full stop.
_LONGEST_ITEM = 200
# Two sentences back nothing is pointed at any more.
_FARTHEST_BACK = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """Neighbouring sentences that are quoted together or not at all.

    passage: its place among the passages given; core: the sentence that it is chosen for, counted
    in the passage; span: where it stands in the article; size: sentences, items of a list without
    a full stop being part of the sentence that leads in to them.
    """

    passage: int
    core: int
    span: Span
    size: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The sentences of a passage and of the one before it.

    leads: for each the lead-in it must not be quoted without; opens: whether the section begins
    here; doubtful: whether nothing counts as true that is not called a fact.
    """

    texts: Sequence[str]
    leads: Sequence[int | None]
    opens: bool
    doubtful: bool


def find_units(number: int, stored: StoredPassage) -> list[Unit]:
    """The units of a passage, in order. None of a passage that only tells what is untrue."""
    heading = stored.passage.section
    myths = is_about_myths(heading)
    if myths and not is_about_facts(heading):
        return []
    spans = (*stored.before, *stored.passage.sentences)
    stretch = _stretch(stored, spans, doubtful=myths)
    units = []
    for core in range(len(stored.before), len(spans)):
        found = _bounds(stretch, core)
        if found is None:
            continue
        first, last = found
        quoted = stretch.texts[first : last + 1]
        if forbids(heading) and not any(turns(text) for text in quoted):
            continue
        span = Span(spans[first].start, spans[last].end)
        if span.end - span.start <= _LONGEST_UNIT:
            size = sum(is_ended(text) for text in quoted)
            units.append(Unit(number, core - len(stored.before), span, max(size, 1)))
    return units


def _stretch(stored: StoredPassage, spans: Sequence[Span], *, doubtful: bool) -> _Stretch:
    text = stored.article.text
    texts = [text[span.start : span.end] for span in spans]
    start = spans[0].start if spans else 0
    section = max((s.start for s in stored.article.sections if s.start <= start), default=0)
    gaps = [text[left.end : right.start].count("\n") for left, right in pairwise(spans)]
    return _Stretch(texts, _leads(texts, [0, *gaps]), not text[section:start].strip(), doubtful)


def _leads(texts: Sequence[str], gaps: Sequence[int]) -> list[int | None]:
    """For each sentence in a list the lead-in that turns its meaning, if there is one.

    gaps: newlines before each sentence. A list of lines ends at the first empty line after it.
    """
    leads: list[int | None] = []
    lead: int | None = None
    dense = False
    for index, text in enumerate(texts):
        if lead is not None:
            ended = dense and gaps[index] > 1
            dense = dense or gaps[index] == 1
            ended = ended or names_fact(text) or index - lead > _MOST_ITEMS
            lead = None if ended else lead
        leads.append(lead)
        if leads_in(text):
            lead, dense = index if turns(text) else None, False
    return leads


def _bounds(stretch: _Stretch, core: int) -> tuple[int, int] | None:
    """First and last sentence of the unit around `core`; None where it cannot be quoted."""
    texts = stretch.texts
    last = core
    if leads_in(texts[core]):
        last = _last_item(texts, core)
        if last == core or not answers(texts[core]):
            return None
    elif not stands(texts[core]):
        return None
    first = _first(stretch, core)
    if first is None or _is_untrue(stretch, first, last):
        return None
    return (first, last) if all(answers(text) for text in texts[first:core]) else None


def _is_untrue(stretch: _Stretch, first: int, last: int) -> bool:
    """Whether one of these sentences is what an article calls a myth, up to the fact after it."""
    untrue = stretch.doubtful
    for index, text in enumerate(stretch.texts[: last + 1]):
        untrue = names_myth(text) or (untrue and not names_fact(text))
        if untrue and index >= first:
            return True
    return False


def _first(stretch: _Stretch, core: int) -> int | None:
    """Where a unit for this sentence has to begin to be understood; None where that is not there.

    The first sentence of a section points to its heading if anywhere, which a reader is shown.
    """
    texts = stretch.texts
    first, back = core, 0
    while True:
        lead = stretch.leads[first]
        if lead is not None:
            first = lead
        elif not points_back(texts[first]):
            return first
        elif first == 0:
            return first if stretch.opens else None
        elif back == _FARTHEST_BACK or not is_ended(texts[first - 1]):
            return None
        else:
            first, back = first - 1, back + 1


def _last_item(texts: Sequence[str], lead: int) -> int:
    """The last item of the list that a lead-in opens; the lead-in itself where there is none."""
    last = lead
    full = 0
    for index in range(lead + 1, min(len(texts), lead + 1 + _MOST_ITEMS)):
        item = texts[index]
        full += is_ended(item)
        if leads_in(item) or not answers(item) or len(item) > _LONGEST_ITEM:
            break
        if full > _MOST_FULL_ITEMS:
            break
        last = index
    return last
