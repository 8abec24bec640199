"""What the visible lines of a web page say of its authors and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from rag.corpus.blocks import Block, tidy
from rag.corpus.byline import UNSAID, Byline, read_byline
from rag.corpus.dates import find_dates
from rag.corpus.html_dates import in_digits, page_date
from rag.corpus.names import is_name_list, split_names
from rag.corpus.title import same_title

# Between a title and the text stand a byline, a date, a picture's caption and a lead.
_HEAD_BLOCKS = 15
_ABOVE_TITLE = 3
_MOST_PROSE = 2
_SHORTEST_PROSE = 100
# A line with a date is longer only where it is prose.
_LONGEST_DATE_LINE = 120
_ENDS_SENTENCE = re.compile(r"[^.]\w{3,}[.!?。！？]$")
_PARTS = re.compile(r"\s*[|·•‧]\s*|\s+[/–—-]\s+")
_LABELLED = re.compile(
    r"(?:\w+\s+){0,2}(?:re)?(?:review|revis|updat|modifi|actualiz|atualiz|aggiorn|aktualis|next|"
    r"próxim|publi|posted|issued|veröff|mise? à jour|更新|审核|发布)",
    re.IGNORECASE,
)
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲ*†‡§¶]+[,\s]*|\([^()]*\)")
_NEXT = re.compile(r"\bnext\b|próxim|下次", re.IGNORECASE)
_REVIEWED = re.compile(
    r"\breview(?:ed)?\b|\brevis(?:ado|ada|ión|é|ão)|\bgeprüft|审核|审阅|校对", re.IGNORECASE
)
_UPDATED = re.compile(
    r"\b(?:updated?|modified|revised|changed|edited)\b|actualiza|modifica|mise? à jour|"
    r"aktualisiert|aggiornat|atualiza|更新|修订|修改",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"\b(?:published|posted|issued|released|publication)\b|publicad|publicación|publié|"
    r"veröffentlicht|pubblicat|发布|发表|日期",
    re.IGNORECASE,
)
_NOT_OF_PAGE = re.compile(
    r"©|copyright|\b(?:accessed|retrieved|expires|event|volume \d+ issue)\b", re.IGNORECASE
)
_BY = re.compile(
    r"^(?:(?:written|posted|story|words|reported)\s+)?by\s*[:：]?\s+|^(?:por|par|von|di)\s+|"
    r"^(?:autor(?:es|a)?|author|作者|文|记者)\s*[:：]\s*",
    re.IGNORECASE,
)
_REVIEWER = re.compile(
    r"(?:reviewed|approved|verified|fact[- ]checked)\s+by\s*:?\s+|revisad[oa]\s+por\s*:?\s+|"
    r"审核\s*[:：]\s*",
    re.IGNORECASE,
)
_AUTHOR_MARKS = (
    ".//*[@itemprop='author']//*[@itemprop='name']",
    ".//*[@rel='author']",
    ".//*[@itemprop='author' and not(.//*)]",
    ".//*[contains(@class,'author-name') or contains(@class,'author__name') or "
    "contains(@class,'byline-name') or contains(@class,'author_name')]",
    ".//*[(contains(@class,'author') or contains(@class,'byline')) and "
    "not(contains(@class,'bio')) and string-length(normalize-space(.)) < 120]",
)


def visible_byline(blocks: Sequence[Block], title: str) -> Byline:
    """What the lines around a title say, and lines of review and update anywhere."""
    result = UNSAID
    for line in _head(blocks, title):
        result |= _read(line)
    for block in blocks:
        for line in block.lines:
            short = len(line) <= _LONGEST_DATE_LINE
            said = _read(line) if short and _LABELLED.match(line) else UNSAID
            if not (said.authors or said.publisher):
                labelled = _PUBLISHED.match(line) is not None
                result |= said if labelled else replace(said, published=None)
    return result


def marked_authors(tree: HtmlElement) -> tuple[str, ...]:
    """The names that a page marks as its authors', by microdata, links or classes."""
    for path in _AUTHOR_MARKS:
        names: list[str] = []
        for element in tree.xpath(path):
            text = tidy(element.get("content") or element.text_content())
            text = _BY.sub("", text)
            if not _REVIEWER.search(text) and is_name_list(text):
                names.extend(split_names(text))
        if names:
            return tuple(dict.fromkeys(names))
    return ()


def listed_authors(blocks: Sequence[Block], first: str) -> tuple[str, ...]:
    """The names in the list that begins with an author, as journals print them; () without one."""
    for block in blocks[: 2 * _HEAD_BLOCKS]:
        parts = _RAISED.sub(" ", block.text).split(";")
        names = [tidy(part.split(",")[0]) for part in parts]
        if len(names) > 1 and names[0] == first and all(map(is_name_list, names)):
            return tuple(dict.fromkeys(names))
    return ()


def reviewers(blocks: Sequence[Block]) -> Iterator[str]:
    """The texts behind "reviewed by", which name no author."""
    for block in blocks:
        for line in block.lines:
            match = _REVIEWER.search(line) if len(line) <= _LONGEST_DATE_LINE else None
            if match:
                yield line[match.end() :]


def marked_dates(tree: HtmlElement) -> Byline:
    """What the first `<time>` elements of a page say by their attributes."""
    result = UNSAID
    for element in list(tree.iter("time"))[:4]:
        parent = element.getparent()
        around = f"{element.get('class') or ''} {element.get('itemprop') or ''} "
        around += tidy(parent.text_content())[:_LONGEST_DATE_LINE] if parent is not None else ""
        try:
            iso = page_date(element.get("datetime") or "")
        except ValueError:
            continue
        result |= _dated(around, iso)
    return result


def opens_with_author(line: str, authors: Sequence[str]) -> bool:
    """Whether a line is one of names: it begins with an author and is no sentence."""
    line = _BY.sub("", line)
    if _ENDS_SENTENCE.search(line):
        return False
    return any(line.startswith(name.split(",")[0]) for name in authors)


def is_date_line(line: str) -> bool:
    """Whether a line is short, no sentence, and holds a date: "Research — March 3, 2024"."""
    short = len(line) <= _LONGEST_DATE_LINE and not _ENDS_SENTENCE.search(line)
    return short and bool(find_dates(in_digits(line)))


def _head(blocks: Sequence[Block], title: str) -> Iterator[str]:
    """The lines near the title that are not prose."""
    starts = [i for i, block in enumerate(blocks) if same_title(title, block.text)]
    start = starts[0] if starts else 0
    prose = 0
    for position in range(max(0, start - _ABOVE_TITLE), min(len(blocks), start + _HEAD_BLOCKS)):
        block = blocks[position]
        if position > start and block.heading and not is_date_line(block.text):
            return
        if len(block.text) >= _SHORTEST_PROSE and _ENDS_SENTENCE.search(block.text):
            prose += 1
        if prose == _MOST_PROSE:
            return
        yield from block.lines


def _read(line: str) -> Byline:
    """What one line says: as a byline word for word, else by its parts that hold one date."""
    line = in_digits(line)
    said = read_byline(line)
    if said is not None and not said.names:
        return said
    if _ENDS_SENTENCE.search(line) or _NOT_OF_PAGE.search(line):
        return UNSAID
    result = UNSAID
    if len(line) <= _LONGEST_DATE_LINE:
        for part in _PARTS.split(line):
            dates = find_dates(part)
            if len(dates) == 1 and dates[0].iso:
                result |= _dated(part, dates[0].iso)
            elif not dates and _BY.match(part) and is_name_list(_BY.sub("", part)):
                result |= Byline(authors=split_names(_BY.sub("", part)))
    return result


def _dated(words: str, iso: str) -> Byline:
    """A date in the part that the words around it give it."""
    if _NEXT.search(words):
        return Byline(next_review=iso)
    if _REVIEWED.search(words):
        return Byline(reviewed=iso)
    return Byline(updated=iso) if _UPDATED.search(words) else Byline(published=iso)
