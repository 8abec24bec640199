"""The inside of a Markdown paragraph as the words that a reader sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from rag.corpus.html import (
    CELL,
    LINE,
    PARAGRAPH,
    SUPERSCRIPT,
    strikes,
    superscript,
    tag_break,
    tag_name,
)
from rag.text import visible

# A line that ends so is whole; a break after any other may stand in mid-sentence.
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？：；][\"'”’)\]]*\s*$")
_REFERENCE_NUMBER = re.compile(r"\d{1,2}")
# Strong text that the rules of Markdown leave alone because of a neighbouring character, as
# happens where words are not parted by spaces.
_LEFT_STRONG = re.compile(r"\*\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*\*")
_NUMBERS_TO_CALL = ("tel:", "sms:")
_URL_START = re.compile(r"(?:://|www\.)\S*$")
_LONGEST_URL = 300
_Opened = tuple[int, Callable[[str], str]]
_MARKS = re.compile(f"[{PARAGRAPH}{LINE}{CELL}]")


def literal_mark(state: StateInline, silent: bool) -> bool:
    """Keep `*` before a digit inside a word (HLA-B*27) and `_` inside an address as they are.

    An inline rule of markdown-it, to stand before its rule for emphasis.
    """
    source, position = state.src, state.pos
    if source[position] not in "*_" or position == 0:
        return False
    before, after = source[position - 1], source[position + 1 : position + 2]
    product = source[position] == "*" and before.isalnum() and before.isascii() and after.isdigit()
    if not product and not _URL_START.search(source[max(0, position - _LONGEST_URL) : position]):
        return False
    if not silent:
        state.pending += source[position]
    state.pos += 1
    return True


def inline_text(tokens: Sequence[Token]) -> str:
    """The visible text of inline tokens, with the marks of `rag.corpus.html` at its breaks.

    Images, comments and struck text are left out.
    """
    parts: list[str] = []
    opened: list[_Opened] = []
    struck = 0
    for token in tokens:
        change = _struck(token)
        struck = max(0, struck + change)
        if not (change or struck):
            _add(token, parts, opened)
    text = "".join(parts)
    return _LEFT_STRONG.sub(r"\1", text) if "**" in text else text


def _struck(token: Token) -> int:
    """Whether struck text begins (1) or ends (−1) here."""
    if token.type in ("s_open", "s_close"):
        return token.nesting
    tag = tag_name(token.content) if token.type == "html_inline" else None
    if tag and strikes(tag[0]):
        return -1 if tag[1] else 1
    return 0


def _add(token: Token, parts: list[str], opened: list[_Opened]) -> None:
    """Append what is seen of one token; `opened` are the links and raised texts it stands in."""
    if token.type in ("text", "text_special", "code_inline"):
        parts.append(_MARKS.sub("", visible(token.content)))
    elif token.type == "softbreak":
        parts.append("\n")
    elif token.type == "hardbreak":
        parts.append(LINE if _ENDS_SENTENCE.search("".join(parts[-3:])) else "\n")
    elif token.type == "link_open":
        is_number = str(token.attrGet("href")).startswith(_NUMBERS_TO_CALL)
        opened.append((len(parts), str if is_number else _reference))
    elif token.type == "html_inline":
        _add_tag(token.content, parts, opened)
    elif token.type == "link_close":
        _close(parts, opened)


def _add_tag(content: str, parts: list[str], opened: list[_Opened]) -> None:
    tag = tag_name(content)
    if tag is None:
        parts.append(visible(content))
    elif tag == (SUPERSCRIPT, False):
        opened.append((len(parts), superscript))
    elif tag == (SUPERSCRIPT, True):
        _close(parts, opened)
    else:
        parts.append(tag_break(*tag))


def _close(parts: list[str], opened: list[_Opened]) -> None:
    """End the innermost link or raised text: what was put together since then is one part."""
    if opened:
        start, change = opened.pop()
        parts[start:] = [change("".join(parts[start:]))]


def _reference(text: str) -> str:
    """The text of a link; a bare number is set in brackets, lest it join the number before it."""
    return f"[{text}]" if _REFERENCE_NUMBER.fullmatch(text) else text
