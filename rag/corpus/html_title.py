"""The title of a web page: as its readers see it, without the name of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml.html import HtmlElement

from rag.corpus.blocks import tidy
from rag.text import words

_PARTS = re.compile(r"\s+[|–—·•»:-]\s+|\s*[|｜_]\s*|\s+::\s+")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
_LONGEST = 300
# A heading with this share of its words in a title is that title, worded for readers.
_ALIKE = 0.5


def page_title(called: Iterable[str], tree: HtmlElement, sites: Iterable[str]) -> str:
    """The best of the titles that a page gives itself, as its heading writes it; "" if none."""
    names = {tuple(words(site)) for site in sites if site}
    titles = [title for raw in called if (title := _without_site(tidy(raw), names))]
    heading = _heading(tree, titles, names)
    if heading:
        return heading
    return titles[0] if titles else ""


def _heading(tree: HtmlElement, titles: list[str], names: set[tuple[str, ...]]) -> str:
    """The main heading that most resembles the titles; without titles the only one."""
    headings = [text for text in _texts(tree) if tuple(words(text)) not in names]
    if not titles:
        return headings[0] if headings else ""
    alike = [(_shared(text, titles), text) for text in headings if _could_name(text, titles)]
    best = max(alike, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= _ALIKE else ""


def _could_name(heading: str, titles: Iterable[str]) -> bool:
    """Whether a heading is more than a word of a title: "Overview" in "Gout - Overview"."""
    begins = any(title.lower().startswith(heading.lower()) for title in titles)
    return begins or len(_units(heading)) > 1


def _texts(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter("h1"):
        text = tidy(element.text_content())
        if text and len(text) <= _LONGEST:
            yield text


def _shared(heading: str, titles: Iterable[str]) -> float:
    """The share of a heading's words that one of the titles has, at best."""
    wanted = _units(heading)
    return max((len(wanted & _units(title)) / (len(wanted) or 1) for title in titles), default=0.0)


def _units(text: str) -> frozenset[str]:
    """Words, and where words are not parted by spaces, characters."""
    return frozenset(
        unit for word in words(text) for unit in ([word] if word.isascii() else (word, *word))
    )


def _without_site(title: str, names: set[tuple[str, ...]]) -> str:
    """A title without the site's name before or after it."""
    title = _CUT.sub("", title)
    for match in _PARTS.finditer(title):
        if tuple(words(title[match.end() :])) in names:
            return title[: match.start()]
        if tuple(words(title[: match.start()])) in names:
            return title[match.end() :]
    return "" if tuple(words(title)) in names else title
