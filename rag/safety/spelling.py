"""Correcting one slip of the finger in a longer word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Below this length of the known word too many English words are one letter apart.
_SHORTEST = 6
# In known words of this length only two swapped neighbours are undone.
_SHORTEST_SWAPPED = 5
# A longer run of letters is no word; the bound keeps the work per word constant.
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Speller:
    """Known words by each of the forms that one dropped letter or one swap gives."""

    dropped: Mapping[str, tuple[str, ...]]
    swapped: Mapping[str, str]

    def correct(self, word: str) -> str | None:
        """The known word at Damerau-Levenshtein distance 1 with the same first letter, or None.

        Symmetric deletion (SymSpell, Garbe 2012): two words within distance 1 share a form with
        at most one letter dropped.
        """
        if not _SHORTEST_SWAPPED <= len(word) <= _LONGEST:
            return None
        if word in self.swapped:
            return self.swapped[word]
        for form in (word, *_dropped(word)):
            for known in self.dropped.get(form, ()):
                if known[0] == word[0] and _one_slip(word, known):
                    return known
        return None


def speller(words: Iterable[str]) -> Speller:
    """A speller for the given words, indifferent to their order."""
    dropped: dict[str, tuple[str, ...]] = {}
    swapped: dict[str, str] = {}
    for word in sorted(words):
        if not word.isascii() or len(word) < _SHORTEST_SWAPPED:
            continue
        for form in _swapped(word):
            swapped.setdefault(form, word)
        if len(word) >= _SHORTEST:
            for form in {word, *_dropped(word)}:
                dropped[form] = (*dropped.get(form, ()), word)
    return Speller(dropped, swapped)


def _dropped(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(1, len(word))]


def _swapped(word: str) -> list[str]:
    """All forms with two neighbours exchanged, but for the first letter."""
    return [
        word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        for i in range(1, len(word) - 1)
        if word[i] != word[i + 1]
    ]


def _one_slip(word: str, known: str) -> bool:
    """Whether words that share a form differ by one letter only, not by two."""
    if len(word) != len(known):
        return abs(len(word) - len(known)) == 1
    return sum(a != b for a, b in zip(word, known, strict=True)) == 1
