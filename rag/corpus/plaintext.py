"""Plain text, as copied from a page or wrapped by an editor, as blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.corpus.blocks import Block

# Files whose lines are all this short were wrapped at a column; longer lines are whole paragraphs.
_WIDEST_WRAP = 110
# Below this the "wrapped" lines are a list or a poem.
_NARROWEST_WRAP = 40
_BULLET = re.compile(r"[•‣◦▪■□●○·*]\s+|[-–—]\s+(?=[^\W\d])")
_NUMBERED = re.compile(r"\(?(?:\d{1,2}|[a-z])[.)]\s")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？][\"'”’)\]]*$")
_NOT_A_HEADING_END = re.compile(r"[.,;:!…。，；：！\-–—]$")
_LONGEST_HEADING = 80
_MOST_HEADING_WORDS = 10
# A paragraph under a heading is at least a short sentence.
_SHORTEST_PROSE = 40
_USUAL_HEADINGS = re.compile(
    r"intro(?:duction)?|overview|summary|abstract|background|conclusions?|causes|symptoms|"
    r"signs and symptoms|risk factors|diagnosis|treatments?|prevention|complications|outlook|"
    r"prognosis|key points|key takeaways|at a glance|references|引言|简介|摘要|前言|导语|结论",
    re.IGNORECASE,
)


def text_blocks(text: str) -> list[Block]:
    """The blocks of a plain text (as `readable` makes it): its lines, wrapped ones joined."""
    lines = text.split("\n")
    width = max((len(line.rstrip()) for line in lines), default=0)
    wrapped = _NARROWEST_WRAP <= width <= _WIDEST_WRAP
    blocks: list[Block] = []
    group: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            group.append(line)
            continue
        paragraphs = _join_wrapped(group, width) if wrapped else [(line,) for line in group]
        blocks.extend(
            Block(_without_bullet(paragraph), tight=i > 0) for i, paragraph in enumerate(paragraphs)
        )
        group = []
    return blocks


def _join_wrapped(lines: Sequence[str], width: int) -> Iterator[tuple[str, ...]]:
    """Neighbouring lines that are one paragraph.

    A line was wrapped where the first word of the next would not have fitted (greedy filling), or
    where it is long and the next goes on in lower case.
    """
    paragraph: list[str] = []
    for line in lines:
        if paragraph and not _goes_on(paragraph[-1], line, width):
            yield tuple(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield tuple(paragraph)


def _goes_on(line: str, following: str, width: int) -> bool:
    line, following = line.rstrip(), following.strip()
    if _BULLET.match(following) or _NUMBERED.match(following):
        return False
    if len(line) + 1 + len(following.split()[0]) > width:
        return True
    return len(line) >= width / 2 and following[0].islower() and not _ENDS_SENTENCE.search(line)


def _without_bullet(lines: tuple[str, ...]) -> tuple[str, ...]:
    first = lines[0].strip()
    return (_BULLET.sub("", first, count=1) if _BULLET.match(first) else first, *lines[1:])


def with_headings(blocks: Sequence[Block], usual_only: bool = False) -> list[Block]:
    """The blocks with those marked that clearly are headings.

    Such a block is one short line without a full stop that opens the text or follows a whole
    sentence, and is followed by prose. It stands apart, or is one of the usual headings; with
    `usual_only` the latter alone count.
    """
    marked: list[Block] = []
    for position, block in enumerate(blocks):
        previous = marked[-1] if marked else None
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        if following and _could_be_heading(block) and _is_prose(following):
            usual = _is_usual_heading(block, previous)
            apart = not usual_only and not following.tight and _looks_like_heading(block, previous)
            block = replace(block, heading=usual or apart)
        marked.append(block)
    return marked


def _could_be_heading(block: Block) -> bool:
    """Whether a block is one short line; this spares long texts the closer look."""
    return not block.heading and len(block.lines) == 1 and len(block.lines[0]) <= _LONGEST_HEADING


def _is_usual_heading(block: Block, previous: Block | None) -> bool:
    if not _USUAL_HEADINGS.fullmatch(block.text.rstrip(":：")):
        return False
    if block.tight:
        return _may_precede_heading(previous)
    return previous is None or not previous.text.endswith((":", "："))


def _looks_like_heading(block: Block, previous: Block | None) -> bool:
    line = block.text
    return (
        not block.tight
        and len(line.split()) <= _MOST_HEADING_WORDS
        and (line[0].isupper() or line[0].isdigit())
        and not _NOT_A_HEADING_END.search(line)
        and _may_precede_heading(previous)
    )


def _may_precede_heading(block: Block | None) -> bool:
    return block is None or block.heading or _ENDS_SENTENCE.search(block.text) is not None


def _is_prose(block: Block) -> bool:
    text = block.text
    ends = _ENDS_SENTENCE.search(text) is not None or text.endswith((":", "："))
    return not block.heading and len(text) >= _SHORTEST_PROSE and ends
