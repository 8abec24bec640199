"""Plain-text operations that several stages share."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection
from importlib import resources

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPACE = re.compile(r"\s+")
# Tab and newline are white space; every other control or format character is invisible.
_KEPT_CONTROLS = frozenset("\n\t")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def words(text: str) -> list[str]:
    """The lower-cased words of a text, apostrophes kept inside, in order."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def word_set(text: str) -> frozenset[str]:
    """The distinct lower-cased words of a text."""
    return frozenset(words(text))


def content_words(question: str) -> list[str]:
    """The words of a question that say what it is about, in order; all words where none does."""
    every = words(question)
    return [word for word in every if word not in _stop_words()] or every


def collapse(text: str) -> str:
    """The text on one line: every run of white space becomes one space, none at the ends."""
    return _SPACE.sub(" ", text).strip()


def visible(text: str) -> str:
    """The text with LF newlines and without invisible characters, and what is left in NFC.

    Removed are control and format characters (zero-width, bidirectional marks, soft hyphens),
    surrogates and unassigned code points; other space characters are left as they are.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    removed = {ord(char): None for char in set(text) if _is_invisible(char)}
    # Last, because a removed character may have kept a letter and its accent apart.
    return unicodedata.normalize("NFC", text.translate(removed))


def _is_invisible(char: str) -> bool:
    return char not in _KEPT_CONTROLS and unicodedata.category(char) in _INVISIBLE


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Shared share of two sets, 0 to 1; two empty sets are equal."""
    if not left and not right:
        return 1.0
    return len(left & right) / len(left | right)


def one_slip_apart(left: str, right: str) -> bool:
    """Whether one letter was dropped, added, changed or swapped with the next, not the first one.

    Damerau-Levenshtein distance 1; equal words are not apart.
    """
    if left == right or left[:1] != right[:1] or abs(len(left) - len(right)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if start is None:
        return True
    rest, other = left[start:], right[start:]
    swapped = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def shorten(text: str, limit: int) -> str:
    """The text cut at a word to at most `limit` characters, with an ellipsis where cut."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def match_locale(wanted: str | None, available: Collection[str]) -> str | None:
    """The best available language tag for a wanted one by BCP 47 lookup, or None.

    `zh-Hans-CN` finds `zh-Hans-CN`, else `zh-Hans`, else `zh` (RFC 4647, section 3.4).
    """
    known = {tag.lower(): tag for tag in available}
    parts = (wanted or "").replace("_", "-").lower().split("-")
    for length in range(len(parts), 0, -1):
        found = known.get("-".join(parts[:length]))
        if found:
            return found
    return None


@functools.cache
def _stop_words() -> frozenset[str]:
    return frozenset(read_words("rag", "stop-words.txt"))


def read_words(package: str, name: str) -> list[str]:
    """The words of a list among a package's data files; lines that begin with `#` are comments."""
    text = resources.files(package).joinpath("data", name).read_text(encoding="utf-8")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
