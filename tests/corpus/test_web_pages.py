"""Twenty real pages of a journal with known facts, where they are at hand."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rag.corpus.html_dates import page_date
from rag.corpus.understand import understand
from rag.types import Article
from tests.corpus.sources import source, split

PAGES = Path(__file__).parents[3] / "shared" / "data" / "web-pages"
SITE = [
    "Suggested citation",
    "View author affiliations",
    "PEER REVIEWED",
    "Error processing",
    "Skip directly",
    "An official website",
    "Español",
    "The opinions expressed by authors",
    "PubMed doi",
]

pytestmark = pytest.mark.skipif(
    not PAGES.is_dir(), reason="the development data (web-pages) is not on this machine"
)


@cache
def gold() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads((PAGES / "gold.json").read_text("utf-8"))
    return loaded


@cache
def article(name: str) -> Article:
    body = gzip.decompress((PAGES / name).read_bytes()).decode("utf-8")
    return understand(source(body, "html"), split).article


def names() -> list[str]:
    return sorted(path.name for path in PAGES.glob("*.html.gz"))


def test_titles_dates_and_addresses_are_right_on_nineteen_of_twenty_pages() -> None:
    assert len(names()) == 20
    for field, wanted in (("title", "title"), ("url", "url")):
        right = [name for name in names() if getattr(article(name), field) == gold()[name][wanted]]
        assert len(right) >= 19, field
    dated = [n for n in names() if article(n).published == page_date(gold()[n]["date"])]
    assert len(dated) >= 19


def test_the_known_author_is_among_the_authors_on_eighteen_of_twenty_pages() -> None:
    right = [n for n in names() if gold()[n]["authors"][0] in article(n).authors]
    assert len(right) >= 18


def test_no_page_keeps_words_of_the_site_around_it() -> None:
    left = [(n, words) for n in names() for words in SITE if words in article(n).text]
    assert left == []


def test_every_page_keeps_its_sections() -> None:
    for name in names():
        headings = {section.heading for section in article(name).sections}
        assert len(headings) >= 5, name
        assert len(article(name).text) > 4_000, name
