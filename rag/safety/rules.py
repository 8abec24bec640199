"""Rules: which concepts, said close to each other, mean which level."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.safety.lexicon import Found, Stretch
from rag.types import Level

# Words between the first and the last concept of a match: two short clauses' worth.
_WITHIN = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """A level and category for concepts that occur together.

    needs:   groups of concepts; of each group one must occur, all within `within` words
    unless:  concepts that must not occur as near to the match
    lasting: holds also when the reader says that it is over
    asked:   holds also in a question about nobody in particular
    timing:  concepts that tell when, not what
    """

    id: str
    level: Level
    category: str
    needs: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]
    within: int
    lasting: bool
    asked: bool
    timing: frozenset[str] = frozenset()

    def is_fresh(self, fresh: Collection[str]) -> bool:
        """Whether at least one complaint of the rule is said of now."""
        names = (name for group in self.needs for name in group)
        return any(name in fresh and name not in self.timing for name in names)

    def matches(self, found: Found) -> bool:
        """Whether the concepts occur together. Linear in the number of their occurrences."""
        for group in self.needs:
            if not any(name in found for name in group):
                return False
        window = _closest(self.needs, found)
        if window is None or window[1] - window[0] > self.within + 1:
            return False
        near = (window[0] - self.within, window[1] + self.within)
        return not any(
            near[0] <= start <= near[1] for name in self.unless for start, _ in found.get(name, ())
        )


def parse_rules(
    rows: Iterable[Mapping[str, Any]], concepts: Container[str], timing: Iterable[str]
) -> tuple[Rule, ...]:
    """Rules of the data files in their order. Raises ValueError for an unknown concept."""
    of_timing = frozenset(timing)
    rules = tuple(_parse(row, of_timing) for row in rows)
    for rule in rules:
        for name in (*(name for group in rule.needs for name in group), *rule.unless):
            if name not in concepts:
                raise ValueError(
                    f"Rule {rule.id!r} names the concept {name!r}, for which there are no words. "
                    "Add it under [concepts] of a file in words/, or mend the rule."
                )
    return rules


def _parse(row: Mapping[str, Any], timing: frozenset[str]) -> Rule:
    return Rule(
        id=row["id"],
        level=Level(row["level"]),
        category=row["category"],
        needs=tuple(tuple(group.split("|")) for group in row["all"]),
        unless=tuple(row.get("none", ())),
        within=row.get("within", _WITHIN),
        lasting=row.get("lasting", False),
        asked=row.get("asked", False),
        timing=timing,
    )


def _closest(needs: Sequence[Sequence[str]], found: Found) -> Stretch | None:
    """The shortest stretch, by first words, that holds an occurrence of every group.

    Sweeps all occurrences once and remembers the latest of each group: whatever stretch ends at
    an occurrence, the latest ones before it make it shortest.
    """
    events = sorted(
        (start, index)
        for index, group in enumerate(needs)
        for name in group
        for start, _ in found.get(name, ())
    )
    latest = [-1] * len(needs)
    missing = len(needs)
    best: Stretch | None = None
    for position, index in events:
        missing -= latest[index] < 0
        latest[index] = position
        if missing:
            continue
        start = min(latest)
        if best is None or position - start < best[1] - best[0]:
            best = (start, position)
    return best
