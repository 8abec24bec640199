"""An article as a list of blocks, and the text and sections that they make."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.text import visible
from rag.types import Section

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
    text = ""
    parts: list[str] = []
    sections: list[Section] = []
    heading, start, end = "", None, 0
    position = 0
    for block in blocks:
        line = block.text
        if not line:
            continue
        gap = "" if not position else "\n" if block.tight and not block.heading else "\n\n"
        parts.append(gap + line)
        begin = position + len(gap)
        position = begin + len(line)
        if block.heading:
            if start is not None:
                sections.append(Section(heading, start, end))
            heading, start = line, None
        else:
            start = begin if start is None else start
            end = position
    if start is not None:
        sections.append(Section(heading, start, end))
    text = "".join(parts)
    return text, tuple(sections)
