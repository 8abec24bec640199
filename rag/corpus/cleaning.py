"""Take away what surrounds an article on its page: bylines above it, boilerplate around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.corpus.blocks import Block, tidy, without
from rag.corpus.boilerplate import (
    is_advertisement,
    is_button,
    is_footer,
    is_trail,
    may_be_link,
    opens_links,
)
from rag.corpus.byline import UNSAID, Byline, read_byline
from rag.corpus.names import is_name_list, is_organisation
from rag.text import shorten

# Bylines stand in the first lines of a page; further down a date is part of the article.
_HEAD_LINES = 12
_NAME_WORDS = range(2, 5)
_LOWER_CASE = re.compile(r"(?<![^\W_])[^\W\d_A-Z][^\W\d_]+")
_LONGEST_ACCOUNT = 120


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What remains, what the bylines said, and an account of what was taken away."""

    blocks: tuple[Block, ...]
    byline: Byline = UNSAID
    removed: tuple[str, ...] = ()


def account(rule: str, text: str) -> str:
    """One line of the account: which rule took what away."""
    return f"{rule}: {shorten(text, _LONGEST_ACCOUNT)}"


def is_byline(line: str) -> bool:
    """Whether a line is a byline for certain, so that what is above it can be a title."""
    byline = read_byline(line)
    return byline is not None and not byline.names


def strip_above_title(blocks: Sequence[Block]) -> Cleaned:
    """Take bylines and boilerplate from above the title of a plain text."""
    lines = [(position, block.text) for position, block in enumerate(blocks[:_HEAD_LINES])]
    byline = UNSAID
    removed: list[str] = []
    for _, line in lines:
        if is_byline(line):
            byline |= read_byline(line) or UNSAID
            removed.append(account("byline", line))
        elif _is_boilerplate(line):
            removed.append(account("boilerplate", line))
        else:
            break
    return Cleaned(tuple(without(blocks, range(len(removed)))), byline, tuple(removed))


def strip_head(blocks: Sequence[Block]) -> Cleaned:
    """Take bylines and boilerplate from the lines before the article's own text.

    Reading stops at the first line that is anything else, and at a heading below the first ones.
    """
    lines = _head_lines(blocks)
    said = [read_byline(line) for _, line in lines]
    byline = UNSAID
    removed: list[str] = []
    for position, (_, line) in enumerate(lines):
        found = said[position]
        if found is None and any((*said[:position][-1:], *said[position + 1 :][:1])):
            found = _bare_author(line, blocks)
        if found:
            byline |= found
            removed.append(account("byline", line))
        elif _is_boilerplate(line):
            removed.append(account("boilerplate", line))
        else:
            break
    authors = tuple(name for name in byline.names if _is_author(name, blocks))
    byline = replace(byline, authors=byline.authors or authors, names=())
    return Cleaned(_without_lines(blocks, lines[: len(removed)]), byline, tuple(removed))


def strip_advertisements(blocks: Sequence[Block]) -> Cleaned:
    """Take the marks of advertisements from between the paragraphs."""
    gone = [i for i, block in enumerate(blocks) if is_advertisement(block.text)]
    return _cut(blocks, gone)


def strip_tail(blocks: Sequence[Block]) -> Cleaned:
    """Take from the end lists of other articles, the foot of the page, and dates of review.

    Everything after the heading of such a list goes, provided that none of it is a sentence.
    """
    end = len(blocks)
    byline = UNSAID
    for position in reversed(range(len(blocks))):
        line = blocks[position].text
        dates = _dates_of_review(line)
        if opens_links(line) or is_footer(line):
            end = position
        elif end == position + 1 and (dates or is_button(line) or is_advertisement(line)):
            end = position
            byline = (dates or UNSAID) | byline
        elif not may_be_link(line):
            break
    return replace(_cut(blocks, range(end, len(blocks))), byline=byline)


def _is_boilerplate(line: str) -> bool:
    return is_advertisement(line) or is_button(line) or is_trail(line)


def _cut(blocks: Sequence[Block], gone: Sequence[int]) -> Cleaned:
    removed = tuple(account("boilerplate", blocks[position].text) for position in gone)
    return Cleaned(tuple(without(blocks, gone)), removed=removed)


def _dates_of_review(line: str) -> Byline | None:
    """What a line says if it is only about updates and reviews, as at the foot of a page."""
    byline = read_byline(line)
    if byline is None or byline.published or byline.publisher or byline.authors or byline.names:
        return None
    return byline if byline.updated or byline.reviewed or byline.next_review else None


def _head_lines(blocks: Sequence[Block]) -> list[tuple[int, str]]:
    """The first lines below the headings at the top, each with the position of its block."""
    lines: list[tuple[int, str]] = []
    for position, block in enumerate(blocks):
        if block.heading and lines:
            break
        if not block.heading:
            lines.extend((position, line) for line in block.lines)
        if len(lines) >= _HEAD_LINES:
            break
    return lines[:_HEAD_LINES]


def _without_lines(blocks: Sequence[Block], lines: Sequence[tuple[int, str]]) -> tuple[Block, ...]:
    """The blocks without so many of the lines that come first in them."""
    taken = Counter(position for position, _ in lines)
    left = [replace(block, lines=block.lines[taken[i] :]) for i, block in enumerate(blocks)]
    return tuple(without(left, [i for i, block in enumerate(left) if not block.lines]))


def _bare_author(line: str, blocks: Sequence[Block]) -> Byline | None:
    """What a line says that is nothing but a name, without a label, beside another byline."""
    line = tidy(line)
    return Byline(authors=(line,)) if _is_author(line, blocks) else None


def _is_author(name: str, blocks: Sequence[Block]) -> bool:
    """Whether a name is a person's: none of its words occurs in the article in lower case."""
    words = name.split()
    if len(words) not in _NAME_WORDS or not is_name_list(name) or is_organisation(name):
        return False
    used = {word for block in blocks for word in _LOWER_CASE.findall(block.text)}
    return all(word[0].isupper() and word.lower() not in used for word in words)
