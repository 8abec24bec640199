"""Markdown that shows a text exactly as it is, and of which nothing but our markers is a link."""

from __future__ import annotations

import re
from urllib.parse import quote

from rag.text import collapse
from rag.web.dialects.visible import Mark, Visible

# What means something wherever it stands: code, emphasis, links, HTML, entities, deleted text.
_ANYWHERE = re.compile(r"[\\`*_\[\]<]|&(?=#?\w+;)|~(?=~)")
# What means something at the beginning of a line; deep-chat's renderer ends lines at each of these.
_LINE = re.compile(r"([\n\r\x85\u2028\u2424])[^\S\n]*(?:([#>+=|:~-])|(\d+)([.)]))?")
# What ends the address of a link, or could.
_ENDS_ADDRESS = re.compile(r"[\s\u2424()<>\\\"`\x00-\x20\x7f]")


def literal(text: str) -> str:
    """A text as Markdown that is shown as the same text; as little as possible is escaped."""
    return _within(f"\n{text}")[1:]


def with_links(seen: Visible) -> str:
    """A visible text with each marker `[n]` as a link that is shown as `[n]`."""
    text, shown, pieces = f"\n{seen.text}", 0, []
    for mark in seen.marks:
        pieces += [_within(text[shown : mark.start + 1]), _link(mark)]
        shown = mark.end + 1
    return "".join([*pieces, _within(text[shown:])])[1:]


def _within(text: str) -> str:
    """The same for a text that begins within a line, or with its end."""
    return _LINE.sub(_plain_start, _ANYWHERE.sub(r"\\\g<0>", text))


def _link(mark: Mark) -> str:
    address = _ENDS_ADDRESS.sub(lambda found: quote(found[0]), mark.url)
    title = collapse(mark.citation["title"].replace("\u2424", " "))
    title = re.sub(r'["\\]', r"\\\g<0>", title)
    return f'[[{mark.citation["number"]}]]({address} "{title}")'


def _plain_start(found: re.Match[str]) -> str:
    """The beginning of a line without what would make it a heading, a list or the like."""
    line, sign, number, dot = found.groups(default="")
    return f"{line}\\{sign}" if sign else f"{line}{number}\\{dot}" if dot else line
