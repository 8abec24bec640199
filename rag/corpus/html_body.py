"""A web page as an article: its text by trafilatura, its facts by its own tags first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

from rag.corpus.blocks import Block, tidy, without
from rag.corpus.byline import read_byline
from rag.corpus.cleaning import account
from rag.corpus.html_blocks import tree_blocks
from rag.corpus.html_byline import is_date_line, opens_with_author
from rag.corpus.html_choice import article_blocks
from rag.corpus.html_facts import page_facts, read_page_data
from rag.corpus.html_furniture import drop_back_matter, drop_footers, drop_furniture
from rag.corpus.html_tree import keep_visible, parse_page
from rag.corpus.metadata import Metadata
from rag.corpus.names import is_name_list
from rag.corpus.title import same_title

_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_NOTES = re.compile(
    r"(?:suggested citation|recommended citation|cite (?:this|as)|how to cite|citar como)\b.*|"
    r"peer[- ]reviewed|open access|original (?:research|article)|error processing ssi file|"
    r"the opinions expressed by (?:the )?authors .*|(?:photo|image|picture|foto|图)s?\s*"
    r"(?:credit|by|source)?\s*[:：].{1,80}|.{0,40}\bgetty images\b.{0,40}|"
    r"(?:top|return|back to top|volver arriba|subir)|(?:view )?author affiliations|"
    r"(?:tags?|topics?|filed under|categories|etiquetas|标签)\s*[:：].{1,200}|"
    r"(?:click|tap) to (?:enlarge|expand|view).{0,40}|opens? in (?:a )?new (?:tab|window)",
    re.IGNORECASE,
)
_LONGEST_NOTE = 1_200
_ADDRESS = re.compile(r"[@:/]|^\S+\.[a-z]{2,}$")
_HEAD_BLOCKS = 10
_SHORTEST_PROSE = 100
_ENDS_SENTENCE = re.compile(r"[.!?。！？][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class HtmlArticle:
    """The blocks of a page's article, its facts, and an account of what was taken away."""

    blocks: tuple[Block, ...]
    facts: Metadata
    removed: tuple[str, ...] = ()


def read_html(text: str) -> HtmlArticle:
    """The article of a page, or of a piece of HTML that is one. Nothing is fetched.

    Raises ArticleRejected where there is no HTML in the text.
    """
    tree = parse_page(text)
    data = read_page_data(tree)
    keep_visible(tree)
    drop_furniture(tree)
    facts = _completed(page_facts(data, tree, tree_blocks(tree)), tree)
    drop_footers(tree)
    drop_back_matter(tree)
    blocks = article_blocks(tree) if _PAGE.search(text) else tree_blocks(tree)
    gone = list(_notes(blocks, facts))
    removed = tuple(account("note about the article", blocks[i].text) for i in gone)
    return HtmlArticle(tuple(without(blocks, gone)), facts, removed)


def _completed(facts: Metadata, tree: HtmlElement) -> Metadata:
    """The facts with what trafilatura finds where the page's own tags and lines say nothing.

    Not its date: it takes a year at the foot of a page, or a date of review, for that date.
    """
    if facts.title and facts.authors and facts.publisher:
        return facts
    found = extract_metadata(deepcopy(tree), None, {"extensive_search": False}, True, None)
    authors = tuple(tidy(name) for name in (found.author or "").split(";") if tidy(name))
    # Without a name of the site it takes the address, which may hold a password.
    site = tidy(found.sitename or "")
    return replace(
        facts,
        title=facts.title or tidy(found.title or "") or None,
        authors=facts.authors or (authors if all(map(is_name_list, authors)) else ()),
        publisher=facts.publisher or (None if _ADDRESS.search(site) else site or None),
    )


def _notes(blocks: Sequence[Block], facts: Metadata) -> Iterator[int]:
    """The positions of lines that say who wrote the page and how to cite it."""
    prose = False
    for position, block in enumerate(blocks):
        text = block.text
        if len(text) <= _LONGEST_NOTE and _NOTES.fullmatch(text):
            yield position
        elif not prose and position < _HEAD_BLOCKS and not same_title(facts.title or "", text):
            prose = len(text) >= _SHORTEST_PROSE and _ENDS_SENTENCE.search(text) is not None
            if not prose and _is_byline(text, facts):
                yield position


def _is_byline(line: str, facts: Metadata) -> bool:
    """Whether a line is one that the rules for all formats leave, of a form that pages have."""
    if read_byline(line) is not None:
        return False
    return opens_with_author(line, facts.authors) or is_date_line(line)
