"""Finding named phrases in a list of words, all in one pass."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from rag.safety.reading import read
from rag.safety.spelling import Speller, speller

Stretch = tuple[int, int]
"""First word and the word after the last, as positions in a message."""

Found = dict[str, list[Stretch]]
"""Name of a phrase list → where its phrases occur, in order of their first word."""

# "took *all of the* tablets": how many filler words one phrase may step over. A bound keeps the
# search linear in messages that consist of filler words.
_MOST_FILLERS = 4
# So many places of one phrase list are looked at: no message that means anything has more.
_MOST_PLACES = 120
# So many steps are remembered.
_MOST_STEPS = 50_000
_STEPS_AT_A_TIME = 1_000
# Shorter prefixes would match half the dictionary.
_SHORTEST_PREFIX = 3


_Symbols = tuple[bool, tuple[str, ...]]
"""Whether a word may be stepped over, and everything that it can stand for in the trie."""


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


@dataclass(slots=True)
class _State:
    """Where a phrase may stand after some words: trie nodes with the fillers stepped over.

    `following` remembers the next state by what the next word stands for.
    """

    nodes: list[tuple[_Node, int]]
    names: list[str]
    following: dict[_Symbols, _State | None]


@dataclass(slots=True)
class _Memory:
    """What was found out for earlier messages, so that it costs one look-up the next time.

    It holds words and states of our own files only, never a word that only a reader wrote.
    """

    begin: _State
    symbols: dict[str, _Symbols] = field(default_factory=dict)
    steps: int = 0

    def has_room(self) -> bool:
        """Whether one more step may be remembered; it is counted."""
        if self.steps >= _MOST_STEPS:
            return False
        self.steps += 1
        if self.steps % _STEPS_AT_A_TIME == 0:
            # They stay: looking for garbage among them again and again would hold messages up.
            gc.freeze()
        return True


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrase lists by name, as a trie over words, word prefixes (`bleed*`) and number classes."""

    root: _Node
    wording: Wording
    vocabulary: frozenset[str]
    prefixes: Mapping[str, str]
    longest_prefix: int
    spelling: Speller
    memory: _Memory

    @property
    def own_words(self) -> frozenset[str]:
        """Every word that stands in our files."""
        return self.vocabulary | self.wording.real_words

    def find(self, words: Sequence[str]) -> Found:
        """Every occurrence of every phrase. Time is linear in the number of words."""
        read = self._read(words)
        found: Found = {}
        own: dict[tuple[int, _Symbols], _State | None] = {}
        for start in range(len(read)):
            state = self.memory.begin
            for position in range(start, len(read)):
                symbols = read[position]
                if symbols in state.following:
                    following = state.following[symbols]
                else:
                    following = self._first_step(state, symbols, own)
                if following is None:
                    break
                for name in following.names:
                    spans = found.setdefault(name, [])
                    if len(spans) < _MOST_PLACES:
                        spans.append((start, position + 1))
                state = following
        return found

    def _first_step(
        self, state: _State, symbols: _Symbols, own: dict[tuple[int, _Symbols], _State | None]
    ) -> _State | None:
        """A step that is not remembered: it will be, or within this message where that is full."""
        key = (id(state), symbols)
        if key in own:
            return own[key]
        following = self._step(state, symbols)
        if self.memory.has_room():
            state.following[symbols] = following
        else:
            own[key] = following
        return following

    def _read(self, words: Sequence[str]) -> list[_Symbols]:
        """What each word can stand for."""
        known, new = self.memory.symbols, dict[str, _Symbols]()
        for word in words:
            if word not in known and word not in new:
                new[word] = (word in self.wording.fillers, self._symbols(word))
                if word in self.vocabulary or word in self.wording.real_words:
                    known[word] = new[word]
        return [known.get(word) or new[word] for word in words]

    def _step(self, state: _State, read: _Symbols) -> _State | None:
        """The state after one more word, or None where no phrase goes on."""
        filler, symbols = read
        nodes: list[tuple[_Node, int]] = []
        names: list[str] = []
        for node, skipped in state.nodes:
            for symbol in symbols:
                child = node.children.get(symbol)
                if child is not None:
                    nodes.append((child, skipped if node is not self.root else 0))
                    names += child.names
            if filler and skipped < _MOST_FILLERS:
                nodes.append((node, skipped + 1))
        return _State(nodes, names, {}) if nodes else None

    def _symbols(self, word: str) -> tuple[str, ...]:
        """Everything that a word can stand for in the trie."""
        symbols = [word] if word in self.vocabulary else []
        if word[0].isdigit() or word in self.wording.numbers:
            return (*symbols, *self._number_classes(word))
        for length in range(_SHORTEST_PREFIX, min(len(word), self.longest_prefix) + 1):
            if word[:length] in self.prefixes:
                symbols.append(self.prefixes[word[:length]])
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
    forms: dict[str, list[list[str]]] = {}
    for name, phrases in lists.items():
        for phrase in phrases:
            for words in _expanded(phrase, wording, forms):
                vocabulary.update(words)
                _insert(root, words, name)
    prefixes = {word[:-1]: word for word in vocabulary if word.endswith("*")}
    return Lexicon(
        root=root,
        wording=wording,
        vocabulary=frozenset(vocabulary),
        prefixes=prefixes,
        longest_prefix=max(map(len, prefixes), default=0),
        spelling=speller(word for word in vocabulary if word.isalpha()),
        memory=_Memory(_State([(root, _MOST_FILLERS)], [], {})),
    )


def _insert(root: _Node, words: Sequence[str], name: str) -> None:
    node = root
    for word in words:
        child = node.children.get(word)
        if child is None:
            child = node.children[word] = _Node()
        node = child
    if name not in node.names:
        node.names.append(name)


def _expanded(
    phrase: str, wording: Wording, known: dict[str, list[list[str]]]
) -> Iterable[list[str]]:
    """Every way to write a phrase, as words; `known` remembers what its parts may be."""
    parts = []
    for part in phrase.split():
        if part not in known:
            known[part] = [form for word in part.split("/") for form in _forms(word, wording)]
        parts.append(known[part])
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
