"""Headings that nothing marks as such, in texts copied from a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.corpus.blocks import Block

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


def with_headings(blocks: Sequence[Block], usual_only: bool = False) -> list[Block]:
    """The blocks with those marked that clearly are headings.

    Such a block is one short line without a full stop that opens the text or follows a whole
    sentence or a list, and is followed by prose. It stands apart, or is one of the usual headings;
    with `usual_only` the latter alone count.
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
    one_line = len(block.lines) == 1 and len(block.lines[0]) <= _LONGEST_HEADING
    return one_line and not block.heading and not block.item


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
    if block is None or block.heading or block.item:
        return True
    return _ENDS_SENTENCE.search(block.text) is not None


def _is_prose(block: Block) -> bool:
    text = block.text
    ends = _ENDS_SENTENCE.search(text) is not None or text.endswith((":", "："))
    return not block.heading and len(text) >= _SHORTEST_PROSE and ends
