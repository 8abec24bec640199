"""What surrounds a phrase and changes what it means: denial, the past, questions, idioms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.safety.lexicon import Found, Stretch
from rag.safety.reading import Reading

# "no fever, …" denies a list of things, "not …" the few words after it (cf. NegEx, Chapman 2001,
# which looks at 5; a list of denied symptoms runs longer).
_DENIED_AFTER_NO = 8
_DENIED_AFTER_NOT = 4
# A denial written after its subject ("chest pain: none") is not read: it would hide too much.
# "last year" dates what stands a few words from it, not all of a message without punctuation.
_PAST_REACH = 8

FRAMES = frozenset(
    {
        "idiom",
        "break",
        "no",
        "not",
        "not_a_denial",
        "past",
        "past_recent",
        "present",
        "resolved",
        "over",
        "self",
        "not_self",
        "greeting",
        "opens_question",
        "education",
        "study",
        "plainly_self",
    }
)
"""Phrase lists of frames.toml that the gate reads; each is explained there."""


@dataclass(frozen=True, slots=True)
class Framed:
    """Occurrences of concepts that are not denied, and what the words around them make of them.

    said:     all of them
    present:  those said of someone in particular, not asked or supposed in general
    fresh:    those of `present` that are not long past
    resolved: the message tells of something that is over
    """

    said: Found
    present: Found
    fresh: frozenset[str]
    resolved: bool


def apply_frames(reading: Reading, found: Found) -> Framed:
    """Sort the occurrences of concepts by what the words around them make of them."""
    count = len(reading.words)
    clauses = _clauses(reading, found.get("break", ()))
    concepts = {name: spans for name, spans in found.items() if name not in FRAMES}
    hidden = _covered(count, found.get("idiom", ()))
    said = _outside(concepts, hidden, _denied(clauses, found, concepts))
    general = _general_sentences(reading, found)
    asked = bytearray(number in general for number in reading.sentences)
    present = _outside(said, bytearray(), asked) if general else said
    past = _past(clauses, found)
    return Framed(
        said=said,
        present=present,
        fresh=frozenset(
            name for name, spans in present.items() if not all(past[start] for start, _ in spans)
        ),
        resolved=_resolved(count, found),
    )


def says_over(reading: Reading, found: Found) -> bool:
    """Whether a text says that what was told before is over, and does not deny it."""
    over = found.get("over", [])
    denied = _denied(_clauses(reading, found.get("break", ())), found, {"over": over})
    return any(not denied[start] for start, _ in over)


def _covered(count: int, spans: Iterable[Stretch]) -> bytearray:
    marks = bytearray(count)
    for start, end in spans:
        marks[start:end] = b"\x01" * (end - start)
    return marks


def _clauses(reading: Reading, breaks: Iterable[Stretch]) -> list[int]:
    """Clause numbers that also rise at `but`, `then`, `and my` and the like."""
    starts = _covered(len(reading.words), ((start, start + 1) for start, _ in breaks))
    clauses, extra = [], 0
    for clause, starting in zip(reading.clauses, starts, strict=True):
        extra += starting
        clauses.append(clause + extra)
    return clauses


def _denied(clauses: Sequence[int], found: Found, concepts: Found) -> bytearray:
    """Words within the reach of a denial. A denial inside a phrase ("not breathing") is none."""
    marks = bytearray(len(clauses))
    phrases = (span for spans in concepts.values() for span in spans if span[1] - span[0] > 1)
    not_cues = _covered(len(clauses), [*found.get("not_a_denial", ()), *phrases])
    for name, reach in (("no", _DENIED_AFTER_NO), ("not", _DENIED_AFTER_NOT)):
        for start, end in found.get(name, ()):
            if not_cues[start]:
                continue
            for position in range(end, min(end + reach, len(clauses))):
                if clauses[position] != clauses[start]:
                    break
                marks[position] = 1
    return marks


def _outside(concepts: Found, hidden: bytearray, barred: bytearray) -> Found:
    """Occurrences that touch no hidden word and do not begin at a barred one."""
    some_hidden = 1 in hidden
    if not some_hidden and 1 not in barred:
        return concepts
    kept = {
        name: [
            (start, end)
            for start, end in spans
            if not barred[start] and not (some_hidden and 1 in hidden[start:end])
        ]
        for name, spans in concepts.items()
    }
    return {name: spans for name, spans in kept.items() if spans}


def _past(clauses: Sequence[int], found: Found) -> bytearray:
    """Words that stand next to a date of long ago, in a clause without "now" or the like."""
    marks = bytearray(len(clauses))
    now = {clauses[start] for start, _ in found.get("present", ())}
    for start, end in found.get("past", ()):
        if clauses[start] in now:
            continue
        for position in range(max(0, start - _PAST_REACH), min(end + _PAST_REACH, len(clauses))):
            marks[position] |= clauses[position] == clauses[start]
    return marks


def _resolved(count: int, found: Found) -> bool:
    """Whether a message says that something past is over, and nothing of today besides."""
    if "resolved" not in found or not ("past" in found or "past_recent" in found):
        return False
    over = _covered(count, found["resolved"])
    return all(over[start] for start, _ in found.get("present", ()))


def _general_sentences(reading: Reading, found: Found) -> set[int]:
    """Sentences that ask, suppose or tell a story, and speak of nobody in particular."""
    numbers = reading.sentences
    harmless = _covered(len(numbers), found.get("not_self", ()))
    own = {numbers[start] for start, _ in found.get("self", ()) if not harmless[start]}
    asked = {numbers[start] for start, _ in found.get("education", ())}
    asked |= _opened_by_question(reading, found)
    if "plainly_self" in found:
        return asked - own
    now = {numbers[start] for start, _ in found.get("present", ())}
    study = {numbers[start] for start, _ in found.get("study", ())}
    return (asked - own) | (study - now)


def _opened_by_question(reading: Reading, found: Found) -> set[int]:
    """Sentences whose first word, after any greeting, begins a question."""
    count = len(reading.words)
    openers = _covered(count, ((start, start + 1) for start, _ in found.get("opens_question", ())))
    greetings = _covered(count, found.get("greeting", ()))
    opened: set[int] = set()
    previous, opening = -1, False
    for position, sentence in enumerate(reading.sentences):
        opening = opening or sentence != previous
        if opening and openers[position]:
            opened.add(sentence)
        opening = opening and bool(greetings[position])
        previous = sentence
    return opened
