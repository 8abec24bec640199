"""How well the safety gate does on messages whose level is known.

Recall is the share of messages that got their level or a graver one, where emergency and crisis
count as equally grave: both stop everything else and show whom to call. Bounds are the exact ones
of Clopper and Pearson (1934), which hold for small counts and for shares of 0 and 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.errors import DatasetError
from rag.evaluation.lines import read_rows, text_field
from rag.types import Level

_GRAVE = (Level.EMERGENCY, Level.CRISIS)
_HARMLESS = (Level.NONE, Level.INFORMATIONAL)
_RANK = {level: min(rank, 3) for rank, level in enumerate(Level)}
_CONFIDENCE = 0.95
# Halvings of an interval: the bound is then exact to about twelve digits.
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Message:
    """One message with the level it should get."""

    id: str
    text: str
    expected: Level
    language: str
    category: str


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of a count, with its 95 % bounds; of nothing it is 1 and tells nothing."""

    hits: int
    count: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Hits among the count."""
        return self.hits / self.count if self.count else 1.0


@dataclass(frozen=True, slots=True)
class SafetyReport:
    """What the gate made of the messages.

    recall: by level; by_language, by_category: of emergencies and crises together; false_cards:
    share of `none` and `informational` that got a card; confusion: expected and given level →
    count; misses: messages below their level, and false ones that got a card, with the level given.
    """

    messages: int
    recall: dict[str, Proportion]
    by_language: dict[str, Proportion]
    by_category: dict[str, Proportion]
    false_cards: Proportion
    confusion: dict[tuple[Level, Level], int] = field(default_factory=dict)
    misses: tuple[tuple[Message, Level], ...] = ()
    false: tuple[tuple[Message, Level], ...] = ()


def load_messages(path: Path) -> list[Message]:
    """Messages of a JSON-lines file, `.gz` too. Raises DatasetError."""
    messages = []
    for number, row in read_rows(path):
        place = f"{path}:{number}"
        expected, text = text_field(row, "expected", place), text_field(row, "text", place)
        if expected not in set(Level):
            levels = ", ".join(Level)
            raise DatasetError(f"{place}: 'expected' is {expected!r}. Write one of {levels}.")
        messages.append(
            Message(
                id=text_field(row, "id", place) or str(number),
                text=text,
                expected=Level(expected),
                language=text_field(row, "lang", place) or "unknown",
                category=text_field(row, "category", place) or "unknown",
            )
        )
    if not messages:
        raise DatasetError(f"{path} holds no message. Write one JSON object per line.")
    return messages


def measure_safety(messages: Sequence[Message], judge: Callable[[str], Level]) -> SafetyReport:
    """Measure what `judge` makes of each message's text."""
    given = [(message, judge(message.text)) for message in messages]
    grave = [(message, level) for message, level in given if message.expected in _GRAVE]
    harmless = [(message, level) for message, level in given if message.expected in _HARMLESS]
    return SafetyReport(
        messages=len(messages),
        recall={
            level.value: _recall(pair for pair in given if pair[0].expected is level)
            for level in reversed(Level)
            if level is not Level.NONE
        },
        by_language=_recall_by(grave, [message.language for message, _ in grave]),
        by_category=_recall_by(grave, [message.category for message, _ in grave]),
        false_cards=proportion([level in _GRAVE for _, level in harmless]),
        confusion=dict(Counter((message.expected, level) for message, level in given)),
        misses=tuple(pair for pair in given if not _reached(*pair)),
        false=tuple(pair for pair in harmless if pair[1] in _GRAVE),
    )


def proportion(outcomes: Sequence[bool]) -> Proportion:
    """The share of true ones with its Clopper-Pearson bounds."""
    hits, count = sum(outcomes), len(outcomes)
    tail = (1 - _CONFIDENCE) / 2
    low = _bound(lambda p: _at_least(hits, count, p) < tail) if hits else 0.0
    high = _bound(lambda p: _at_least(hits + 1, count, p) < 1 - tail) if hits < count else 1.0
    return Proportion(hits, count, low, high)


def _recall_by(
    grave: Sequence[tuple[Message, Level]], names: Sequence[str]
) -> dict[str, Proportion]:
    return {
        name: _recall(pair for pair, of in zip(grave, names, strict=True) if of == name)
        for name in sorted(set(names))
    }


def _recall(pairs: Iterable[tuple[Message, Level]]) -> Proportion:
    return proportion([_reached(*pair) for pair in pairs])


def _reached(message: Message, level: Level) -> bool:
    return _RANK[level] >= _RANK[message.expected]


def _bound(below: Callable[[float], bool]) -> float:
    """Where a rising condition ceases to hold, between 0 and 1."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return high


def _at_least(hits: int, count: int, chance: float) -> float:
    """Probability of at least so many hits among a count, each with the same chance."""
    if hits > count or chance in (0.0, 1.0):
        return float(hits <= count * chance)
    # In logarithms: the number of ways to choose is beyond any float from some 1,000 on.
    yes, no = math.log(chance), math.log1p(-chance)
    ways = math.lgamma(count + 1)
    return math.fsum(
        math.exp(
            ways - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * yes + (count - k) * no
        )
        for k in range(hits, count + 1)
    )
