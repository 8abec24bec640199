"""The fixed texts of answers, read from data/wording.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from rag.text import match_locale
from rag.types import Disclaimer, Reason

_LAST_RESORT = "en"


@dataclass(frozen=True, slots=True)
class Phrases:
    """The fixed texts of one language."""

    name: str
    disclaimer: str
    full: str
    reasons: Mapping[Reason, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """The fixed texts of all languages. `default` is the site's own language."""

    version: str
    phrases: Mapping[str, Phrases]
    default: str

    def locale(self, wanted: str | None) -> str:
        """The language that is best for a wanted locale."""
        return match_locale(wanted, self.phrases) or self.default

    def disclaimer(self, wanted: str | None) -> Disclaimer:
        """The short line of every answer."""
        locale = self.locale(wanted)
        return Disclaimer(self.phrases[locale].disclaimer, self.version, locale)

    def full_disclaimer(self, wanted: str | None) -> Disclaimer:
        """The full text, shown before the first message."""
        locale = self.locale(wanted)
        return Disclaimer(self.phrases[locale].full.strip(), self.version, locale)

    def reason(self, reason: Reason, wanted: str | None) -> str:
        """The sentence that tells why there is no answer."""
        return self.phrases[self.locale(wanted)].reasons[reason]


def load_wording(default: str) -> Wording:
    """The texts that come with the package; `default` is the site's locale."""
    data = resources.files("rag.answering").joinpath("data/wording.toml")
    table = tomllib.loads(data.read_text(encoding="utf-8"))
    version = table.pop("version")
    phrases = {locale: _phrases(texts) for locale, texts in table.items()}
    return Wording(version, phrases, match_locale(default, phrases) or _LAST_RESORT)


def _phrases(texts: Mapping[str, str | Mapping[str, str]]) -> Phrases:
    reasons = texts["reasons"]
    if isinstance(reasons, str):
        raise TypeError("reasons is a table")
    return Phrases(
        name=str(texts["name"]),
        disclaimer=str(texts["disclaimer"]),
        full=str(texts["full"]),
        reasons={Reason(name): text for name, text in reasons.items()},
    )
