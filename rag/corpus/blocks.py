"""An article as a list of blocks, and the text and sections that they make."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rag.text import visible
from rag.types import Section, Span

# Vertical tab, form feed, next line and the two Unicode separators end a line too; without this
# the words on both sides of one would grow together when control characters are removed.
_LINE_ENDS = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"))


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list item or a table row.

    lines: as they stand in the source, without invisible characters; a reader sees them joined
        by a space, as in `text`.
    tight: stands on the line right after the block before, without an empty line between.
    item: has or had a bullet or number.
    """

    lines: tuple[str, ...]
    heading: bool = False
    tight: bool = False
    item: bool = False

    @property
    def text(self) -> str:
        """What a reader sees: one line, composed again where removed characters stood between."""
        return " ".join(unicodedata.normalize("NFC", " ".join(self.lines)).split())


def readable(raw: str) -> str:
    """Raw text with newlines as line ends, in NFC and without invisible characters."""
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS).split("\n")
    return "\n".join(visible(line) for line in lines)


def tidy(text: str) -> str:
    """Text on one line in NFC, without invisible characters, white space collapsed."""
    return Block((visible(text),)).text


def without(blocks: Sequence[Block], gone: Collection[int]) -> list[Block]:
    """The blocks but for those at some positions; what followed one is not drawn closer."""
    kept: list[Block] = []
    loose = False
    for position, block in enumerate(blocks):
        if position in gone:
            loose = loose or not block.tight
            continue
        kept.append(replace(block, tight=False) if loose else block)
        loose = False
    return kept


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Section, ...]]:
    """The text of an article and its sections, with offsets into that text.

    A section starts after its heading and ends with its last block; one without text is left out.
    """
    parts: list[str] = []
    placed: list[tuple[Block, Span]] = []
    position = 0
    for block in blocks:
        line = block.text
        if line:
            gap = "\n" if block.tight and not block.heading else "\n\n"
            parts.extend((gap if parts else "", line))
            start = position + (len(gap) if placed else 0)
            position = start + len(line)
            placed.append((block, Span(start, position)))
    return "".join(parts), tuple(_sections(placed))


def _sections(placed: Iterable[tuple[Block, Span]]) -> Iterator[Section]:
    heading = ""
    for is_heading, group in groupby(placed, key=lambda pair: pair[0].heading):
        pairs = list(group)
        if is_heading:
            heading = pairs[-1][0].text
        else:
            yield Section(heading, pairs[0][1].start, pairs[-1][1].end)
