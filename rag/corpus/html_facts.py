"""What a web page says of its article: in its tags, its JSON-LD, and its visible lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lxml.html import HtmlElement

from rag.corpus.blocks import Block, tidy
from rag.corpus.byline import Byline
from rag.corpus.html_byline import (
    listed_authors,
    marked_authors,
    marked_dates,
    reviewers,
    visible_byline,
)
from rag.corpus.html_dates import date_in_address, page_date
from rag.corpus.html_title import page_title
from rag.corpus.json_ld import Linked, read_json_ld
from rag.corpus.messages import describe
from rag.corpus.metadata import Metadata, read_language, read_line, read_url
from rag.corpus.names import is_name_list, split_names

_Value = TypeVar("_Value")

# Names of meta tags in lower case, in the order in which they are believed.
_AUTHORS = "citation_author citation_authors dc.creator dcterms.creator"
_OTHER_AUTHORS = "author article:author parsely-author sailthru.author byl dc.contributor"
_PUBLISHERS = (
    "og:site_name citation_journal_title citation_publisher dc.publisher dcterms.publisher"
)
_SITES = "application-name al:android:app_name apple-mobile-web-app-title"
_URLS = "og:url citation_public_url citation_abstract_html_url citation_fulltext_html_url"
_PUBLISHED = (
    "article:published_time og:article:published_time citation_online_date "
    "citation_publication_date citation_date og:published_time datepublished dcterms.issued "
    "dc.date.issued dcterms.created dc.date.created"
)
_VENDOR_PUBLISHED = re.compile(
    r"(?:.*[:._-])?(?:first[_-]?published|publish(?:ed)?[_-]?(?:date|time|on|at)?|pub[_-]?date|"
    r"publication[_-]?date|date[_-]?published|sailthru\.date|issued?)"
)
_UNCERTAIN_PUBLISHED = "dcterms.date dc.date date"
_VENDOR_REVIEWED = re.compile(
    r"(?:.*[:._-])?(?:last[_-]?review(?:ed)?|review(?:ed)?[_-]?(?:date|on)|date[_-]?reviewed)"
)
_MODIFIED = (
    "article:modified_time og:updated_time datemodified dcterms.modified dc.date.modified "
    "last-modified"
)
_LANGUAGES = "content-language dc.language dcterms.language og:locale language"
_INVERTED = re.compile(r"([^,]+),\s*([^,]+)")
_NOBODY = re.compile(r"https?:|@|^(?:admin(?:istrator)?|editor|webmaster|unknown|anonymous)$", re.I)


@dataclass(frozen=True, slots=True)
class PageData:
    """What a page holds for machines, read before anything is taken from its tree."""

    metas: Mapping[str, Sequence[str]]
    linked: Linked
    title: str
    canonical: tuple[str, ...]
    language: str

    def named(self, names: str) -> list[str]:
        """The contents of the meta tags of some names, in the order of the names."""
        return [value for name in names.split() for value in self.metas.get(name, ())]

    def matching(self, pattern: re.Pattern[str]) -> list[str]:
        """The contents of the meta tags whose name matches."""
        return [
            value
            for name, values in self.metas.items()
            if pattern.fullmatch(name)
            for value in values
        ]


def read_page_data(tree: HtmlElement) -> PageData:
    """The tags and JSON-LD of a page."""
    metas: dict[str, list[str]] = {}
    for element in tree.xpath(".//meta[@content]|.//*[@itemprop and (@content or @datetime)]"):
        value = tidy(element.get("content") or element.get("datetime") or "")
        for key in ("name", "property", "itemprop", "http-equiv"):
            name = (element.get(key) or "").strip().lower()
            if name and value and value not in metas.setdefault(name, []):
                metas[name].append(value)
    title = tidy(tree.findtext(".//head/title") or tree.findtext(".//title") or "")
    scripts = tree.xpath(".//script[contains(@type, 'ld+json')]")
    called = (metas.get("og:title") or [title])[0]
    return PageData(
        metas,
        read_json_ld([script.text or "" for script in scripts], called),
        title,
        tuple(
            link.get("href") or ""
            for link in tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ),
        tree.get("lang") or tree.get("xml:lang") or "",
    )


def page_facts(data: PageData, tree: HtmlElement, blocks: Sequence[Block]) -> Metadata:
    """The facts of a page; `tree` and `blocks` are what a reader sees of it."""
    warnings: list[str] = []

    def first(name: str, values: Iterable[str], read: Callable[[str], _Value]) -> _Value | None:
        return _first_usable(name, values, read, warnings)

    publisher = first("publisher", _publishers(data), read_line)
    sites = [*data.linked.names("publisher"), *data.named(f"og:site_name {_SITES}")]
    title = page_title(_titles(data), tree, (*sites, publisher or ""))
    said = visible_byline(blocks, title)
    marked = marked_dates(tree)
    url = first("url", _urls(data), read_url)
    published = first("published", _published(data, said, marked, url), page_date)
    return Metadata(
        title=title or None,
        authors=_authors(data, tree, blocks, said),
        publisher=publisher or said.publisher,
        url=url,
        published=published,
        reviewed=first("reviewed", _reviewed(data, said, marked, published), page_date),
        next_review=said.next_review,
        language=first("language", _languages(data), read_language),
        warnings=tuple(warnings),
    )


def _first_usable(
    name: str,
    values: Iterable[str],
    read: Callable[[str], _Value],
    warnings: list[str],
) -> _Value | None:
    """The first value that can be used; the ones before it add a warning each."""
    for value in dict.fromkeys(filter(None, values)):
        try:
            return read(value)
        except ValueError as error:
            warnings.append(f"{name} {describe(value)} {error}; it is left out")
    return None


def _titles(data: PageData) -> list[str]:
    meta = "dc.title dcterms.title twitter:title"
    return [
        *data.named("citation_title"),
        *data.linked.texts("headline"),
        *data.named("og:title"),
        *data.named(meta),
        data.title,
    ]


def _publishers(data: PageData) -> Iterator[str]:
    named = [*data.linked.names("publisher"), *data.named(f"{_PUBLISHERS} {_SITES}")]
    yield from (name for name in named if not _NOBODY.search(name))


def _urls(data: PageData) -> Iterator[str]:
    yield from data.canonical
    yield from data.named(_URLS)
    yield from data.linked.texts("url")
    for value in data.linked.texts("mainEntityOfPage", "@id"):
        if value.lower().startswith("http"):
            yield value.split("#")[0]


def _published(data: PageData, said: Byline, marked: Byline, url: str | None) -> Iterator[str]:
    for value in (*data.named(_PUBLISHED), *data.linked.texts("datePublished")):
        # A journal's year or month alone is no day.
        if len(value) > len("2024-12"):
            yield value
    yield said.published or ""
    yield marked.published or ""
    yield from data.matching(_VENDOR_PUBLISHED)
    yield date_in_address(url or "") or ""
    yield from data.linked.texts("dateCreated")
    yield from data.named(_UNCERTAIN_PUBLISHED)


def _reviewed(data: PageData, said: Byline, marked: Byline, published: str | None) -> Iterator[str]:
    """Dates of review first, else of a change after publication."""
    yield from data.linked.texts("lastReviewed")
    yield from data.matching(_VENDOR_REVIEWED)
    yield said.reviewed or marked.reviewed or ""
    changed = [said.updated or "", marked.updated or ""]
    changed += [*data.linked.texts("dateModified"), *data.named(_MODIFIED)]
    for value in changed:
        try:
            later = page_date(value) > (published or "")
        except ValueError:
            continue
        if later:
            yield value


def _languages(data: PageData) -> Iterator[str]:
    for value in (data.language, *data.named(_LANGUAGES), *data.linked.texts("inLanguage")):
        yield value.split(",")[0].strip().replace("_", "-")


def _authors(
    data: PageData, tree: HtmlElement, blocks: Sequence[Block], said: Byline
) -> tuple[str, ...]:
    """The first group of names in which a person is, not the publisher alone."""
    not_authors = {*data.linked.names("reviewedBy"), *reviewers(blocks)}
    sites = {name.lower() for name in (*_publishers(data), *data.linked.names("publisher"))}
    groups = [
        _names(data.named(_AUTHORS), inverted=True),
        _names(data.linked.names("author")),
        _names(data.linked.names("creator")),
        _names(data.named(_OTHER_AUTHORS)),
        _without(said.authors, not_authors),
        _without(marked_authors(tree), not_authors),
    ]
    groups = [group for group in groups if group]
    persons = [group for group in groups if {name.lower() for name in group} - sites]
    authors = next(iter([*persons, *groups]), ())
    # Some journals name the first author alone in their tags.
    return (listed_authors(blocks, authors[0]) if len(authors) == 1 else ()) or authors


def _without(names: Iterable[str], gone: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not any(name.split(",")[0] in other for other in gone))


def _names(values: Iterable[str], inverted: bool = False) -> tuple[str, ...]:
    """The names in some values; `inverted` ones may be written "Doe, Jane A."."""
    names: list[str] = []
    for value in values:
        for part in value.split(";"):
            name = re.sub(r"^by\s+", "", tidy(part), flags=re.IGNORECASE)
            if not name or _NOBODY.search(name):
                continue
            match = _INVERTED.fullmatch(name) if inverted else None
            # "Doe, MD" is one name to the rules for bylines.
            if match and len(split_names(name)) > 1:
                names.append(f"{match[2]} {match[1]}")
            else:
                names.extend(split_names(name) if is_name_list(name) else (name,))
    return tuple(dict.fromkeys(names))
