"""Split text into sentences with exact offsets: sentencex, and four small repairs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from rag.types import Span

# A line that ends in mid-sentence was wrapped by its author's editor, not by its author.
_WRAPPED = re.compile(r"[^\s.!?:;。！？…]\n(?=[a-z(])")
_SHORTEST_WRAPPED_LINE = 40
# What cannot begin a sentence belongs to the one before: a reference mark, a closing bracket, a
# lower-case continuation, a number after an abbreviation such as "approx.".
_CONTINUATION = re.compile(r"[a-z\])}»”’,;:]|\[\d|\d+ (?=[a-z])")
_BEFORE_NUMBER = re.compile(r"\b(?:approx|ca|no|nos|fig|figs|vol|pp|min|max|p|Dr|vs)\.\s*$", re.I)
_TIME_OF_DAY = re.compile(r"\b[ap]\.m\.\s*$")
_TIME_ZONE = re.compile(r"(?:Eastern|Central|Mountain|Pacific|GMT|UTC|[ECMP][DS]?T)\b")
_REFERENCE = re.compile(r"\[\d[\d,–\- ]*\]\s*")


def split_sentences(text: str, language: str = "en") -> list[Span]:
    """The sentences of a text in order, without the white space around them.

    A sentence never spans two blocks (lines, unless a line was wrapped in mid-sentence). Every
    character that is not white space lies in exactly one sentence.
    """
    return [
        sentence
        for block in _blocks(text)
        for sentence in _sentences_of_block(text, block, language)
    ]


def _blocks(text: str) -> Iterator[Span]:
    start = 0
    for match in re.finditer(r"\n+", text):
        if not _is_wrapped(text, start, match):
            yield Span(start, match.start())
            start = match.end()
    yield Span(start, len(text))


def _is_wrapped(text: str, block_start: int, newline: re.Match[str]) -> bool:
    line_start = max(block_start, text.rfind("\n", 0, newline.start()) + 1)
    long_enough = newline.start() - line_start >= _SHORTEST_WRAPPED_LINE
    wrapped = _WRAPPED.match(text, newline.start() - 1) if newline.start() else None
    return len(newline.group()) == 1 and long_enough and wrapped is not None


def _sentences_of_block(text: str, block: Span, language: str) -> list[Span]:
    body = text[block.start : block.end]
    if not body.strip():
        return []
    starts = [0]
    for boundary in get_sentence_boundaries(language.split("-")[0].lower(), body):
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
    before, after = body[:start], body[start:].lstrip()
    if _REFERENCE.match(after):
        return False
    if _TIME_OF_DAY.search(before[-8:]):
        return _TIME_ZONE.match(after) is not None or after[:1].islower()
    if after[:1].isdigit():
        return _BEFORE_NUMBER.search(before[-12:]) is not None
    return not after or _CONTINUATION.match(after) is not None
