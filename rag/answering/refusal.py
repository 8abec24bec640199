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
_ADDRESS = frozenset({"you", "your", "hi", "hello", "hey", "hiya", "yo", "greetings", "cheers"})
_ADDRESS |= {"thanks", "thank", "thx", "ty", "bye", "goodbye", "lol", "haha"}
_ADDRESS |= {"morning", "afternoon", "evening"}
# All that is said by one who has read an answer.
_REACTIONS = frozenset({"ok", "okay", "good", "great", "nice", "cool", "fine", "very", "so"})
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
    if len(spoken) > _LONGEST_SMALL_TALK:
        return False
    return said <= _REACTIONS or (bool(_ADDRESS & said) and said <= _small_talk())


def _is_foreign_script(message: str) -> bool:
    letters = Counter(
        unicodedata.name(char, "").startswith("LATIN") for char in message if char.isalpha()
    )
    return letters[False] > letters[True]


def _is_foreign(spoken: list[str]) -> bool:
    """Whether another language has more words here than English, and enough or one that asks."""
    usual, asking = _languages()["words"], _languages()["asking"]
    english = sum(word in usual["en"] for word in spoken)
    for language in usual.keys() - {"en"}:
        found = [word for word in spoken if word in usual[language]]
        if len(found) <= english or len(set(found)) < _FEWEST_DISTINCT:
            continue
        if len(found) >= _FEWEST_FOREIGN or asking[language] & set(found):
            return True
    return False


@functools.cache
def _small_talk() -> frozenset[str]:
    return frozenset(read_words("rag.answering", "small-talk.txt"))


@functools.cache
def _languages() -> Mapping[str, Mapping[str, frozenset[str]]]:
    data = resources.files("rag.answering").joinpath("data", "languages.toml")
    table = tomllib.loads(data.read_text(encoding="utf-8"))
    return {
        kind: {language: frozenset(text.split()) for language, text in languages.items()}
        for kind, languages in table.items()
    }
