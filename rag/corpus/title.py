"""Find the title of an article, and drop the heading that repeats it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.corpus.blocks import Block, without
from rag.corpus.introduction import Split
from rag.text import collapse, shorten, words

# The first line of a plain text is its title up to this length.
_LONGEST_TITLE_LINE = 120
# A title made of the first sentence is cut to this length.
_LONGEST_SENTENCE = 80


def take_title_line(
    blocks: Sequence[Block], is_byline: Callable[[str], bool]
) -> tuple[str | None, tuple[Block, ...]]:
    """The title line of a plain text, if it has one, and the blocks below it.

    An empty line follows it, or a byline does.
    """
    if len(blocks) < 2 or len(blocks[0].lines) > 1:
        return None, tuple(blocks)
    line, below = blocks[0].text, blocks[1]
    if len(line) > _LONGEST_TITLE_LINE or (below.tight and not is_byline(below.lines[0])):
        return None, tuple(blocks)
    return line, tuple(blocks[1:])


def drop_title(title: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks without the first heading, if it equals the title."""
    first = next((i for i, block in enumerate(blocks) if block.heading), None)
    if first is None or not same_title(title, blocks[first].text):
        return tuple(blocks)
    return tuple(without(blocks, [first]))


def same_title(left: str, right: str) -> bool:
    """Whether two titles are equal but for case and punctuation."""
    return (words(left) or [left]) == (words(right) or [right])


def first_heading(blocks: Sequence[Block]) -> str | None:
    """The first heading, if there is one."""
    return next((block.text for block in blocks if block.heading and block.text), None)


def title_from(text: str, split: Split) -> str:
    """A title made of the first sentence of a text that has none."""
    spans = split(text)
    first = text[spans[0].start : spans[0].end] if spans else text
    return shorten(collapse(first), _LONGEST_SENTENCE)
