"""Finding named phrases in a list of words, all in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from rag.safety.reading import read
from rag.safety.spelling import Speller, speller

Span = tuple[int, int]
"""First word and the word after the last, as positions in a message."""

Found = dict[str, list[Span]]
"""Name of a phrase list → where its phrases occur, in order of their first word."""

# "took *all of the* tablets": how many filler words one phrase may step over. A bound keeps the
# search linear in messages that consist of filler words.
_MOST_FILLERS = 4
# Shorter prefixes would match half the dictionary.
_SHORTEST_PREFIX = 3


@dataclass(slots=True)
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wording:
    """How words may vary: fillers are stepped over, expansions give the long form of a word.

    `numbers` maps number words to their value; `classes` maps `#name` to an inclusive range.
    """

    fillers: frozenset[str]
    aliases: Mapping[str, str]
    expansions: Mapping[str, Sequence[str]]
    numbers: Mapping[str, float]
    classes: Mapping[str, tuple[float, float]]
    real_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrase lists by name, as a trie over words, word prefixes (`bleed*`) and number classes."""

    root: _Node
    wording: Wording
    vocabulary: frozenset[str]
    spelling: Speller

    def find(self, words: Sequence[str]) -> Found:
        """Every occurrence of every phrase. Time is linear in the number of words."""
        known: dict[str, tuple[str, ...]] = {}
        for word in words:
            if word not in known:
                known[word] = self._symbols(word)
        symbols = [known[word] for word in words]
        found: Found = {}
        for start, here in enumerate(symbols):
            for symbol in here:
                if symbol in self.root.children:
                    self._walk(words, symbols, start, found)
                    break
        return found

    def _walk(
        self,
        words: Sequence[str],
        symbols: Sequence[tuple[str, ...]],
        start: int,
        found: Found,
    ) -> None:
        states = [(self.root, 0)]
        position = start
        while states and position < len(words):
            following: list[tuple[_Node, int]] = []
            filler = position > start and words[position] in self.wording.fillers
            for node, skipped in states:
                for symbol in symbols[position]:
                    child = node.children.get(symbol)
                    if child is not None:
                        following.append((child, skipped))
                        for name in child.names:
                            found.setdefault(name, []).append((start, position + 1))
                if filler and skipped < _MOST_FILLERS:
                    following.append((node, skipped + 1))
            states = following
            position += 1

    def _symbols(self, word: str) -> tuple[str, ...]:
        """Everything that a word can stand for in the trie."""
        if word[0].isdigit() or word in self.wording.numbers:
            return (word, *self._number_classes(word))
        symbols = [word] if word in self.vocabulary else []
        for length in range(_SHORTEST_PREFIX, len(word) + 1):
            prefix = word[:length] + "*"
            if prefix in self.vocabulary:
                symbols.append(prefix)
        if not symbols and word not in self.wording.real_words:
            corrected = self.spelling.correct(word)
            if corrected is not None:
                return self._symbols(corrected)
        return tuple(symbols)

    def _number_classes(self, word: str) -> list[str]:
        value = self.wording.numbers.get(word)
        if value is None:
            value = _value(word)
        ranges = self.wording.classes.items()
        return [name for name, (low, high) in ranges if low <= value <= high]


def _value(digits: str) -> float:
    """The value of a run of digits of any script; sizes beyond use are cut off, not read."""
    try:
        return float(digits.replace(",", ".")[:12])
    except ValueError:
        return -1.0


def build_lexicon(lists: Mapping[str, Iterable[str]], wording: Wording) -> Lexicon:
    """A lexicon of phrase lists.

    In a phrase, `a/b` means either word, `bleed*` any word that begins so, `#few` a number of
    that class; words are folded as messages are.
    """
    root = _Node()
    vocabulary: set[str] = set()
    for name, phrases in lists.items():
        for phrase in phrases:
            for words in _expanded(phrase, wording):
                vocabulary.update(words)
                _insert(root, words, name)
    plain = (word for word in vocabulary if word.isalpha())
    return Lexicon(root, wording, frozenset(vocabulary), speller(plain))


def _insert(root: _Node, words: Sequence[str], name: str) -> None:
    node = root
    for word in words:
        node = node.children.setdefault(word, _Node())
    if name not in node.names:
        node.names.append(name)


def _expanded(phrase: str, wording: Wording) -> Iterable[list[str]]:
    parts = [
        [form for word in part.split("/") for form in _forms(word, wording)]
        for part in phrase.split()
    ]
    for choice in product(*parts):
        yield [word for form in choice for word in form]


def _forms(word: str, wording: Wording) -> list[list[str]]:
    """The ways one word of a phrase may be written, each as a list of words."""
    if word.startswith("#"):
        return [[word]]
    prefix = "*" if word.endswith("*") else ""
    plain = read(word.removesuffix("*"), wording.aliases).words
    forms = [[*plain[:-1], plain[-1] + prefix]]
    if word in wording.expansions:
        forms.append(list(wording.expansions[word]))
    return forms
