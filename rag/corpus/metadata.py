"""What is known of an article beside its text: from front matter, or from a row's metadata."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from rag.corpus.blocks import tidy
from rag.corpus.dates import metadata_date
from rag.corpus.ids import is_valid_id
from rag.corpus.messages import describe
from rag.text import visible

_Value = TypeVar("_Value")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
# Browsers repair or drop these in ways that could lead elsewhere than the text says.
_NOT_IN_URL = re.compile(r"[\s\\<>\"\x00-\x1f\x7f]")
_LONGEST_URL = 2_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """The citable facts; None or empty where unknown. `warnings` say which values were dropped."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    reviewed: str | None = None
    next_review: str | None = None
    expires: str | None = None
    supersedes: str | None = None
    language: str | None = None
    warnings: tuple[str, ...] = ()

    def __or__(self, other: Metadata) -> Metadata:
        """Both together; where both say something the first counts, and warnings add up."""
        return Metadata(
            title=self.title or other.title,
            authors=self.authors or other.authors,
            publisher=self.publisher or other.publisher,
            url=self.url or other.url,
            published=self.published or other.published,
            reviewed=self.reviewed or other.reviewed,
            next_review=self.next_review or other.next_review,
            expires=self.expires or other.expires,
            supersedes=self.supersedes or other.supersedes,
            language=self.language or other.language,
            warnings=self.warnings + other.warnings,
        )


def read_metadata(raw: Mapping[str, object]) -> Metadata:
    """Read the known names; a value that cannot be used becomes None, with a warning."""
    warnings: list[str] = []

    def first(names: str, read: Callable[[object], _Value]) -> _Value | None:
        return _first(raw, names.split(), read, warnings)

    return Metadata(
        title=first("title", read_line),
        authors=first("authors author", _authors) or (),
        publisher=first("publisher source", read_line),
        url=first("url", read_url),
        published=first("published date", _date),
        reviewed=first("reviewed last_update", _date),
        next_review=first("next_review", _date),
        expires=first("expires", _date),
        supersedes=first("supersedes", _id),
        language=first("language", read_language),
        warnings=tuple(warnings),
    )


def read_line(value: object) -> str:
    """A value as one line of visible text. Raises ValueError if there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("is not text")
    line = tidy(str(value))
    if not line:
        raise ValueError("holds no visible text")
    return line


def read_url(value: object) -> str:
    """An absolute http or https address without user info. Raises ValueError for any other."""
    url = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError("is not an address") from None
    if not usable or _NOT_IN_URL.search(url) or len(url) > _LONGEST_URL:
        raise ValueError("is not an absolute http or https address")
    if "@" in parts.netloc:
        raise ValueError("holds user info")
    if visible(url) != unicodedata.normalize("NFC", url):
        raise ValueError("holds invisible characters")
    return url


def read_language(value: object) -> str:
    """A language tag such as en or zh-Hans. Raises ValueError for any other value."""
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value.strip()):
        raise ValueError("is not a language code such as en")
    return value.strip()


def _first(
    raw: Mapping[str, object],
    names: Iterable[str],
    read: Callable[[object], _Value],
    warnings: list[str],
) -> _Value | None:
    """The first of several names with a usable value; each that is not adds a warning."""
    for name in names:
        value = raw.get(name)
        if value is None or value in ("", [], {}):
            continue
        try:
            return read(value)
        except ValueError as error:
            warnings.append(f"{name} {describe(value)} {error}; it is left out")
    return None


def _authors(value: object) -> tuple[str, ...]:
    """A list of names, or one string in which semicolons part them."""
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise ValueError("is neither a name nor a list of names")
    return tuple(dict.fromkeys(read_line(part) for part in parts if part))


def _date(value: object) -> str:
    return metadata_date(value.strip() if isinstance(value, str) else "")


def _id(value: object) -> str:
    if not isinstance(value, str) or not is_valid_id(value):
        raise ValueError("is not an article id")
    return value
