"""Plain text, as copied from a page or wrapped by an editor, as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.corpus.blocks import Block

# Files whose lines are all this short were wrapped at a column; longer lines are whole paragraphs.
_WIDEST_WRAP = 110
# Below this the "wrapped" lines are a list or a poem.
_NARROWEST_WRAP = 40
# Words of usual length leave a line at least this full.
_NEARLY_FULL = 0.75
# Fewer lines than this may end in mid-sentence by chance.
_FEWEST_WRAPPED = 3
_BULLET = re.compile(r"^(?:[•‣◦▪■□●○·*]\s+|[-–—]\s+(?=[^\W\d]))")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z])[.)]\s")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’)\]]*$")


def text_blocks(text: str) -> list[Block]:
    """The blocks of a plain text (as `readable` makes it): its lines, wrapped ones joined."""
    lines = [line.rstrip() for line in text.split("\n")]
    width = _wrapped_at(lines)
    blocks: list[Block] = []
    group: list[str] = []
    for line in [*lines, ""]:
        if line:
            group.append(line)
            continue
        for position, paragraph in enumerate(_joined(group, width)):
            blocks.append(_block(paragraph, tight=position > 0))
        group = []
    return blocks


def _wrapped_at(lines: Sequence[str]) -> int | None:
    """The column at which an editor wrapped the lines, or None if none did.

    It did where line after line is about as long as the longest and ends in mid-sentence.
    """
    width = max(map(len, lines))
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return None
    full = [
        line
        for line, following in pairwise(lines)
        if following and len(line) >= width * _NEARLY_FULL
    ]
    open_ended = sum(_ENDS_SENTENCE.search(line) is None for line in full)
    return width if open_ended >= _FEWEST_WRAPPED and open_ended * 2 > len(full) else None


def _joined(lines: Sequence[str], width: int | None) -> Iterator[tuple[str, ...]]:
    """Neighbouring lines that are one paragraph."""
    paragraph: list[str] = []
    for line in lines:
        if paragraph and not _goes_on(paragraph[-1], line.strip(), width):
            yield tuple(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield tuple(paragraph)


def _goes_on(line: str, following: str, width: int | None) -> bool:
    """Whether a line was wrapped before the following one.

    It was where the next word would not have fitted (greedy filling), or where it is long, no
    whole sentence, and goes on in lower case.
    """
    if _BULLET.match(following) or _NUMBERED.match(following):
        return False
    if width and len(line) + 1 + len(following.split()[0]) > width:
        return True
    unfinished = len(line) >= _NARROWEST_WRAP and not _ENDS_SENTENCE.search(line)
    return unfinished and following[0].islower()


def _block(lines: tuple[str, ...], tight: bool) -> Block:
    first = lines[0].strip()
    item = bool(_BULLET.match(first) or _NUMBERED.match(first))
    return Block((_BULLET.sub("", first, count=1), *lines[1:]), tight=tight, item=item)
