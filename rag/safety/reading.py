"""A message as the gate reads it: folded words, each with the clause and sentence it stands in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

# One Chinese character is one word. Everything else is a run of letters, a number or a break.
_TOKEN = re.compile(
    r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+|\d+(?:[.,]\d+)?|[.!?\n]|[,;:()]", re.UNICODE
)
_SENTENCE_BREAKS = frozenset(".!?\n")
_CLAUSE_BREAKS = frozenset(",;:()")
_BLANKS = re.compile(r"[^\S\n]+")
# Who types Chinese without punctuation puts a blank where a clause ends.
_IDEOGRAPHS_APART = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff\d])")
# "d i e" and "k m s": single letters that only make sense when read as one word. The bound keeps
# the work per position constant.
_SPELT_OUT = re.compile(r"(?<![a-z\d])(?:[a-z] ){2,30}[a-z](?![a-z\d])")
# "su1c1de": a digit or sign between two letters stands for the letter it looks like.
_LEET = re.compile(r"(?<=[a-z])[01345@$](?=[a-z])")
_LEET_LETTERS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"}
# Cyrillic and Greek letters that are drawn like Latin ones (Unicode confusables, lower case).
_LOOK_ALIKES = dict(
    zip("авеёкмнорстухіјѕԁһԛԝαβεικνορτυχωɡıⅼ", "abeekmhopctyxijsdhqwabeiknoptuxwgil", strict=True)
)
_APOSTROPHES = frozenset("'’‘ʼ`´′")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
# A few characters expand to whole phrases when decomposed; no letter needs more than this.
_MOST_DECOMPOSED = 4
_FOLDED_KEPT = 8192  # distinct characters whose folding is remembered: more than any language mix


@dataclass(frozen=True, slots=True)
class Reading:
    """Folded words in order; `clauses` and `sentences` number the stretch each word stands in.

    Only punctuation separates clauses here; `and`, `but` and the like are left to the frames.
    """

    words: list[str]
    clauses: list[int]
    sentences: list[int]


@lru_cache(maxsize=_FOLDED_KEPT)
def _folded(char: str) -> str:
    if char in _APOSTROPHES:
        return ""
    if char in "\n\r\u2028\u2029":
        return "\n"
    if char in "。｡":
        return "."
    if char in "、—–":
        return ","
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return " " if char == "\t" else ""
    parts = unicodedata.normalize("NFKD", char)
    if len(parts) > _MOST_DECOMPOSED:
        return " "
    kept = "".join(part for part in parts if unicodedata.category(part) not in _INVISIBLE)
    kept = "".join(_LOOK_ALIKES.get(letter, letter) for letter in kept.casefold())
    return " " if category in ("So", "Sk") else kept


def fold(text: str) -> str:
    """The text in lower case without accents, apostrophes, emoji or invisible characters.

    Compatibility forms and look-alike letters become the Latin letters they imitate. Linear in
    the length of the text.
    """
    text = text.translate({ord(char): _folded(char) for char in set(text)})
    text = _BLANKS.sub(" ", text).replace(" - ", " , ")
    text = _IDEOGRAPHS_APART.sub(" , ", text)
    text = _LEET.sub(lambda match: _LEET_LETTERS[match.group()], text)
    return _SPELT_OUT.sub(lambda match: match.group().replace(" ", ""), text)


def read(text: str, aliases: Mapping[str, str]) -> Reading:
    """Split a text into folded words; `aliases` replaces single words by their usual form."""
    words: list[str] = []
    clauses: list[int] = []
    sentences: list[int] = []
    clause = sentence = 0
    for token in _TOKEN.findall(fold(text)):
        if token in _SENTENCE_BREAKS:
            sentence += 1
            clause += 1
        elif token in _CLAUSE_BREAKS:
            clause += 1
        else:
            words.append(aliases.get(token, token))
            clauses.append(clause)
            sentences.append(sentence)
    return Reading(words, clauses, sentences)
