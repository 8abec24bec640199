"""A linear classifier beside the rules: it may raise a level, and never lowers one.

Logistic regression over hashed words, pairs and runs of three words, and letters within words, as
they stand in a clause (feature hashing: Weinberger et al. 2009), and over the concepts of the rules
with what surrounds them, which are the same in every language. A text is scored as a whole and in
stretches of some two dozen words, so that a message within much small talk is heard as well.
"""

from __future__ import annotations

import functools
import hashlib
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.safety.conversation import Verdict
from rag.safety.frames import Framed
from rag.safety.lexicon import Found
from rag.safety.reading import Reading

BUCKETS = 1 << 16
_STRETCH = 24
# A word or two may stand for anything: those that never do are left to the rules.
_FEWEST_WORDS = 3
_LETTERS = (3, 4, 5)
# Frames that nearly every text has.
_EVERYWHERE = frozenset({"self", "break", "greeting"})
_FIRST_IDEOGRAPH = "\u3400"

Buckets = NDArray[np.int64]
Weights = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of one decision: `scale` times those of a text's features, and `bias`."""

    weights: Weights
    scale: float
    bias: float

    def scores(self, parts: Sequence[Buckets]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The sum of weights in each part, and how many features it has."""
        # A clause that is repeated is one array, several times.
        sums = {id(part): self.weights[part].sum(dtype=np.int64) for part in _distinct(parts)}
        scores = np.array([sums[id(part)] for part in parts], np.float64) * self.scale
        return scores, np.array([len(part) for part in parts], np.int64)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Tells messages that need a card, and crises among them."""

    grave: Linear
    crisis: Linear
    thresholds: Mapping[str, float]
    words: WordBuckets

    def least(self, verdict: Verdict) -> float:
        """The score above which a text needs a card, by what the rules made of it."""
        return self.thresholds["doubted" if verdict.doubted else verdict.level.value]

    def parts(self, reading: Reading, heard: Sequence[str]) -> list[Buckets]:
        """What a text is judged by; heard: what `notes` tells of it."""
        return features(reading, heard, self.words)

    def score(self, reading: Reading, parts: Sequence[Buckets]) -> float:
        """How much a text speaks for an emergency or a crisis, in log odds; 0 is even.

        Of a text with too few words nothing can be told, and the score is not a number.
        """
        if len(reading.words) < _FEWEST_WORDS:
            return math.nan
        sums, counts = self.grave.scores(parts)
        totals, sizes = [0.0, *sums.cumsum().tolist()], [0, *counts.cumsum().tolist()]
        best = _mean_root(totals[-1], sizes[-1])
        for start, end in _stretches([length for _, length in _clauses(reading)]):
            best = max(best, _mean_root(totals[end] - totals[start], sizes[end] - sizes[start]))
        return best + self.grave.bias

    def is_crisis(self, parts: Sequence[Buckets]) -> bool:
        """Whether a text that needs a card tells of a crisis rather than of an emergency."""
        sums, counts = self.crisis.scores(parts)
        return _mean_root(sums.sum(), counts.sum()) + self.crisis.bias > 0


def notes(found: Found, framed: Framed) -> list[str]:
    """The concepts and frames of a text, each with what the words around make of it."""
    heard = ["resolved at last"] if framed.resolved else []
    for name in found:
        if name in framed.present:
            heard.append(f"now {name}")
        elif name in framed.said:
            heard.append(f"said {name}")
        elif name not in _EVERYWHERE:
            heard.append(f"aside {name}")
    return heard


class WordBuckets:
    """The buckets of words; those of our own are remembered, and no others."""

    def __init__(self, own: Set[str] = frozenset()) -> None:
        self._own = own
        self._known: dict[str, Buckets] = {}

    def __call__(self, word: str) -> Buckets:
        """The buckets of a word and of the letters within it."""
        found = self._known.get(word)
        if found is None:
            found = _of_word(word)
            if word in self._own:
                self._known[word] = found
        return found


def features(
    reading: Reading, heard: Sequence[str], words: WordBuckets | None = None
) -> list[Buckets]:
    """Buckets of all that a text is judged by: for each of its clauses, and last what is heard."""
    # What is repeated is worked out once; nothing of a message is kept beyond it.
    of_word = functools.cache(words or WordBuckets())
    of_clause = functools.cache(functools.partial(_of_clause, of_word=of_word))
    parts = [
        of_clause(tuple(reading.words[start : start + length]))
        for start, length in _clauses(reading)
    ]
    return [*parts, np.array([_bucket(f"@{note}") for note in heard], np.int64)]


def load_classifier(
    raw: bytes, table: Mapping[str, Any], own_words: Set[str] = frozenset()
) -> Classifier:
    """A classifier of its weights and what describes them. Raises ValueError where they differ.

    own_words: of the lexicon, which are remembered with what they count for
    """
    if hashlib.sha256(raw).hexdigest() != table["sha256"]:
        raise ValueError("classifier.bin is not the file that classifier.toml describes.")
    weights = np.frombuffer(raw, np.int8).reshape(2, BUCKETS)
    grave, crisis = (
        Linear(of, table[name]["scale"], table[name]["bias"])
        for name, of in zip(("grave", "crisis"), weights, strict=True)
    )
    return Classifier(grave, crisis, table["thresholds"], WordBuckets(own_words))


def _distinct(parts: Sequence[Buckets]) -> Iterable[Buckets]:
    return {id(part): part for part in parts}.values()


def _mean_root(total: float, count: int) -> float:
    return float(total) / math.sqrt(max(1, count))


def _clauses(reading: Reading) -> list[tuple[int, int]]:
    """First word and length of each clause, long ones in pieces."""
    found: list[tuple[int, int]] = []
    for position, clause in enumerate(reading.clauses):
        start, length = found[-1] if found else (0, _STRETCH)
        if length < _STRETCH // 2 and reading.clauses[start] == clause:
            found[-1] = (start, length + 1)
        else:
            found.append((position, 1))
    return found


def _stretches(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """From each clause the fewest that have enough words together, but for the whole text."""
    end, words = 0, 0
    for start, length in enumerate(lengths):
        while end < len(lengths) and words < _STRETCH:
            words += lengths[end]
            end += 1
        if words < _STRETCH:
            return
        yield start, end
        words -= length


def _of_clause(words: tuple[str, ...], *, of_word: Callable[[str], Buckets]) -> Buckets:
    # The checksum of "a b" goes on from that of "a", which saves putting the words together.
    letters = [word.encode() for word in words]
    sums = [zlib.crc32(word) for word in letters]
    pairs = [zlib.crc32(b" " + b, a) for a, b in zip(sums, letters[1:], strict=False)]
    threes = [zlib.crc32(b" " + c, ab) for ab, c in zip(pairs, letters[2:], strict=False)]
    gaps = [zlib.crc32(b" * " + c, a) for a, c in zip(sums, letters[2:], strict=False)]
    single = [of_word(word) for word in words]
    return np.concatenate([np.array(pairs + threes + gaps, np.int64) % BUCKETS, *single])


def _of_word(word: str) -> Buckets:
    framed = f"<{word}>"
    letters = [
        framed[start : start + size]
        for size in _LETTERS
        for start in range(len(framed) - size + 1)
        if word < _FIRST_IDEOGRAPH
    ]
    return np.array([_bucket(word), *(_bucket(f"~{run}") for run in letters)], np.int64)


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS
