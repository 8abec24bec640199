"""Wording and contacts for a verdict: language picks the text, country picks the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.text import match_locale
from rag.types import Contact, Level, Safety

_DEFAULT_LOCALE = "en"
COUNTRY_ALIASES = {"UK": "GB", "EL": "GR"}
"""Names that people use for a country in place of its ISO 3166-1 code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact and where it applies: no countries means anywhere, no categories means always."""

    contact: Contact
    countries: frozenset[str]
    categories: frozenset[str]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cards:
    """Texts by locale and level, contacts in order, and which kinds of contact go with what.

    actions: by locale and category the one thing to do now; `any` where a category has none.
    reviewed: whether a clinician has signed the texts off.
    articles: by category the id of the article to link to beside an emergency card.

    kinds: level → kinds of contact in the order shown; extra: category → kinds added at the end
    of an emergency or a crisis.
    """

    texts: Mapping[str, Mapping[str, str]]
    kinds: Mapping[str, Sequence[str]]
    extra: Mapping[str, Sequence[str]]
    entries: tuple[Entry, ...]
    reviewed: bool
    actions: Mapping[str, Mapping[str, str]]
    articles: Mapping[str, str]

    @property
    def concerns(self) -> tuple[str, ...]:
        """What has to be done before the public uses these cards, in words; empty when all is."""
        unverified = sum(entry.contact.status != "verified" for entry in self.entries)
        found = [] if self.reviewed else ["the safety cards are reviewed by no clinician"]
        if unverified:
            found.append(f"{unverified} contacts of the safety cards are unverified")
        return tuple(found)

    def present(self, safety: Safety, locale: str, country: str | None) -> Safety:
        """The verdict with its notice and contacts; `none` gets neither."""
        if safety.level is Level.NONE:
            return Safety(safety.level, safety.category)
        language = match_locale(locale, self.texts) or _DEFAULT_LOCALE
        texts = self.texts[language]
        place = _place(country)
        contacts = tuple(
            contact
            for kind in self._kinds(safety)
            for contact in self._contacts(kind, place, safety.category, language)
        )
        actions = self.actions[language]
        action = actions.get(safety.category or "any", actions["any"])
        text = texts[safety.level.value].replace("{do}", action)
        notice = self.fill(text, locale, country)
        return Safety(safety.level, safety.category, notice, contacts)

    def fill(self, text: str, locale: str, country: str | None) -> str:
        """A text with the names of kinds of contact in braces replaced by whom to call."""
        language = match_locale(locale, self.texts) or _DEFAULT_LOCALE
        for kind in ("emergency", "crisis", "advice"):
            named = self._contacts(kind, _place(country), None, language)
            text = text.replace("{" + kind + "}", _in_words(kind, named, self.texts[language]))
        return text

    def _kinds(self, safety: Safety) -> list[str]:
        kinds = list(self.kinds[safety.level.value])
        if safety.level in (Level.EMERGENCY, Level.CRISIS):
            kinds += [k for k in self.extra.get(safety.category or "", ()) if k not in kinds]
        return kinds

    def _contacts(
        self, kind: str, country: str, category: str | None, language: str
    ) -> list[Contact]:
        """Contacts of one kind for a country, else those that hold anywhere."""
        fitting = [
            entry
            for entry in self.entries
            if entry.contact.kind == kind and (not entry.categories or category in entry.categories)
        ]
        local = [entry for entry in fitting if country in entry.countries]
        chosen = local or [entry for entry in fitting if not entry.countries]
        return [_worded(entry, country if local else None, language) for entry in chosen]


def _place(country: str | None) -> str:
    place = (country or "").strip().upper()
    return COUNTRY_ALIASES.get(place, place)


def _worded(entry: Entry, country: str | None, language: str) -> Contact:
    known = entry.contact
    return Contact(
        kind=known.kind,
        label=entry.labels.get(language, known.label),
        number=known.number,
        href=known.href,
        hours=known.hours,
        country=country,
        status=known.status,
    )


def _in_words(kind: str, contacts: Sequence[Contact], texts: Mapping[str, str]) -> str:
    """How a card names whom to call: by number, or in general words where none is known."""
    if not contacts or contacts[0].country is None:
        return texts[f"any_{kind}"]
    if kind == "emergency":
        return contacts[0].number
    return f"{contacts[0].label} ({contacts[0].number})"


def parse_entries(rows: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """Entries of contacts.toml, in order."""
    return tuple(
        Entry(
            contact=Contact(
                kind=row["kind"],
                label=row["label"],
                number=row["number"],
                href=row["href"],
                hours=row.get("hours"),
                country=None,
                status=row["status"],
            ),
            countries=frozenset(row.get("countries", ())),
            categories=frozenset(row.get("categories", ())),
            labels=row.get("labels", {}),
        )
        for row in rows
    )
