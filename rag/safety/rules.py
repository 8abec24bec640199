"""Which concepts, said close to each other, mean which level, or that an answer has limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rag.safety.lexicon import Found, Stretch
from rag.types import Level, Reason

# Words between the first and the last concept of a match: two short clauses' worth.
_WITHIN = 12


@dataclass(frozen=True, slots=True)
class Combination:
    """Concepts that mean something when they occur together.

    needs:  groups of concepts; of each group one must occur, all within `within` words
    unless: concepts that must not occur as near to the match
    """

    id: str
    needs: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]
    within: int

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

    def places(self, found: Found) -> list[int]:
        """The words of the closest match, where there is one."""
        window = _closest(self.needs, found) or (0, -1)
        names = {name for group in self.needs for name in group}
        return sorted(
            position
            for name in names
            for start, end in found.get(name, ())
            if window[0] <= start <= window[1]
            for position in range(start, end)
        )


@dataclass(frozen=True, slots=True)
class Rule(Combination):
    """A level and category for a combination.

    lasting: holds also when the reader says that it is over
    asked:   holds also in a question about nobody in particular
    unsure:  means `urgent` at least, and its own level only where the classifier agrees a little
    timing:  concepts that tell when, not what
    """

    level: Level
    category: str
    lasting: bool = False
    asked: bool = False
    unsure: bool = False
    timing: frozenset[str] = frozenset()

    def is_fresh(self, fresh: Collection[str]) -> bool:
        """Whether at least one complaint of the rule is said of now."""
        names = (name for group in self.needs for name in group)
        return any(name in fresh and name not in self.timing for name in names)


@dataclass(frozen=True, slots=True)
class Limit(Combination):
    """What may not be answered as it was asked."""

    reason: Reason


Kind = TypeVar("Kind", bound=Combination)


@dataclass(frozen=True, slots=True)
class Rulebook(Generic[Kind]):
    """Rules in order, and under each concept the positions of those to try where it is said.

    A message says few concepts, and most rules need one that it does not say.
    """

    rules: tuple[Kind, ...]
    under: Mapping[str, tuple[int, ...]]

    def candidates(self, found: Iterable[str]) -> list[Kind]:
        """The rules, in order, that can match what was found; the others cannot."""
        positions = {position for name in found for position in self.under.get(name, ())}
        return [self.rules[position] for position in sorted(positions)]


def rulebook(rules: Sequence[Kind]) -> Rulebook[Kind]:
    """Rules in their order, each under the concepts of its group that the fewest rules need."""
    needed = Counter(name for rule in rules for group in rule.needs for name in group)
    under: dict[str, list[int]] = {}
    for position, rule in enumerate(rules):
        rarest = min(rule.needs, key=lambda group: sum(needed[name] for name in group))
        for name in set(rarest):
            under.setdefault(name, []).append(position)
    return Rulebook(tuple(rules), {name: tuple(places) for name, places in under.items()})


def parse_rules(
    rows: Iterable[Mapping[str, Any]], concepts: Container[str], timing: Iterable[str]
) -> tuple[Rule, ...]:
    """Rules of the data files in their order. Raises ValueError for an unknown concept."""
    of_timing = frozenset(timing)
    return tuple(
        Rule(
            **_combination(row, concepts),
            level=Level(row["level"]),
            category=row["category"],
            lasting=row.get("lasting", False),
            asked=row.get("asked", False),
            unsure=row.get("unsure", False),
            timing=of_timing,
        )
        for row in rows
    )


def parse_limits(rows: Iterable[Mapping[str, Any]], concepts: Container[str]) -> tuple[Limit, ...]:
    """Limits of the data files in their order. Raises ValueError for an unknown concept."""
    return tuple(Limit(**_combination(row, concepts), reason=Reason(row["reason"])) for row in rows)


def _combination(row: Mapping[str, Any], concepts: Container[str]) -> dict[str, Any]:
    needs = tuple(tuple(group.split("|")) for group in row["all"])
    unless = tuple(row.get("none", ()))
    for name in (*(name for group in needs for name in group), *unless):
        if name not in concepts:
            raise ValueError(
                f"Rule {row['id']!r} names the concept {name!r}, for which there are no words. "
                "Add it under [concepts] of a language's file, or mend the rule."
            )
    return {
        "id": row["id"],
        "needs": needs,
        "unless": unless,
        "within": row.get("within", _WITHIN),
    }


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
