"""Markdown as blocks of visible text: CommonMark, tables and struck text, by markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.corpus.blocks import Block, tidy
from rag.corpus.html import CELL, LINE, PARAGRAPH, without_hidden
from rag.corpus.inline import inline_text, literal_mark

# A quoted row must not run its cells together, and a semicolon is no mark of Markdown.
_CELL_GAP = "; "
# Underlined paragraphs count as headings only where they could be one.
_LONGEST_UNDERLINED = 120
_ENDS_SENTENCE = re.compile(r"[.!;:,。！；：，]$")
# An empty list item under a paragraph would make a heading of that paragraph.
_LONE_MARK = re.compile(r"^[ \t]*[-=*+]{1,2}[ \t]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]\s]{1,50}\]:[ \t]*", re.MULTILINE)
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]{1,50}\]")
# "> 65 years" alone on a line or in a list item compares; it quotes nobody.
_QUOTE_LINES = re.compile(
    r"^(?P<lead>[ \t]*(?:(?:[-*+]|\d{1,2}[.)])[ \t]+)?)>(?P<line>.*)(?P<more>(?:\n[ \t]*>.*)*)",
    re.MULTILINE,
)
_NUMBER = re.compile(r"[ \t]?[=≥]?[ \t]?\d")
_TASK = re.compile(r"\[[ xX]\] ")
# Numbers of more digits than this are years or amounts at the start of a line.
_LONGEST_NUMBER = 2


def _parser() -> MarkdownIt:
    # Indented lines are text, not code: articles hold no programs. HTML is read as part of
    # paragraphs, so that its visible words are kept.
    parser = MarkdownIt("commonmark", {"html": True, "typographer": False, "linkify": False})
    parser.enable(["table", "strikethrough"]).disable(["code", "html_block"])
    parser.inline.ruler.before("emphasis", "literal_mark", literal_mark)
    return parser


_PARSER = _parser()


def markdown_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text (as `readable` makes it), without any marks."""
    text = _QUOTE_LINES.sub(_comparison, _LONE_MARK.sub("", without_hidden(text)))
    if "[^" in text:
        text = _FOOTNOTE_MARK.sub("", _FOOTNOTE.sub("\n", text))
    return [block for group in _groups(_PARSER.parse(text)) for block in _blocks(group)]


def _comparison(match: re.Match[str]) -> str:
    """Lines that begin with `>`; the mark of a single one before a number is kept as text."""
    if match["more"] or not _NUMBER.match(match["line"]):
        return match.group()
    return f"{match['lead']}\\>{match['line']}"


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Tokens in groups, each from an opening token to the one that closes it."""
    depth = start = 0
    for position, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : position + 1]
            start = position + 1


def _blocks(group: Sequence[Token]) -> list[Block]:
    """The blocks of one group; a list is drawn together, its first item aside."""
    kind, inner = group[0].type, group[1:-1]
    if kind == "heading_open":
        return _heading(group[0], inner[0])
    if kind == "paragraph_open":
        return _paragraphs(inline_text(inner[0].children or ()))
    if kind in ("bullet_list_open", "ordered_list_open"):
        items = [block for item in _list_items(group[0], inner) for block in item]
        return [Block(block.lines, tight=i > 0, item=True) for i, block in enumerate(items)]
    if kind == "table_open":
        return [Block(line, tight=i > 0) for i, line in enumerate(_rows(inner))]
    if kind == "fence":
        lines = group[0].content.split("\n")
        return [Block((line,), tight=i > 0) for i, line in enumerate(lines) if line.strip()]
    return [block for child in _groups(inner) for block in _blocks(child)]


def _heading(opening: Token, inline: Token) -> list[Block]:
    text = inline_text(inline.children or ())
    line = tidy(_one_line(text))
    underlined = opening.markup in ("-", "=")
    if underlined and (
        "\n" in text or len(line) > _LONGEST_UNDERLINED or _ENDS_SENTENCE.search(line)
    ):
        return _paragraphs(text)
    return [Block((line,), heading=True)] if line else []


def _paragraphs(text: str) -> list[Block]:
    """The blocks of a paragraph: one, unless HTML or a forced line break divides it."""
    blocks: list[Block] = []
    for paragraph in text.split(PARAGRAPH):
        tight = False
        for part in paragraph.split(LINE):
            lines = tuple(line for raw in part.split("\n") if (line := _cells(raw)))
            if lines:
                blocks.append(Block(lines, tight=tight))
                tight = True
    return blocks


def _cells(line: str) -> str:
    return _CELL_GAP.join(filter(None, (cell.strip() for cell in line.split(CELL))))


def _one_line(text: str) -> str:
    return text.replace(PARAGRAPH, " ").replace(LINE, " ").replace(CELL, " ")


def _list_items(opening: Token, inner: Sequence[Token]) -> Iterator[list[Block]]:
    """The blocks of each item. Numbers are kept where they may be part of the text."""
    items = list(_groups(inner))
    numbered = opening.type == "ordered_list_open" and (
        len(items) == 1 or len(items[0][0].info) > _LONGEST_NUMBER
    )
    for item in items:
        blocks = [block for child in _groups(item[1:-1]) for block in _blocks(child)]
        if not blocks:
            continue
        first = _TASK.sub("", blocks[0].lines[0], count=1) if _is_task(blocks[0]) else None
        if numbered:
            first = f"{item[0].info}{item[0].markup} {first or blocks[0].lines[0]}"
        if first:
            blocks[0] = replace(blocks[0], lines=(first, *blocks[0].lines[1:]))
        yield blocks


def _is_task(block: Block) -> bool:
    return _TASK.match(block.lines[0]) is not None


def _rows(tokens: Sequence[Token]) -> Iterator[tuple[str]]:
    """The line of each table row; an empty cell between others keeps its place."""
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(tidy(_one_line(inline_text(token.children or ()))))
        elif token.type == "tr_close":
            if any(cells):
                yield (_CELL_GAP.join(cells).strip("; "),)
            cells = []
