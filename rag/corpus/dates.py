"""Dates: as metadata gives them, and as pages print them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

_METADATA = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ]\d{2}:\d{2}\S*(?: ?\S+)?)?")
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_WEEKDAY = r"(?:(?:mon|tue|tues|wednes|wed|thu|thurs|fri|satur|sat|sun)(?:day)?\.?,?\s+)?"
_TIME = (
    r"(?:(?:T|,?\s+(?:at\s+)?)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[ap]\.?m\b\.?)?"
    r"(?:\s?(?:Z|UTC|GMT|[ECMP][SD]?T|[+-]\d{2}:?\d{2})\b)?)?"
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a line of text; `iso` is None where it names no one day for certain."""

    start: int
    end: int
    iso: str | None


def metadata_date(value: str) -> str:
    """A metadata date as `YYYY-MM-DD`. Raises ValueError unless it is a day, year first."""
    match = _METADATA.fullmatch(value)
    if not match:
        raise ValueError("is not a date; write YYYY-MM-DD")
    year, _, month, day = match.groups()
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise ValueError(f"is not a date ({error}); write YYYY-MM-DD") from error


def find_dates(line: str) -> list[FoundDate]:
    """The dates printed in a line, in order, none overlapping another."""
    found = sorted(_all_dates(line), key=lambda item: (item.start, -item.end))
    kept: list[FoundDate] = []
    for item in found:
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return kept


def _all_dates(line: str) -> Iterator[FoundDate]:
    for pattern, read in _FORMS:
        for match in pattern.finditer(line):
            yield FoundDate(match.start(), match.end(), read(match))


def _day(match: re.Match[str]) -> str | None:
    return _iso(match["year"], match["month"], match["day"])


def _named_month(match: re.Match[str]) -> str | None:
    if match["day"] is None:
        return None
    month = _MONTHS.index(match["month"][:3].lower()) // 3 + 1
    return _iso(match["year"], str(month), match["day"])


def _year_last(match: re.Match[str]) -> str | None:
    """`29/09/2025` or `09/29/2025`; where both could be a month, neither is taken."""
    first, second = int(match["first"]), int(match["second"])
    if first <= 12 and second <= 12 and first != second:
        return None
    month, day = (first, second) if second > 12 or first == second else (second, first)
    return _iso(match["year"], str(month), str(day))


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _form(
    pattern: str, read: Callable[[re.Match[str]], str | None]
) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]:
    return re.compile(rf"(?<![\w/.-]){pattern}{_TIME}(?!\w)", re.IGNORECASE), read


_FORMS = (
    _form(rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})", _day),
    _form(rf"{_YEAR}\s?年\s?(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?日", _day),
    _form(rf"{_WEEKDAY}{_MONTH}[\s-](?:{_DAY}(?:,\s?|[\s-]))?{_YEAR}", _named_month),
    _form(rf"{_WEEKDAY}{_DAY}[\s-](?:of\s)?{_MONTH},?[\s-]{_YEAR}", _named_month),
    _form(rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})(?P=mark){_YEAR}", _year_last),
)
