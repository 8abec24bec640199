"""HTML inside Markdown: what of it a reader sees, and where it begins a new line."""

from __future__ import annotations

import re

PARAGRAPH = "\x1d"
"""Stands for the start of a new paragraph while text is put together."""

LINE = "\x1e"
"""Stands for the start of a new line while text is put together."""

CELL = "\x1f"
"""Stands for the start of a new table cell while text is put together."""

SUPERSCRIPT = "sup"

_PARAGRAPHS = re.compile(
    r"p|div|section|article|header|footer|main|aside|nav|[uod]l|table|thead|tbody|tfoot|caption|"
    r"blockquote|pre|figure|figcaption|details|summary|form|fieldset|address|hr|h[1-6]|html|body|"
    r"center"
)
_LINES = re.compile(r"br|li|tr|dt|dd|option")
_CELLS = re.compile(r"t[dh]")
_STRUCK = re.compile(r"del|s|strike")
_INLINE = re.compile(
    r"a|abbr|acronym|b|bd[io]|big|button|cite|code|col|colgroup|data|dfn|em|embed|font|i|iframe|"
    r"img|input|ins|kbd|label|link|mark|meta|object|param|picture|q|rp|rt|ruby|samp|select|small|"
    r"source|span|strong|su[bp]|svg|time|tt|u|var|video|audio|track|wbr"
)
_KNOWN = (_PARAGRAPHS, _LINES, _CELLS, _STRUCK, _INLINE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(.*)>", re.DOTALL)
_ATTRIBUTES = re.compile(r"\s*/?|\s.*=.*|\s+(?:open|hidden|disabled|checked)\s*/?", re.DOTALL)
# A heading is one line of a page; the limit keeps the search linear.
_HEADING = re.compile(r"<h([1-6])(?:\s[^<>]{0,300})?>(.{0,300}?)</h\1\s*>", re.I | re.DOTALL)
_HIDDEN = tuple((f"<{name}", f"</{name}>") for name in ("script", "style", "template"))
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_RAISED = re.compile(r"(?=.*[0-9])[0-9+\-−=()n,–\s]+|[+\-−]")


def without_hidden(text: str) -> str:
    """Text without comments, scripts and styles, and with HTML headings as Markdown ones."""
    if "<" not in text:
        return text
    for opening, closing in (("<!--", "-->"), *_HIDDEN):
        text = _cut_out(text, opening, closing)
    return _HEADING.sub(_markdown_heading, text)


def _cut_out(text: str, opening: str, closing: str) -> str:
    """Text without what lies between two marks, either case; an opening one alone stays."""
    lower = text.lower()
    if len(lower) != len(text) or opening not in lower:
        return text
    kept: list[str] = []
    position = 0
    while (start := lower.find(opening, position)) >= 0:
        end = lower.find(closing, start + len(opening))
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + len(closing)
    return "".join([*kept, text[position:]])


def _markdown_heading(match: re.Match[str]) -> str:
    return f"\n\n{'#' * int(match.group(1))} {' '.join(match.group(2).split())}\n\n"


def tag_name(content: str) -> tuple[str, bool] | None:
    """Name of a tag and whether it closes; None for what only looks like one, as in `a <b and c>`.

    Comments and declarations have the name "".
    """
    if content.startswith(("<!", "<?")):
        return "", False
    match = _TAG.fullmatch(content)
    if not match or not _ATTRIBUTES.fullmatch(match.group(3)):
        return None
    name = match.group(2).lower()
    known = any(pattern.fullmatch(name) for pattern in _KNOWN)
    return (name, bool(match.group(1))) if known else None


def tag_break(name: str, closes: bool) -> str:
    """The mark that a tag leaves in the text: a new paragraph, line, cell, or nothing."""
    if _PARAGRAPHS.fullmatch(name):
        return PARAGRAPH
    if closes:
        return ""
    if _LINES.fullmatch(name):
        return LINE
    return CELL if _CELLS.fullmatch(name) else ""


def strikes(name: str) -> bool:
    """Whether a tag strikes its text out: what an editor struck must not be quoted."""
    return _STRUCK.fullmatch(name) is not None


def superscript(text: str) -> str:
    """Raised characters as such: without this, ten to the fifth would read 105."""
    return text.translate(_SUPERSCRIPTS) if _RAISED.fullmatch(text) else text
