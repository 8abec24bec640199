"""The fixed texts of the pages, read from data/pages.toml."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

from rag.text import match_locale

_LAST_RESORT = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """The fixed texts of one language; `phrases` and `problems` by name."""

    locale: str
    disclosure: str
    phrases: Mapping[str, str]
    problems: Mapping[str, str]
    date: str
    months: tuple[str, ...]
    thousands: str

    def long_date(self, iso: str) -> str:
        """An ISO date as a reader writes it: 2025-09-29 → 29 September 2025."""
        day = date.fromisoformat(iso)
        return self.date.format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def number(self, value: int) -> str:
        """A whole number as a reader writes it: 2000 → 2,000."""
        return f"{value:,}".replace(",", self.thousands)


def texts_for(locale: str | None) -> Texts:
    """The texts in the language that is best for a locale."""
    known = _all_texts()
    return known[match_locale(locale, known) or _LAST_RESORT]


@functools.cache
def _all_texts() -> Mapping[str, Texts]:
    data = resources.files("rag.web").joinpath("data/pages.toml")
    table = tomllib.loads(data.read_text(encoding="utf-8"))
    return {
        locale: Texts(**{**fields, "locale": locale, "months": tuple(fields["months"])})
        for locale, fields in table.items()
    }
