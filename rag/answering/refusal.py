"""Messages that no article can answer, told from their words alone."""

from __future__ import annotations

import functools
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping
from importlib import resources

from rag.text import read_words, words
from rag.types import Reason

# Said to the service itself.
_ADDRESS = frozenset({"you", "your", "hi", "hello", "hey", "thanks", "thank", "bye", "goodbye"})
_LONGEST_SMALL_TALK = 7
# Fewer words of another language may be a quotation or a name.
_FEWEST_FOREIGN = 3
_FEWEST_DISTINCT = 2


def refusal(message: str) -> Reason | None:
    """Why a message is not searched for: small talk or another language; None where it is."""
    spoken = words(message)
    if _is_foreign_script(message) or _is_foreign(spoken):
        return Reason.LANGUAGE
    if not spoken or _is_small_talk(spoken):
        return Reason.SMALL_TALK
    return None


def _is_small_talk(spoken: list[str]) -> bool:
    said = frozenset(spoken)
    return len(spoken) <= _LONGEST_SMALL_TALK and bool(_ADDRESS & said) and said <= _small_talk()


def _is_foreign_script(message: str) -> bool:
    letters = Counter(
        unicodedata.name(char, "").startswith("LATIN") for char in message if char.isalpha()
    )
    return letters[False] > letters[True]


def _is_foreign(spoken: list[str]) -> bool:
    languages = _languages()
    english = sum(word in languages["en"] for word in spoken)
    return any(
        len(found := [word for word in spoken if word in known]) >= _FEWEST_FOREIGN
        and len(found) > english
        and len(set(found)) >= _FEWEST_DISTINCT
        for language, known in languages.items()
        if language != "en"
    )


@functools.cache
def _small_talk() -> frozenset[str]:
    return frozenset(read_words("rag.answering", "small-talk.txt"))


@functools.cache
def _languages() -> Mapping[str, frozenset[str]]:
    data = resources.files("rag.answering").joinpath("data", "languages.toml")
    table = tomllib.loads(data.read_text(encoding="utf-8"))
    return {language: frozenset(text.split()) for language, text in table.items()}
