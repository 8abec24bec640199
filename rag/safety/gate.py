"""The safety gate: whether a conversation mentions something that cannot wait."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rag.safety.cards import Cards, parse_entries
from rag.safety.frames import FRAMES, apply_frames
from rag.safety.lexicon import Lexicon, Wording, build_lexicon
from rag.safety.reading import read
from rag.safety.rules import Rule, parse_rules
from rag.types import Level, Role, Safety, Turn

_ORDER = {level: rank for rank, level in enumerate(Level)}
_NOTHING = Safety()


@dataclass(frozen=True, slots=True)
class Gate:
    """Signposts to help from written rules alone: no index, no network, no model.

    It never diagnoses and never reassures. Equal messages always get equal verdicts.
    """

    version: str
    rules: tuple[Rule, ...]
    lexicon: Lexicon
    cards: Cards

    def assess(self, message: str, history: Sequence[Turn]) -> Safety:
        """Level and category of a message in its conversation; never raises.

        The most urgent of the message and all user turns counts; among equals the message
        first, then the latest turn. Time is linear in the length of the conversation.
        """
        spoken = [turn.content for turn in reversed(history) if turn.role is Role.USER]
        verdicts = (self._assess_one(text) for text in (message, *spoken))
        return max(verdicts, key=lambda verdict: _ORDER[verdict.level])

    def present(self, safety: Safety, locale: str, country: str | None) -> Safety:
        """The same verdict with wording for a locale and contacts for a country."""
        return self.cards.present(safety, locale, country)

    def _assess_one(self, text: str) -> Safety:
        reading = read(text, self.lexicon.wording.aliases)
        framed = apply_frames(reading, self.lexicon.find(reading.words))
        if not framed.said:
            return _NOTHING
        for rule in self.rules:
            if rule.asked and rule.matches(framed.said):
                return Safety(rule.level, rule.category)
            if not rule.lasting and framed.resolved:
                continue
            if rule.is_fresh(framed.fresh) and rule.matches(framed.present):
                return Safety(rule.level, rule.category)
        for rule in self.rules:
            if rule.matches(framed.said):
                return Safety(Level.INFORMATIONAL, rule.category)
        return _NOTHING


@cache
def load_gate() -> Gate:
    """The gate with the packaged rules, cards and contacts; they are read once."""
    rules, frames = _table("rules.toml"), _table("frames.toml")
    concepts = _with_inclusions(rules["concepts"])
    parsed = parse_rules(rules)
    return Gate(
        version=rules["version"],
        rules=tuple(sorted(parsed, key=lambda rule: -_ORDER[rule.level])),
        lexicon=build_lexicon({**concepts, **_frame_lists(frames)}, _wording(frames)),
        cards=_cards(),
    )


def _table(name: str) -> dict[str, Any]:
    resource = files("rag.safety").joinpath("data", name)
    return tomllib.loads(resource.read_text(encoding="utf-8"))


def _with_inclusions(concepts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Phrase lists in which `@other` stands for the phrases of another concept."""
    return {
        name: [
            phrase
            for entry in entries
            for phrase in (concepts[entry[1:]] if entry.startswith("@") else (entry,))
        ]
        for name, entries in concepts.items()
    }


def _frame_lists(frames: Mapping[str, Any]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = frames["frames"]
    if set(lists) != FRAMES:
        odd = sorted(set(lists) ^ FRAMES)
        raise ValueError(f"frames.toml and the gate disagree about the frame {odd[0]!r}.")
    return lists


def _wording(frames: Mapping[str, Any]) -> Wording:
    return Wording(
        fillers=frozenset(frames["fillers"]),
        aliases=frames["aliases"],
        expansions={word: long.split() for word, long in frames["expansions"].items()},
        numbers=frames["numbers"],
        classes={name: (low, high) for name, (low, high) in frames["classes"].items()},
        real_words=frozenset(frames["real_words"]),
    )


def _cards() -> Cards:
    table = _table("cards.toml")
    return Cards(
        texts=table["cards"],
        kinds=table["kinds"],
        extra=table["extra"],
        entries=parse_entries(_table("contacts.toml")["contacts"]),
    )
