"""Lines that say who wrote, published or reviewed a page and when, understood word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rag.corpus.blocks import tidy
from rag.corpus.dates import find_dates
from rag.corpus.names import are_persons, is_name_list, split_names

# Longer lines are prose.
_LONGEST_LINE = 200
_LONGEST_ORGANISATION = 80
_MOST_ORGANISATION_WORDS = 12


class Role(StrEnum):
    """What a part of a byline says."""

    REVIEWER = "reviewer"
    NEXT_REVIEW = "next_review"
    REVIEWED = "reviewed"
    UPDATED = "updated"
    PUBLISHER = "publisher"
    AUTHOR = "author"
    LABELLED_AUTHOR = "labelled_author"
    PUBLISHED = "published"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Byline:
    """What bylines say; None or empty where they say nothing. Dates are ISO 8601.

    names: of nobody knows what, beside a date or a label: an author, a site, a department.
    """

    published: str | None = None
    updated: str | None = None
    reviewed: str | None = None
    next_review: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __or__(self, other: Byline) -> Byline:
        """Both together; where both say something the first counts, and authors add up."""
        return Byline(
            published=self.published or other.published,
            updated=self.updated or other.updated,
            reviewed=self.reviewed or other.reviewed,
            next_review=self.next_review or other.next_review,
            publisher=self.publisher or other.publisher,
            authors=tuple(dict.fromkeys(self.authors + other.authors)),
            names=self.names + other.names,
        )


UNSAID = Byline()
"""The byline of a page that has none."""

# In the order in which they are tried; those that are nouns need a colon to be a label.
_LABELS: tuple[tuple[Role, str], ...] = (
    (
        Role.REVIEWER,
        r"(?:(?:medically|clinically|scientifically|expert)\s)?(?:reviewed|approved|"
        r"verified|fact[- ]?checked|edited|translated|illustrated)\s+by\b\s*:?",
    ),
    (Role.REVIEWER, r"(?:medical(?:ly)?\s)?(?:reviewers?|editors?)\s*[:：]"),
    (Role.NEXT_REVIEW, r"next\s+review(?:\s+(?:due|date|on))*\b\s*:?|review\s+due\b\s*:?"),
    (
        Role.REVIEWED,
        r"(?:(?:page|content|article|date)\s)?(?:(?:last|medically|clinically)\s)*"
        r"reviewed(?:\s+on)?\b\s*:?|(?:last\s+)?review(?:ed)?\s+date\b\s*:?",
    ),
    (
        Role.UPDATED,
        r"(?:(?:page|content|article|date)\s)?(?:last\s+)?(?:updated?|modified|revised)"
        r"(?:\s+on)?\b\s*:?|更新(?:时间|日期|于)?\s*[:：]?",
    ),
    (
        Role.PUBLISHER,
        r"published\s+by\b\s*:?|(?:source|publisher|publication)\s*[:：]|"
        r"(?:来源|出处)\s*[:：]",
    ),
    (Role.LABELLED_AUTHOR, r"(?:authors?|writers?|written\s+by|author\(s\))\s*[:：]|作者\s*[:：]"),
    (
        Role.AUTHOR,
        r"(?:(?:written|posted|authored|story|article|words|reported|contributed)\s+)?"
        r"by\b\s*[:：]?",
    ),
    (
        Role.PUBLISHED,
        r"(?:(?:first|originally|date)\s+)?(?:published|posted|issued)"
        r"(?:\s+(?:on|online))?\b\s*:?|(?:publication\s+)?date\s*[:：]|"
        r"发布(?:时间|日期|于)?\s*[:：]?",
    ),
)
_LABEL = "|".join(f"(?P<_{i}>{pattern})" for i, (_, pattern) in enumerate(_LABELS))
# A date is masked by one character that no readable text holds.
_DATE = "\x00"
_SEPARATOR = r"\s*[|·•‧∙◆►»]\s*|\s+[-–—/]\s+|\t|\s{3,}"
_TOKEN = re.compile(
    rf"(?<![^\W_])(?:{_LABEL})|(?P<date>{_DATE})|(?P<gap>{_SEPARATOR})", re.IGNORECASE
)
_JOINERS = re.compile(r"^[\s,;:()]+|(?:[\s,;:()]|\s(?:on|at|in)(?=\s*$))+$", re.IGNORECASE)
_READING_TIME = re.compile(
    r"\d{1,3}\s?[- ]?min(?:ute)?s?(?:\s+read)?|(?:estimated\s+)?read(?:ing)?\s+time\s*:?.{0,20}",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[^.][^\W\d_]{3,}[.!?。！？]$")


def read_byline(line: str) -> Byline | None:
    """What a line says, or None unless every word of it belongs to a byline."""
    if len(line) > _LONGEST_LINE:
        return None
    result, sure = UNSAID, False
    role, used = Role.NONE, False
    for kind, value in _tokens(line):
        if isinstance(kind, Role):
            role, used = kind, False
            continue
        if kind == "gap":
            role = Role.NONE if used else role
            continue
        said = _dated(role, value) if kind == "date" else _named(role, value)
        if said is None:
            return None
        result |= said
        sure = sure or not said.names
        used = True
    return result if sure else None


def _tokens(line: str) -> Iterator[tuple[Role | str, str]]:
    """Labels as (role, ""), gaps, dates (ISO, or "" if uncertain), and the texts in between."""
    dates = find_dates(line)
    for found in reversed(dates):
        line = f"{line[: found.start]}{_DATE}{line[found.end :]}"
    isos = iter(found.iso or "" for found in dates)
    position = 0
    for match in _TOKEN.finditer(line):
        yield from _text(line[position : match.start()])
        if match["date"]:
            yield "date", next(isos)
        elif match["gap"]:
            yield "gap", ""
        else:
            yield _LABELS[int(str(match.lastgroup)[1:])][0], ""
        position = match.end()
    yield from _text(line[position:])


def _text(raw: str) -> Iterator[tuple[str, str]]:
    text = tidy(_JOINERS.sub("", raw))
    if text:
        yield "text", text


def _dated(role: Role, iso: str) -> Byline:
    """What a date says after a label; without one it is the date of publication."""
    day = iso or None
    if role is Role.NEXT_REVIEW:
        return Byline(next_review=day)
    if role in (Role.REVIEWED, Role.REVIEWER):
        return Byline(reviewed=day)
    return Byline(updated=day) if role is Role.UPDATED else Byline(published=day)


def _named(role: Role, text: str) -> Byline | None:
    """What words say after a label, or None where they are something else than a name."""
    if role is Role.PUBLISHER:
        return Byline(publisher=text) if _is_short(text) else None
    if role is Role.REVIEWER:
        return UNSAID if _is_short(text) else None
    if role is Role.LABELLED_AUTHOR and _is_short(text):
        return Byline(authors=split_names(text) if is_name_list(text) else (text,))
    if role in (Role.PUBLISHED, Role.UPDATED):
        return UNSAID if is_name_list(text.removeprefix("in ")) else None
    if role is Role.NONE and _READING_TIME.fullmatch(text):
        return UNSAID
    text = text.removeprefix("the ")
    if role not in (Role.AUTHOR, Role.NONE) or not is_name_list(text):
        return None
    names = split_names(text)
    return (
        Byline(authors=names) if role is Role.AUTHOR or are_persons(text) else Byline(names=names)
    )


def _is_short(text: str) -> bool:
    """Whether words after a label could be a name rather than the begin of a sentence."""
    return (
        len(text) <= _LONGEST_ORGANISATION
        and len(text.split()) <= _MOST_ORGANISATION_WORDS
        and not _SENTENCE_END.search(text)
    )
