"""The safety gate: whether a conversation mentions something that cannot wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rag.safety.cards import Cards, parse_entries
from rag.safety.frames import apply_frames
from rag.safety.lexicon import Lexicon, build_lexicon
from rag.safety.reading import read
from rag.safety.rules import Rule
from rag.safety.tables import load_tables, read_table
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
    tables = load_tables()
    return Gate(
        version=tables.version,
        rules=tuple(sorted(tables.rules, key=lambda rule: -_ORDER[rule.level])),
        lexicon=build_lexicon(tables.lists, tables.wording),
        cards=_cards(),
    )


def _cards() -> Cards:
    table = read_table("cards.toml")
    return Cards(
        texts=table["cards"],
        kinds=table["kinds"],
        extra=table["extra"],
        entries=parse_entries(read_table("contacts.toml")["contacts"]),
    )
