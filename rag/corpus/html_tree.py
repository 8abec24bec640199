"""An HTML page as a tree of what a reader sees: nothing hidden, nothing struck out."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from rag.corpus.html import strikes, superscript
from rag.errors import ArticleRejected
from rag.text import visible

# Nobody reads these, or only who fills in a form.
_UNSEEN = [
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "svg",
    "canvas",
    "audio",
    "video",
    "map",
    "select",
    "datalist",
    "option",
    "textarea",
    "input",
    "label",
    "button",
    "dialog",
    "rt",
    "rp",
    "img",
    "picture",
    "head",
    "annotation",
]
_ASIDE_FOR_SCREEN_READERS = re.compile(
    r"(?:^|\s)(?:sr-only|(?:is-|u-)?visually-?hidden|screen-reader(?:-text|-only)?|"
    r"assistive-text|element-invisible)(?:$|\s|-)",
    re.IGNORECASE,
)
_HIDING_CLASS = re.compile(r"(?:^|\s)(?:hidden|is-hidden|u-hidden|d-none)(?:$|\s)")
# `d-none d-lg-block` and `hidden md:block` are hidden on small screens alone.
_SHOWN_SOMEWHERE = re.compile(r"\bd-\w+-(?:block|flex|inline)|\b(?:sm|md|lg|xl):")
_NUMBER_END = r"\s*(?:px|pt|em|rem|%)?\s*(?:!important)?\s*(?:;|$)"
_HIDING_STYLE = re.compile(
    rf"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|"
    rf"opacity\s*:\s*0*(?:\.0+)?{_NUMBER_END}|font-size\s*:\s*0+(?:\.0+)?{_NUMBER_END}|"
    r"font-size\s*:\s*[012]?(?:\.\d+)?\s*p[xt]|color\s*:\s*transparent|"
    r"(?:left|right|top|bottom|text-indent)\s*:\s*-\d{3,}|margin-(?:left|top)\s*:\s*-\d{4,}|"
    r"clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%|"
    rf"transform\s*:\s*scale\(\s*0|(?:max-)?(?:height|width)\s*:\s*0{_NUMBER_END})",
    re.IGNORECASE,
)
# Some pages unfold their paragraphs with the help of a label.
_LONGEST_LABEL = 60
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE_SELECTOR = re.compile(r"[.#]-?[A-Za-z_][\w-]*")
_NOTE_MARKS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_NOTE = re.compile(r"[a-pr-z](?:\s*,\s*[a-pr-z])*")
_NUMBER = re.compile(r"\d{1,3}")
# Browsers read these references as characters of Windows, as old pages mean them.
_WINDOWS = range(0x80, 0xA0)
_REFERENCE = re.compile(r"&#([0-9]{1,9}|[xX][0-9A-Fa-f]{1,8})(?![0-9A-Fa-f]);?")


def parse_page(text: str) -> HtmlElement:
    """The tree of a page, broken or not. Raises ArticleRejected where there is none."""
    text = _REFERENCE.sub(_allowed, text)
    # Bytes, since a page may declare another encoding, which no longer counts.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(text.encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ArticleRejected(
            "there is no text in its HTML; add some, or remove the article"
        ) from error


def _allowed(match: re.Match[str]) -> str:
    """A reference to a character, or nothing where trees may not hold that character."""
    digits, hexadecimal = match[1], match[1][0] in "xX"
    code = int(digits[1:], 16) if hexadecimal else int(digits)
    if code in _WINDOWS:
        return bytes([code]).decode("cp1252", "ignore")
    return match.group() if code <= sys.maxunicode and visible(chr(code)) else ""


def keep_visible(tree: HtmlElement) -> None:
    """Take from a tree what a reader does not see, and write raised characters as such."""
    hidden_by_sheet = set(_hidden_selectors(tree))
    for button in tree.xpath(".//h1//button|.//h2//button|.//h3//button|.//h4//button"):
        button.drop_tag()
    for element in list(tree.iter(etree.Element)):
        # Whole pages are faded in by scripts.
        if element.getparent() is None or element.tag == "body":
            continue
        if _is_unseen(element) or hidden_by_sheet & set(_selectors(element)):
            element.drop_tree()
        elif element.tag == "sup":
            _raise(element)
        elif element.tag == "a":
            _set_apart(element)


def _is_unseen(element: HtmlElement) -> bool:
    if element.tag in _UNSEEN:
        return not (element.tag == "label" and len(element.text_content()) > _LONGEST_LABEL)
    if strikes(str(element.tag)) or element.get("hidden") is not None:
        return True
    style, classes = element.get("style"), element.get("class")
    if style and _HIDING_STYLE.search(style):
        return True
    if not classes:
        return False
    if _HIDING_CLASS.search(classes) and not _SHOWN_SOMEWHERE.search(classes):
        return True
    return _ASIDE_FOR_SCREEN_READERS.search(classes) is not None


def _hidden_selectors(tree: HtmlElement) -> Iterator[str]:
    """The plain classes and ids that the page's own style sheets hide on every screen."""
    for sheet in tree.iter("style"):
        css = _without_media(_COMMENT.sub("", sheet.text or ""))
        for selectors, declarations in _RULE.findall(css):
            if _HIDING_STYLE.search(declarations):
                named = (selector.strip() for selector in selectors.split(","))
                yield from (name for name in named if _SIMPLE_SELECTOR.fullmatch(name))


def _without_media(css: str) -> str:
    """A style sheet without what depends on medium or browser: `@media print { … }`."""
    kept: list[str] = []
    depth, start = 0, 0
    at_rule = css.find("@")
    while at_rule >= 0:
        kept.append(css[start:at_rule])
        depth, position = 0, at_rule
        while position < len(css):
            char = css[position]
            depth += (char == "{") - (char == "}")
            position += 1
            if (char == ";" and depth == 0) or (char == "}" and depth <= 0):
                break
        start = position
        at_rule = css.find("@", start)
    return "".join([*kept, css[start:]])


def _selectors(element: HtmlElement) -> Iterator[str]:
    yield from (f".{name}" for name in (element.get("class") or "").split())
    if element.get("id"):
        yield f"#{element.get('id')}"


def _raise(element: HtmlElement) -> None:
    """Write raised digits and the letters of notes as raised characters."""
    text = " ".join(element.text_content().split())
    raised = text.translate(_NOTE_MARKS) if _NOTE.fullmatch(text) else superscript(text)
    if raised != text:
        element.clear(keep_tail=True)
        element.text = raised


def _set_apart(element: HtmlElement) -> None:
    """Set a bare number that is a link in brackets, lest it join the word before it."""
    text = element.text_content().strip()
    if not _NUMBER.fullmatch(text):
        return
    before = element.getprevious()
    lead = before.tail if before is not None else element.getparent().text
    if element.getparent().tag != "sup" and (lead or "")[-1:].strip(" ([,–-"):
        element.clear(keep_tail=True)
        element.text = f"[{text}]"
