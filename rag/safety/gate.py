"""The safety gate: whether a conversation mentions something that cannot wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rag.safety.cards import Cards, parse_entries
from rag.safety.conversation import ORDER, Verdict, over_turns
from rag.safety.frames import apply_frames, says_over
from rag.safety.lexicon import Found, Lexicon, build_lexicon
from rag.safety.reading import Reading, read
from rag.safety.rules import Limit, Rule
from rag.safety.tables import load_tables, read_table
from rag.types import Level, Reason, Role, Safety, Turn


@dataclass(frozen=True, slots=True)
class Gate:
    """Signposts to help from written rules alone: no index, no network, no model.

    It never diagnoses and never reassures. Equal messages always get equal verdicts.
    """

    version: str
    rules: tuple[Rule, ...]
    lexicon: Lexicon
    limits: tuple[Limit, ...]
    limit_lexicon: Lexicon
    cards: Cards

    def assess(self, message: str, history: Sequence[Turn]) -> Safety:
        """Level and category of a message in its conversation; never raises.

        Time is linear in the length of the conversation.
        """
        verdict = over_turns([*history, Turn(Role.USER, message)], self.judge, self._closes)
        return Safety(verdict.level, verdict.category)

    def present(self, safety: Safety, locale: str, country: str | None) -> Safety:
        """The same verdict with wording for a locale and contacts for a country."""
        return self.cards.present(safety, locale, country)

    def fill(self, text: str, locale: str, country: str | None) -> str:
        """A text with {emergency} and the like replaced by whom to call in a country."""
        return self.cards.fill(text, locale, country)

    def limit(self, message: str) -> Reason | None:
        """Why a message may not be answered as it was asked; None where it may. Never raises.

        The first limit that holds counts, in the order of the data files.
        """
        reading = read(message, self.limit_lexicon.wording.aliases)
        found = self.limit_lexicon.find(reading.words)
        return next((limit.reason for limit in self.limits if limit.matches(found)), None)

    def judge(self, text: str) -> Verdict:
        """What the rules make of one text by itself, and the words that led there."""
        reading = read(text, self.lexicon.wording.aliases)
        framed = apply_frames(reading, self.lexicon.find(reading.words))
        if not framed.said:
            return Verdict()
        for rule in self.rules:
            if rule.asked and rule.matches(framed.said):
                return _verdict(rule, rule.level, reading, framed.said)
            if not rule.lasting and framed.resolved:
                continue
            if rule.is_fresh(framed.fresh) and rule.matches(framed.present):
                return _verdict(rule, rule.level, reading, framed.present)
        for rule in self.rules:
            if rule.matches(framed.said):
                return _verdict(rule, Level.INFORMATIONAL, reading, framed.said)
        return Verdict()

    def _closes(self, text: str) -> bool:
        """Whether a text says that what was told is over."""
        reading = read(text, self.lexicon.wording.aliases)
        return says_over(reading, self.lexicon.find(reading.words))


def _verdict(rule: Rule, level: Level, reading: Reading, found: Found) -> Verdict:
    return Verdict(
        level=level,
        category=rule.category,
        rule=rule.id,
        words=tuple(dict.fromkeys(reading.words[i] for i in rule.places(found))),
        lasting=rule.lasting,
    )


@cache
def load_gate() -> Gate:
    """The gate with the packaged rules, cards and contacts; they are read once."""
    tables = load_tables()
    return Gate(
        version=tables.version,
        rules=tuple(sorted(tables.rules, key=lambda rule: -ORDER[rule.level])),
        lexicon=build_lexicon(tables.lists, tables.wording),
        limits=tables.limits,
        limit_lexicon=build_lexicon(tables.limit_lists, tables.wording),
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
