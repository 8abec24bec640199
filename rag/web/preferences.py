"""Which language and which country a reader is answered for."""

from __future__ import annotations

from collections.abc import Collection

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from rag.text import match_locale

# Browsers send up to about six; more is not a preference.
_MOST_TAGS = 12


def accepted_tags(header: str | None) -> tuple[str, ...]:
    """The language tags of an Accept-Language header, most wanted first, refused ones left out."""
    accepted = parse_accept_header(header, LanguageAccept)
    return tuple(tag for tag, quality in accepted if quality > 0 and tag != "*")[:_MOST_TAGS]


def choose_locale(
    wanted: str | None, accepted: Collection[str], available: Collection[str], default: str
) -> str:
    """The language asked for if it is available, else the default; Accept-Language counts only
    where none was asked for.
    """
    tags = [wanted] if wanted else accepted
    found = (match_locale(tag, available) for tag in tags)
    return next((tag for tag in found if tag), default)


def choose_country(
    wanted: str | None, accepted: Collection[str], default: str | None
) -> str | None:
    """The country asked for, else the first region of Accept-Language, else the default.

    ISO 3166-1 alpha-2 in capitals; whether there is such a country is not checked.
    """
    regions = (_region(tag) for tag in accepted)
    found = wanted or next((region for region in regions if region), None) or default
    return found.upper() if found else None


def _region(tag: str) -> str | None:
    """The region of a language tag: `zh-Hans-CN` → `CN`, `es-419` → None (BCP 47)."""
    for part in tag.replace("_", "-").split("-")[1:]:
        if len(part) == 1:
            # What follows a single letter is an extension, not a region.
            return None
        if len(part) == 2 and part.isascii() and part.isalpha():
            return part.upper()
    return None
