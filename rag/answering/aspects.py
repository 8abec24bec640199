"""What a question asks about its subject: its causes, treatment, outlook."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources

from rag.text import content_words, words

DEFINITION = "definition"
# "What is sciatica?" asks for what it is; "What is the treatment …?" does not.
_WHAT_IS = re.compile(r"\W*(?:what(?:'s|’s| is| are| does| do)|define|explain|meaning of)\b", re.I)
_WHETHER = re.compile(
    r"\W*(?:(?:so|and|but|hi|hello|please)\W+)*(?:am|are|can|could|did|do|does|has|have|is|may|might|"
    r"must|should|was|were|will|would)(?:n['’]t)?\b",
    re.IGNORECASE,
)
# "Sciatica is pain that …": the subject is named within a few words.
_SAYS_WHAT = re.compile(
    r"\W{0,9}((?:[^\s.:;]+\s+){1,10}?)"
    r"(?:is|are|means?|refers? to|occurs? when|happens? when|describes?)\b",
    re.IGNORECASE,
)
# What a thing brings about, or how often it is met, is not what it is.
_NO_DEFINITION = re.compile(
    r"\b(?:is|are) (?:an? )?(?:\w+ )?(?:causes?|common|rare|likely|important|caused)\b",
    re.IGNORECASE,
)
_DEFINES = re.compile(
    r"\b(?:is|are) (?:a|an|the|one|any|when|where|caused|characteri[sz]ed|used|not a|another)\b|"
    r"\b(?:means|refers? to|is called|are called|describes|occurs? when|happens? when)\b",
    re.IGNORECASE,
)


def asked_aspects(question: str) -> frozenset[str]:
    """The aspects that a question names; `definition` where it names none and asks what is."""
    spoken = frozenset(words(question))
    named = frozenset(aspect for aspect, known in _aspects().items() if spoken & known)
    if not named and _WHAT_IS.match(question):
        return frozenset({DEFINITION})
    return named


def asks_whether(question: str) -> bool:
    """Whether a question wants a yes or a no."""
    return _WHETHER.match(question) is not None


def defines(text: str, question: str) -> bool:
    """Whether a sentence begins by saying what the question's subject is."""
    opening = _SAYS_WHAT.match(text)
    if opening is None or _NO_DEFINITION.search(text):
        return False
    # "Recovery from a slipped disc is slow" is about recovery.
    return content_words(opening.group(1))[0] in content_words(question)


def asks_the_same(heading: str, question: str) -> bool:
    """Whether a heading has just the words that say what the question is about."""
    return bool(heading) and set(content_words(heading)) == set(content_words(question))


def speaks_of(text: str, aspects: frozenset[str]) -> bool:
    """Whether a sentence or heading has a word of one of these aspects, or defines something."""
    if DEFINITION in aspects and _DEFINES.search(text):
        return True
    spoken = frozenset(words(text))
    return any(spoken & _aspects()[aspect] for aspect in aspects - {DEFINITION})


@functools.cache
def _aspects() -> Mapping[str, frozenset[str]]:
    data = resources.files("rag.answering").joinpath("data", "aspects.toml")
    table = tomllib.loads(data.read_text(encoding="utf-8"))
    return {aspect: frozenset(text.split()) for aspect, text in table.items()}
