"""A tree of HTML as blocks of visible text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml.html import HtmlElement

from rag.corpus.blocks import Block, tidy

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary"})
_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_ITEMS = frozenset({"li", "dt", "dd"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = (
    _HEADINGS
    | _LISTS
    | _ITEMS
    | _CELLS
    | frozenset(
        [
            "table",
            "p",
            "div",
            "section",
            "article",
            "header",
            "footer",
            "main",
            "aside",
            "nav",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "blockquote",
            "quote",
            "pre",
            "figure",
            "figcaption",
            "details",
            "form",
            "fieldset",
            "address",
            "hr",
            "body",
            "html",
            "center",
            "hgroup",
            "td",
        ]
    )
)
_BOLD = frozenset({"b", "strong"})
# A quoted row must not run its cells together, as in Markdown.
_CELL_GAP = "; "
# A cell with more is part of a layout, not of a table.
_LONGEST_CELL = 400
_LONGEST_HEADING = 200
_LONGEST_BOLD_HEADING = 80
# Lines at least this long were broken to fit a column.
_SHORTEST_WRAPPED = 60
_BREAK = "\x1e"
_BULLET = re.compile(r"^[•‣◦▪■□●○·]\s*")
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？：；][\"'”’)\]]*$")
_NO_HEADING = re.compile(r"[.!,;。！，；]$")
_ANCHOR = re.compile(r"\s*[#¶§🔗]\s*$")


def tree_blocks(tree: HtmlElement) -> list[Block]:
    """The blocks of a tree, in the order of the page."""
    return list(_inside(tree))


def _inside(element: HtmlElement) -> Iterator[Block]:
    """The blocks in an element: text between block elements is a paragraph of its own."""
    pieces: list[str] = [element.text or ""]
    bold = _is_bold(element)
    for child in element:
        if _holds_blocks(child):
            yield from _paragraphs("".join(pieces))
            yield from _block(child)
            pieces = []
        else:
            pieces.append(_inline(child))
        pieces.append(child.tail or "")
    yield from _paragraphs("".join(pieces), bold)


def _holds_blocks(element: HtmlElement) -> bool:
    return any(inner.tag in _BLOCKS for inner in element.iter())


def _block(element: HtmlElement) -> Iterator[Block]:
    if element.tag in _HEADINGS:
        yield from _heading(element)
    elif element.tag in _LISTS:
        yield from _list(element)
    elif element.tag == "table":
        yield from _table(element)
    elif element.tag == "pre":
        lines = filter(None, (tidy(line) for line in element.text_content().split("\n")))
        yield from (Block((line,), tight=i > 0) for i, line in enumerate(lines))
    else:
        yield from _inside(element)


def _inline(element: HtmlElement) -> str:
    if element.tag == "br":
        return _BREAK
    if not isinstance(element.tag, str):
        return ""
    return "".join(
        [element.text or "", *(_inline(child) + (child.tail or "") for child in element)]
    )


def _heading(element: HtmlElement) -> Iterator[Block]:
    line = _ANCHOR.sub("", tidy(_inline(element).replace(_BREAK, " ")))
    if line:
        yield Block((line,), heading=len(line) <= _LONGEST_HEADING)


def _paragraphs(text: str, bold: bool = False) -> Iterator[Block]:
    """The blocks of a paragraph: one, unless line breaks divide it."""
    tight = False
    parts = [tidy(" ".join(part.split())) for part in text.split(_BREAK)]
    for lines in _grouped(parts):
        if lines:
            first = _BULLET.sub("", lines[0])
            heading = bold and _could_be_heading(lines)
            yield Block((first, *lines[1:]), heading, tight, item=first != lines[0])
        tight = bool(lines)


def _grouped(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Lines that go on in the next one, together; an empty one stands for an empty line."""
    group: list[str] = []
    for part in parts:
        if group and not (part and _goes_on(group[-1], part)):
            yield tuple(group)
            group = []
        if part:
            group.append(part)
        elif not group:
            yield ()
    if group:
        yield tuple(group)


def _goes_on(line: str, following: str) -> bool:
    if _ENDS_SENTENCE.search(line) or _BULLET.match(following):
        return False
    return following[0].islower() or len(line) >= _SHORTEST_WRAPPED


def _is_bold(element: HtmlElement) -> bool:
    """Whether all that a paragraph says is bold, as headings are that nobody marked as such."""
    if element.tag not in ("p", "div") or (element.text or "").strip():
        return False
    children = [child for child in element if child.tag != "br"]
    return bool(children) and all(
        child.tag in _BOLD and not (child.tail or "").strip() for child in children
    )


def _could_be_heading(lines: Sequence[str]) -> bool:
    line = lines[0]
    return (
        len(lines) == 1
        and 2 < len(line) <= _LONGEST_BOLD_HEADING
        and not _NO_HEADING.search(line)
        and not line[0].islower()
    )


def _list(element: HtmlElement) -> Iterator[Block]:
    """The items of a list, drawn together, the first one aside."""
    blocks = [block for child in element for block in _inside(child)]
    for position, block in enumerate(blocks):
        yield replace(block, heading=False, tight=position > 0, item=True)


def _table(element: HtmlElement) -> Iterator[Block]:
    """The rows of a table; one that only lays out a page is read cell by cell."""
    if _is_layout(element):
        yield from _inside(element)
        return
    for caption in element.iter("caption"):
        yield from _inside(caption)
    position = 0
    for row in element.iter("tr"):
        texts = [tidy(" ".join(_text_of(cell).split())) for cell in row.iter(*_CELLS)]
        if any(texts):
            yield Block((_CELL_GAP.join(texts).strip(_CELL_GAP),), tight=position > 0)
            position += 1


def _text_of(cell: HtmlElement) -> str:
    return "; ".join(block.text for block in _inside(cell))


def _is_layout(table: HtmlElement) -> bool:
    """Whether a table only puts blocks side by side: it nests them, or has long cells alone."""
    cells = list(table.iter(*_CELLS))
    if any(next(cell.iter("table", *_HEADINGS), None) is not None for cell in cells):
        return True
    if any(cell.tag == "th" for cell in cells):
        return False
    return any(sum(map(len, cell.itertext())) > _LONGEST_CELL for cell in cells)
