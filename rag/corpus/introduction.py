"""Drop an introduction whose every sentence the article says again below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.corpus.blocks import Block, without
from rag.corpus.cleaning import Cleaned, account
from rag.text import word_set
from rag.types import Span

Split = Callable[[str], list[Span]]
"""Finds the sentences of a text."""

# A body sentence that holds this share of an introductory sentence's words says the same.
_COVERED = 0.6
_NAMES = re.compile(
    r"intro(?:duction)?|summary|abstract|introducción|resumen|引言|简介|摘要|前言|导语",
    re.IGNORECASE,
)


def drop_introduction(blocks: Sequence[Block], split: Split) -> Cleaned:
    """The blocks without a repeated introduction; one that is not repeated in full stays.

    The introduction is the first section, if its heading says so, or its first paragraph alone.
    Where it stays and nothing else has a heading, its own is dropped: it would name all the text.
    """
    kept = Cleaned(tuple(blocks))
    if not blocks or not blocks[0].heading or not _NAMES.fullmatch(blocks[0].text.rstrip(":：")):
        return kept
    ends = [i for i, block in enumerate(blocks) if i and block.heading]
    for end in (*ends[:1], 2):
        introduction, body = blocks[1:end], blocks[end:]
        if introduction and _covers(body, introduction, split):
            text = " ".join(block.text for block in introduction)
            removed = (account("introduction that the text repeats", text),)
            return Cleaned(tuple(without(blocks, range(end))), removed=removed)
    if ends:
        return kept
    return Cleaned(tuple(without(blocks, [0])), removed=(account("lone heading", blocks[0].text),))


def _covers(body: Sequence[Block], introduction: Sequence[Block], split: Split) -> bool:
    """Whether for each sentence of one some single sentence of the other holds enough words."""
    said = [words for block in body if not block.heading for words in _sentences(block, split)]
    wanted = [words for block in introduction for words in _sentences(block, split)]
    return bool(wanted) and all(
        any(len(words & other) >= _COVERED * len(words) for other in said) for words in wanted
    )


def _sentences(block: Block, split: Split) -> list[frozenset[str]]:
    """The words of each sentence of a block; a sentence without a word says nothing."""
    text = block.text
    sentences = (word_set(text[span.start : span.end]) for span in split(text))
    return [words for words in sentences if words]
