"""The safety gate: whether a conversation mentions something that cannot wait."""

from __future__ import annotations

import gc
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from rag.safety.cards import Cards, Entry, parse_entries
from rag.safety.classifier import Classifier, load_classifier, notes
from rag.safety.conversation import ORDER, Verdict, over_turns
from rag.safety.frames import FRAMES, Framed, apply_frames, says_over
from rag.safety.lexicon import Found, Lexicon, build_lexicon
from rag.safety.personal import Personal, load_personal
from rag.safety.reading import Reading, read
from rag.safety.rules import Limit, Rule, Rulebook, rulebook
from rag.safety.tables import load_tables, read_bytes, read_table
from rag.types import Level, Reason, Role, Safety, Turn, Vectors

# The category of what only the classifier heard.
_UNNAMED = "unspecified"


@dataclass(frozen=True, slots=True)
class Gate:
    """Signposts to help from written rules and a small classifier: no index and no network.

    It never diagnoses and never reassures. Equal messages always get equal verdicts.
    """

    version: str
    rules: Rulebook[Rule]
    lexicon: Lexicon
    limits: Rulebook[Limit]
    limit_lexicon: Lexicon
    classifier: Classifier
    personal: Personal
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

    def article(self, safety: Safety) -> str | None:
        """The id of the article to link to beside an emergency card, if editors chose one."""
        if safety.level is not Level.EMERGENCY:
            return None
        return self.cards.articles.get(safety.category or "")

    def fill(self, text: str, locale: str, country: str | None) -> str:
        """A text with {emergency} and the like replaced by whom to call in a country."""
        return self.cards.fill(text, locale, country)

    def limit(self, message: str) -> Reason | None:
        """Why a message may not be answered as it was asked; None where it may. Never raises.

        The first limit that holds counts, in the order of the data files.
        """
        reading = read(message, self.limit_lexicon.wording.aliases)
        found = self.limit_lexicon.find(reading.words)
        candidates = self.limits.candidates(found)
        return next((limit.reason for limit in candidates if limit.matches(found)), None)

    def limit_by_meaning(self, vector: Vectors, encoder: str) -> Reason | None:
        """The same, heard from a question's unit vector (dimension,) where the rules have no
        words for it. None for the vector of an encoder that it was not trained with.
        """
        return self.personal.reason(vector, encoder)

    def judge(self, text: str) -> Verdict:
        """What rules and classifier make of one text by itself, and the words that led there."""
        reading = read(text, self.lexicon.wording.aliases)
        found = self.lexicon.find(reading.words)
        framed = apply_frames(reading, found)
        verdict = self.by_rules(reading, framed)
        if verdict.rank >= ORDER[Level.CRISIS]:
            return verdict
        least = self.classifier.least(verdict)
        if framed.resolved:
            least = max(least, self.classifier.thresholds["resolved"])
        elif verdict.level is Level.NONE and _is_put_aside(reading, found):
            least = self.classifier.least(Verdict(Level.INFORMATIONAL))
        parts = self.classifier.parts(reading, notes(found, framed))
        score = self.classifier.score(reading, parts)
        # Where nothing can be told, a doubt is for the reader's safety.
        if not (score > least or (verdict.doubted and math.isnan(score))):
            return verdict
        grave = Level.CRISIS if self.classifier.is_crisis(parts) else Level.EMERGENCY
        category = verdict.category or _UNNAMED
        return replace(verdict, level=verdict.doubted or grave, category=category, doubted=None)

    def by_rules(self, reading: Reading, framed: Framed) -> Verdict:
        """What the rules alone make of a text."""
        if not framed.said:
            return Verdict()
        doubt: Verdict | None = None
        candidates = self.rules.candidates(framed.said)
        for rule in candidates:
            if doubt and ORDER[rule.level] <= doubt.rank:
                return doubt
            found = _found(rule, framed)
            if found is None:
                continue
            if not rule.unsure:
                return _verdict(rule, rule.level, reading, found)
            doubt = doubt or replace(
                _verdict(rule, Level.URGENT, reading, found), doubted=rule.level
            )
        if doubt:
            return doubt
        for rule in candidates:
            if rule.matches(framed.said):
                return _verdict(rule, Level.INFORMATIONAL, reading, framed.said)
        return Verdict()

    def _closes(self, text: str) -> bool:
        """Whether a text says that what was told is over."""
        reading = read(text, self.lexicon.wording.aliases)
        return says_over(reading, self.lexicon.find(reading.words))


def _is_put_aside(reading: Reading, found: Found) -> bool:
    """Whether a text denies what the rules look for, or says that something is over."""
    return says_over(reading, found) or not FRAMES.issuperset(found)


def _found(rule: Rule, framed: Framed) -> Found | None:
    """Where a rule holds, of all that is said or of what is said of now; None where it does not."""
    if rule.asked and rule.matches(framed.said):
        return framed.said
    if not rule.lasting and framed.resolved:
        return None
    if rule.is_fresh(framed.fresh) and rule.matches(framed.present):
        return framed.present
    return None


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
    # Hundreds of thousands of small objects are made that stay: looking for garbage among them
    # meanwhile doubles the time, and later it would hold up a message now and then.
    gc.disable()
    try:
        return _build()
    finally:
        gc.enable()
        gc.freeze()


def _build() -> Gate:
    tables = load_tables()
    lexicon = build_lexicon(tables.lists, tables.wording)
    weights, described = read_bytes("classifier.bin"), read_table("classifier.toml")
    return Gate(
        version=tables.version,
        rules=rulebook(sorted(tables.rules, key=lambda rule: -ORDER[rule.level])),
        lexicon=lexicon,
        limits=rulebook(tables.limits),
        limit_lexicon=build_lexicon(tables.limit_lists, tables.wording),
        classifier=load_classifier(weights, described, lexicon.own_words),
        personal=load_personal(read_bytes("personal.bin"), read_table("personal.toml")),
        cards=_cards(),
    )


def _cards() -> Cards:
    table = read_table("cards.toml")
    return Cards(
        texts=table["cards"],
        kinds=table["kinds"],
        extra=table["extra"],
        reviewed=table["review"]["status"] == "reviewed",
        actions=table["do"],
        articles=table["articles"],
        entries=load_contacts(),
    )


def load_contacts() -> tuple[Entry, ...]:
    """Whom to call, in the order of the packaged file."""
    return parse_entries(read_table("contacts.toml")["contacts"])
