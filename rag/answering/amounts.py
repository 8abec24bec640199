"""Amounts of a medicine in a sentence: a number with a unit of dose, also spelt out."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from importlib import resources


def names_amount(text: str) -> bool:
    """Whether a number stands with a unit of dose anywhere in a text. Linear in its length."""
    return bool(_amount().search(_folded(text)))


def names_number(text: str) -> bool:
    """Whether there is any number in a text, in digits of any script or spelt out with a unit."""
    return any(char.isnumeric() for char in text) or names_amount(text)


def _folded(text: str) -> str:
    """Lower case, compatibility forms and digits of other scripts made plain."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("µ", "μ")
    return "".join(str(unicodedata.digit(char, char)) for char in plain)


@functools.cache
def _amount() -> re.Pattern[str]:
    data = resources.files("rag.answering").joinpath("data", "amounts.toml")
    table = tomllib.loads(data.read_text(encoding="utf-8"))
    numbers, units, spaceless = (
        "|".join(re.escape(word) for word in sorted(table[name], key=len, reverse=True))
        for name in ("numbers", "units", "spaceless")
    )
    figure = r"\d[\d.,/]*"
    # A range or a hyphen may stand between ("2 to 4 tablets", "500-mg"); so may one more word.
    join = r"[\s\-–~]{0,3}(?:(?:or|to|and|o|a|y|half|more|whole|small|large)\s{1,3})?"
    return re.compile(
        rf"(?:(?<![\w.])(?:{figure}|(?:{numbers})\b)|(?<=\D){figure}){join}"
        rf"(?:{figure}{join})?(?:{units})(?![a-z])"
        rf"|(?:\d|[{table['counts']}])\s{{0,3}}(?:{spaceless})"
    )
