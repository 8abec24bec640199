"""Which blocks of a page are its article: what trafilatura finds, with what lies in between."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from lxml.html import HtmlElement
from trafilatura import bare_extraction

from rag.corpus.blocks import Block
from rag.corpus.html_blocks import tree_blocks

# trafilatura takes a page with less for one that it has not understood.
_SHORTEST_BODY = 250
# What it reads as one line may be found anywhere in what it found; less stands elsewhere by chance.
_SHORTEST_CERTAIN = 25
_NEAR = 60
# A lone line in the middle of an article that it left out is a button or a mark of the layout.
_SHORTEST_LINE = 40
_NOT_LETTERS = re.compile(r"[\W_]+")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？：；][\"'”’)\]]*$")


def article_blocks(tree: HtmlElement) -> list[Block]:
    """The blocks of a page that are its article, all of them where trafilatura finds too little.

    It decides where the article begins and ends. The words are those of the tree itself, since
    trafilatura leaves out parts of tables and runs the items of unclosed lists together.
    """
    blocks = tree_blocks(tree)
    document = bare_extraction(tree, include_comments=False, output_format="xml")
    # A dict is what it gave in older versions, on request.
    body = getattr(document, "body", None)
    found = "" if body is None else "".join(body.itertext())
    if len(found) < _SHORTEST_BODY:
        return blocks
    kept = _found_in(letters(found), blocks)
    if not any(kept):
        return blocks
    first, last = kept.index(True), len(kept) - 1 - kept[::-1].index(True)
    links = {letters(link.text_content()) for link in tree.iter("a")}
    return [
        block
        for position, block in enumerate(blocks[: last + 1])
        if kept[position] or (position > first and _belongs(position, blocks, kept, links))
    ]


def letters(text: str) -> str:
    """A text without anything but letters and digits, to compare two readings of a page by."""
    return _NOT_LETTERS.sub("", text)


def _found_in(text: str, blocks: Sequence[Block]) -> list[bool]:
    """Whether each block stands in a text, in order; short ones only where they are expected."""
    kept: list[bool] = []
    position = 0
    for block in blocks:
        wanted = letters(block.text)
        certain = len(wanted) >= _SHORTEST_CERTAIN
        end = len(text) if certain else position + _NEAR + len(wanted)
        place = text.find(wanted, position, end)
        if place >= 0:
            position = place + len(wanted)
        kept.append(place >= 0 or (certain and wanted in text))
    return kept


def _belongs(
    position: int, blocks: Sequence[Block], kept: Sequence[bool], links: Collection[str]
) -> bool:
    """Whether a block between found ones is part of the article: no link, no lone short line."""
    block = blocks[position]
    # A list of links in the middle of an article, which nothing announces as one, may be symptoms.
    if letters(block.text) in links and not block.item:
        return False
    following = position + 1
    if block.heading:
        return following < len(blocks) and kept[following] and not blocks[following].heading
    grouped = block.tight or (following < len(blocks) and blocks[following].tight)
    return grouped or (
        len(block.text) >= _SHORTEST_LINE and bool(_ENDS_SENTENCE.search(block.text))
    )
