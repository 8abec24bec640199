"""Names of authors as bylines print them."""

from __future__ import annotations

import re

_HONORIFIC = re.compile(r"(?:dr|prof|professor|doctor|mr|mrs|ms|sir|dame)\b\.?\s+\S", re.IGNORECASE)
# Without places (DC, PA) and scans (CT, MRI): these alone make a person of a line of words.
_DEGREES = re.compile(
    r"md|phd|do|rn|np|mph|dpt|mbbs|mbchb|fac[spc]|faap|frc[sp]|mrc[sp]|dds|dmd|pharmd|psyd|dnp|aprn|"
    r"[bm]sn|cnm|dpm|rdn?|ldn|lcsw|pa-c|fnp-b?c|[bm]sc|drph|edd|[js]r",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(r"[A-Z]{2,8}(?:-[A-Z]{1,4})*|I{2,3}")
_PARTICLES = re.compile(
    r"d[aeiu]|del|della|de[nr]|dos|la|le|v[ao]n|bin|ibn|al|el|y|of|the|and|for", re.IGNORECASE
)
# Names that hold one of these are of organisations, in which "and" and commas part nothing.
_ORGANISATION = re.compile(
    r"\b(?:academy|agency|associates|association|board|cent(?:er|re)s?|clinic|college|committee|"
    r"council|department|editors|editorial|foundation|health|hospital|institutes?|medicine|"
    r"ministry|network|news|office|organi[sz]ation|school|services?|society|staff|team|trust|"
    r"university)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:;|,\s+and\s|,|&|\band\b|、)\s*")
_MOST_WORDS = 6
_MOST_WORDS_OF_ORGANISATION = 10


def split_names(text: str) -> tuple[str, ...]:
    """The names in a list of names, each with its credentials; an organisation is one name."""
    if is_organisation(text):
        return (text,)
    names: list[str] = []
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        if names and _is_credential(part):
            names[-1] = f"{names[-1]}, {part}"
        else:
            names.append(part)
    return tuple(names)


def is_organisation(text: str) -> bool:
    """Whether a name is that of an organisation."""
    return _ORGANISATION.search(text) is not None


def is_name_list(text: str) -> bool:
    """Whether a text consists of names alone: a few capitalised words each."""
    names = split_names(text)
    return bool(names) and all(_is_name(name.split(",")[0]) for name in names)


def are_persons(text: str) -> bool:
    """Whether a text is names alone, one at least with a title or a degree."""
    return is_name_list(text) and any(_is_person(name) for name in split_names(text))


def _is_person(name: str) -> bool:
    first, *credentials = name.split(",")
    *words, last = first.split()
    if _HONORIFIC.match(first) or (len(words) > 1 and _is_degree(last)):
        return True
    return bool(words) and any(_is_degree(word) for part in credentials for word in part.split())


def _is_degree(word: str) -> bool:
    return word[:1].isupper() and _DEGREES.fullmatch(word.replace(".", "")) is not None


def _is_credential(text: str) -> bool:
    """Whether a text is credentials alone, such as MD, Ph.D. or FNP-BC, RN."""
    words = text.replace(".", "").split()
    return bool(words) and all(_is_degree(word) or _CREDENTIAL.fullmatch(word) for word in words)


def _is_name(text: str) -> bool:
    words = text.split()
    most = _MOST_WORDS_OF_ORGANISATION if is_organisation(text) else _MOST_WORDS
    return (
        0 < len(words) <= most
        and _is_capitalised(words[0])
        and all(_is_capitalised(word) or _PARTICLES.fullmatch(word) for word in words)
    )


def _is_capitalised(word: str) -> bool:
    """Whether a word could be part of a name: a capital first, or a script without case."""
    first = word.lstrip("(\"'“‘")[:1]
    return first.isalpha() and not first.islower() and not any(char.isdigit() for char in word)
