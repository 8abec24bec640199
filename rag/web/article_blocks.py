"""An article's text as the blocks of a page, with one span of it marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.types import Article, Span

_LINE = re.compile(r"[^\n]+")
_NUMBER = re.compile(r"\d{1,3}[.)] ")
_LEADS_IN = (":", "：")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; `first` where the mark begins."""

    text: str
    marked: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text. `tight`: no empty line stands between it and the one before."""

    pieces: tuple[Piece, ...]
    heading: bool
    tight: bool

    @property
    def text(self) -> str:
        """The line as it stands in the article."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that stand together: `heading` or `paragraph` of one, `list` or `numbered` of more."""

    kind: str
    lines: tuple[Line, ...]


def article_blocks(article: Article, mark: Span | None = None) -> tuple[Group, ...]:
    """The whole text in groups, in order, nothing changed.

    A list is what the text itself tells of one: two or more lines drawn together after a line that
    leads in to them.
    """
    return tuple(_groups(_runs(_lines(article, mark))))


def _lines(article: Article, mark: Span | None) -> Iterator[Line]:
    end, begun = 0, False
    for match in _LINE.finditer(article.text):
        tight = article.text[end : match.start()] == "\n"
        start, end = match.span()
        # What stands outside all sections are their headings; without sections there are none.
        inside = any(s.start <= start < s.end for s in article.sections)
        heading = bool(article.sections) and not inside
        pieces = _pieces(match.group(), start, mark, begun=begun)
        begun = begun or any(piece.marked for piece in pieces)
        yield Line(pieces, heading, tight and not heading)


def _pieces(line: str, offset: int, mark: Span | None, *, begun: bool) -> tuple[Piece, ...]:
    """A line cut where the mark begins and ends."""
    if mark is None:
        return (Piece(line),)
    start = min(max(mark.start - offset, 0), len(line))
    end = min(max(mark.end - offset, start), len(line))
    within = Piece(line[start:end], marked=True, first=not begun)
    pieces = (Piece(line[:start]), within, Piece(line[end:]))
    return tuple(piece for piece in pieces if piece.text)


def _runs(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines that are drawn together, in lists."""
    run: list[Line] = []
    for line in lines:
        if run and not line.tight:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _groups(runs: Iterable[list[Line]]) -> Iterator[Group]:
    led = False
    for run in runs:
        if not led and _leads_in(run[0]):
            yield Group("paragraph", (run[0],))
            led, items = True, run[1:]
        else:
            items = run
        if led and len(items) > 1:
            numbered = all(_NUMBER.match(item.text) for item in items)
            yield Group("numbered" if numbered else "list", tuple(items))
        else:
            for line in items:
                yield Group("heading" if line.heading else "paragraph", (line,))
        led = _leads_in(run[-1])


def _leads_in(line: Line) -> bool:
    return not line.heading and line.text.endswith(_LEADS_IN)
