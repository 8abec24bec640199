"""Messages that no article can answer, told from their words alone."""

from __future__ import annotations

import unicodedata
from collections import Counter

from rag.text import words
from rag.types import Reason

_GREETINGS = frozenset(
    ["hi", "hello", "hey", "hiya", "yo", "greetings", "good", "morning", "afternoon", "evening", "day", "night", "thanks", "thank", "you", "thx", "ty", "cheers", "ok", "okay", "great", "nice", "cool", "bye", "goodbye", "see", "ya", "later", "please", "how", "are", "doing", "is", "it", "going", "who", "what", "can", "do", "your", "name", "help", "me", "there", "much", "so", "very", "well", "fine", "lol", "haha"]
)
_ABOUT_US = frozenset({"you", "your", "hi", "hello", "hey", "thanks", "thank", "bye", "goodbye"})
_LONGEST_GREETING = 7

# Words that other languages in Latin letters cannot do without, and English hardly has.
_FUNCTION_WORDS = {
    "es": "qué que cómo como los las una para por con del está puedo tengo mi es el la si cuál "
    "cuáles cuánto dónde duele se me un y de en",
    "fr": "que quoi comment les des une pour avec est je mon ma le la du et un puis-je quel quelle "
    "quels quelles ai j'ai dans sont c'est qu'est-ce",
    "de": "was wie die der das ist und ich mein meine bei mit gegen eine ein kann habe wann warum "
    "hilft zu von auf den dem nicht",
    "pt": "o que como os as uma para por com do da está posso tenho meu minha é são qual quais em",
    "it": "che cosa come gli le una per con del della è posso ho mio mia quali il un sono quanto",
}
_FOREIGN = {language: frozenset(text.split()) for language, text in _FUNCTION_WORDS.items()}
_ENGLISH = frozenset(
    ["what", "how", "the", "is", "are", "my", "i", "can", "do", "does", "a", "an", "and", "for", "with", "of", "to", "in", "it", "should", "why", "when", "which", "have", "has", "be", "was", "were", "from", "or", "not", "on", "about", "me", "you", "who", "there", "this", "that"]
)
_FEWEST_WORDS = 3


def refusal(message: str) -> Reason | None:
    """Why a message is not searched for: small talk or another language; None where it is."""
    spoken = words(message)
    if _is_foreign_script(message) or _is_foreign(spoken):
        return Reason.LANGUAGE
    short = 0 < len(spoken) <= _LONGEST_GREETING
    if not spoken or (short and _ABOUT_US & {*spoken} and {*spoken} <= _GREETINGS):
        return Reason.SMALL_TALK
    return None


def _is_foreign_script(message: str) -> bool:
    letters = Counter(
        unicodedata.name(char, "").startswith("LATIN") for char in message if char.isalpha()
    )
    return letters[False] > letters[True]


def _is_foreign(spoken: list[str]) -> bool:
    english = sum(word in _ENGLISH for word in spoken)
    return any(
        (count := sum(word in known for word in spoken)) >= _FEWEST_WORDS
        and count > english
        and len({*spoken} & known) >= 2
        for known in _FOREIGN.values()
    )
