"""Cut passages into units that can stand alone as a quote: whole sentences, whole meanings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text import words
from rag.types import Span, StoredPassage

# A sentence that points back says something only after the one before it.
_POINTS_BACK = re.compile(
    r"(?:however|but|and|or|so|also|thus|therefore|hence|instead|moreover|furthermore|otherwise|"
    r"then|nevertheless|nonetheless|still|yet|besides|consequently|similarly|likewise|in addition|"
    r"for example|for instance|in contrast|on the other hand|as a result|in this case|"
    r"in these cases|in such cases|this|that|these|those|such|it|its|they|them|their|he|she|his|"
    r"her|both|neither|another|others|some of (?:these|them)|most of (?:these|them)|"
    r"one of (?:these|them)|the (?:former|latter|following|above|same))\b",
    re.IGNORECASE,
)
# "It is important to …" points nowhere.
_POINTS_NOWHERE = re.compile(
    r"it(?:'s| is| was| may be| can be| might be| seems| takes| helps)? "
    r"(?:also |usually |often |not |very |always |best |still )*"
    r"(?:important|possible|likely|unlikely|common|rare|known|unknown|unclear|clear|recommended|"
    r"estimated|thought|believed|safe|best|difficult|hard|easy|helpful|necessary|normal)"
    r"\b|this (?:article|page|section|information)\b",
    re.IGNORECASE,
)
_MYTH = re.compile(
    r"\W*(?:myth|misconception|false|fiction|rumou?r)\b\s*(?:\d+\s*)?[:.\u2013\u2014-]", re.I
)
_FACT = re.compile(r"\W*(?:fact|truth|true|reality)\b\s*(?:\d+\s*)?[:.\u2013\u2014-]", re.I)
_MYTH_HEADING = re.compile(r"\b(?:myths?|misconceptions?|rumou?rs?)\b", re.IGNORECASE)
_FACT_HEADING = re.compile(r"\bfacts?\b", re.IGNORECASE)
# What tells the reader to look elsewhere answers nothing.
_POINTER = re.compile(
    r"(?:see|click|visit|read|refer to|learn more|find out more|for more|for additional|"
    r"to learn more|to find|more information|additional information|related (?:topics|articles)|"
    r"source|references?|copyright|last (?:updated|reviewed)|watch|view|listen to|"
    r"these resources|the following (?:resources|organi[sz]ations|links|images|tables?))\b",
    re.IGNORECASE,
)
# Lines about the page that stand in the middle of a text.
_ABOUT_PAGE = re.compile(r"\b(?:updated by|review(?:ed)? (?:provided )?by|editorial team)\b", re.I)
_BULLET = re.compile(r"\s*[-•*·>–—]\s")
_ADDRESS = re.compile(r"https?://|www\.|\S+@\S+\.\S+|1-8\d\d-")
_TERMINAL = re.compile(r"[.!?。！？…][\"'”’»)\]]*(?:\s*\[\d[\d,–\- ]*\])?$")
_QUESTION = re.compile(r"[?？][\"'”’»)\]]*$")
_LEAD_IN = re.compile(r"[:：]$")

_FEWEST_WORDS = 4
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


def find_units(number: int, stored: StoredPassage) -> list[Unit]:
    """The units of a passage, in order. None of a passage that only tells what is untrue."""
    heading = stored.passage.section
    if _MYTH_HEADING.search(heading) and not _FACT_HEADING.search(heading):
        return []
    spans = (*stored.before, *stored.passage.sentences)
    texts = [stored.article.text[span.start : span.end] for span in spans]
    units = []
    for core in range(len(stored.before), len(spans)):
        found = _bounds(texts, core)
        if found is None:
            continue
        first, last = found
        span = Span(spans[first].start, spans[last].end)
        if span.end - span.start <= _LONGEST_UNIT:
            size = sum(_TERMINAL.search(text) is not None for text in texts[first : last + 1])
            units.append(Unit(number, core - len(stored.before), span, max(size, 1)))
    return units


def _bounds(texts: Sequence[str], core: int) -> tuple[int, int] | None:
    """First and last sentence of the unit around `core`; None where it cannot be quoted."""
    last = core
    if _LEAD_IN.search(texts[core]):
        last = _last_item(texts, core)
        if last == core:
            return None
    elif not _stands(texts[core]):
        return None
    first = _first(texts, core)
    if first is None:
        return None
    lead = texts[first:core]
    if any(_QUESTION.search(text) for text in lead) or _is_untrue(texts, first, core):
        return None
    return first, last


def _stands(text: str) -> bool:
    return (
        _TERMINAL.search(text) is not None
        and _QUESTION.search(text) is None
        and len(words(text)) >= _FEWEST_WORDS
        and _POINTER.match(text) is None
        and _ADDRESS.search(text) is None
        and _ABOUT_PAGE.search(text) is None
        and _BULLET.match(text) is None
    )


def _is_untrue(texts: Sequence[str], first: int, core: int) -> bool:
    """Whether one of these sentences is what an article calls a myth, up to the fact after it."""
    untrue = False
    for index, text in enumerate(texts[: core + 1]):
        untrue = _MYTH.match(text) is not None or (untrue and not _FACT.match(text))
        if untrue and index >= first:
            return True
    return False


def _first(texts: Sequence[str], core: int) -> int | None:
    """Where a unit for this sentence has to begin to be understood; None where that is not there.

    The first sentence of a section points to its heading if anywhere, which a reader is shown.
    """
    first = core
    while first > 0 and _points_back(texts[first]):
        if core - first == _FARTHEST_BACK or not _TERMINAL.search(texts[first - 1]):
            return None
        first -= 1
    return first


def _points_back(text: str) -> bool:
    start = text.lstrip("\"'“‘(")
    return _POINTS_BACK.match(start) is not None and _POINTS_NOWHERE.match(start) is None


def _last_item(texts: Sequence[str], lead: int) -> int:
    """The last item of the list that a lead-in opens; the lead-in itself where there is none."""
    last = lead
    full = 0
    for index in range(lead + 1, min(len(texts), lead + 1 + _MOST_ITEMS)):
        item = texts[index]
        full += _TERMINAL.search(item) is not None
        if _LEAD_IN.search(item) or _QUESTION.search(item) or len(item) > _LONGEST_ITEM:
            break
        if full > _MOST_FULL_ITEMS:
            break
        last = index
    return last
