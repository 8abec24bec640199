"""Dates as web pages give them: in attributes of many forms, and in words of some languages."""

from __future__ import annotations

import re
from datetime import date

from rag.corpus.dates import find_dates, metadata_date

_MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
}
_MONTH = {
    name: number for names in _MONTHS.values() for number, name in enumerate(names.split(), start=1)
} | {"setiembre": 9}
_WORDS = re.compile(
    rf"(?<!\w)(\d{{1,2}})(?:\.|º|er)?\s+(?:de\s+)?({'|'.join(_MONTH)})(?:\s+de[l]?)?,?\s+(\d{{4}})\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T?\d{4,6}Z?)?")
_IN_ADDRESS = re.compile(r"/((?:19|20)\d{2})/(\d{1,2})/(\d{1,2})(?:/|$)")


def page_date(value: str) -> str:
    """A date of any usual form as `YYYY-MM-DD`. Raises ValueError unless it is one certain day."""
    try:
        return metadata_date(value.strip())
    except ValueError:
        digits = _DIGITS.fullmatch(value.strip())
        found = find_dates("-".join(digits.groups()) if digits else in_digits(value))
        if len(found) == 1 and found[0].iso:
            return found[0].iso
        raise


def date_in_address(url: str) -> str | None:
    """The day in an address such as `…/2024/03/05/…`, in which articles of blogs stand."""
    match = _IN_ADDRESS.search(url)
    return _iso(*map(int, match.groups())) if match else None


def in_digits(line: str) -> str:
    """A line with the dates that are written in words other than English in digits."""
    return _WORDS.sub(_digits, line)


def _digits(match: re.Match[str]) -> str:
    iso = _iso(int(match[3]), _MONTH[match[2].lower()], int(match[1]))
    return iso or match.group()


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
