"""Split text into sentences with exact offsets: sentencex, and four small repairs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from rag.types import Span

# What cannot begin a sentence belongs to the one before: a reference mark, a closing bracket, a
# lower-case continuation, a number after an abbreviation such as "approx.".
_CONTINUATION = re.compile(r"[a-z\])}»”’,;:]|\[\d|\d+ (?=[a-z])")
_BEFORE_NUMBER = re.compile(r"\b(?:approx|ca|no|nos|fig|figs|vol|pp|min|max|p|Dr|vs)\.\s*$", re.I)
_TIME_OF_DAY = re.compile(r"\b[ap]\.m\.\s*$")
_TIME_ZONE = re.compile(r"(?:Eastern|Central|Mountain|Pacific|GMT|UTC|[ECMP][DS]?T)\b")
_REFERENCE = re.compile(r"\[\d[\d,–\- ]*\]\s*")
# sentencex panics on "A\u00a0.": to it, every white space is given as an ASCII space.
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
# The patterns that look back need no more than this many characters.
_LOOK_BACK = 12


def split_sentences(text: str, language: str = "en") -> list[Span]:
    """The sentences of a text in order, without the white space around them.

    A sentence never spans two lines. Every character that is not white space lies in exactly one
    sentence.
    """
    return [
        sentence
        for block in _blocks(text)
        for sentence in _sentences_of_block(text, block, language)
    ]


def _blocks(text: str) -> Iterator[Span]:
    """Lines: the text of an article has each paragraph and list item on one line."""
    start = 0
    for match in re.finditer(r"\n+", text):
        yield Span(start, match.start())
        start = match.end()
    yield Span(start, len(text))


def _sentences_of_block(text: str, block: Span, language: str) -> list[Span]:
    body = text[block.start : block.end]
    if not body.strip():
        return []
    starts = [0]
    plain = _WIDE_SPACE.sub(" ", body)
    for boundary in get_sentence_boundaries(language.split("-")[0].lower(), plain):
        start = int(boundary["start_index"])
        if start and not _continues(body, start):
            starts.append(start)
    spans: list[Span] = []
    for begin, end in zip(starts, [*starts[1:], len(body)], strict=True):
        moved = _REFERENCE.match(body, begin) if begin else None
        if moved and spans:
            spans[-1] = Span(spans[-1].start, block.start + begin + len(moved.group().rstrip()))
            begin = moved.end()
        piece = body[begin:end]
        left = begin + len(piece) - len(piece.lstrip())
        right = begin + len(piece.rstrip())
        if left < right:
            spans.append(Span(block.start + left, block.start + right))
    return spans


def _continues(body: str, start: int) -> bool:
    """Whether what begins at `start` still belongs to the sentence before."""
    # Never a copy of all that is before or after: a block may be a whole book in one line.
    before = body[max(0, start - _LOOK_BACK) : start]
    at = next((i for i in range(start, len(body)) if not body[i].isspace()), len(body))
    first = body[at : at + 1]
    if _REFERENCE.match(body, at):
        return False
    if _TIME_OF_DAY.search(before[-8:]):
        return _TIME_ZONE.match(body, at) is not None or first.islower()
    if first.isdigit():
        return _BEFORE_NUMBER.search(before) is not None
    return not first or _CONTINUATION.match(body, at) is not None
