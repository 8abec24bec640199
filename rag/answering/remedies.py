"""Medicines and other remedies that a question names."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from rag.text import read_words

# Shorter words have such endings by chance: "gasoline" has none, "reason" is no "-asone".
_SHORTEST = 7


def named_remedies(words: Iterable[str]) -> list[frozenset[str]]:
    """The remedies among these words, each as all names that it goes by."""
    names, endings = _known()
    found = []
    for word in words:
        if word in names:
            found.append(names[word])
        elif len(word) >= _SHORTEST and word.endswith(endings):
            found.append(frozenset({word}))
    return found


@functools.cache
def _known() -> tuple[dict[str, frozenset[str]], tuple[str, ...]]:
    """Every name with all names of its remedy, and the endings."""
    entries = read_words("rag.answering", "remedies.txt")
    groups = [frozenset(entry.split("=")) for entry in entries if not entry.startswith("-")]
    endings = tuple(entry[1:] for entry in entries if entry.startswith("-"))
    return {name: group for group in groups for name in group}, endings
