"""An article as it stands in a file, understood: its text, sections and citable facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rag.corpus.blocks import Block, assemble, readable
from rag.corpus.byline import UNSAID, Byline
from rag.corpus.cleaning import (
    Cleaned,
    is_byline,
    strip_above_title,
    strip_advertisements,
    strip_head,
    strip_tail,
)
from rag.corpus.entries import Format
from rag.corpus.frontmatter import FrontMatter, read_front_matter
from rag.corpus.headings import with_headings
from rag.corpus.html_body import read_html
from rag.corpus.introduction import Split, drop_introduction
from rag.corpus.markdown import markdown_blocks
from rag.corpus.metadata import Metadata, read_metadata
from rag.corpus.plaintext import text_blocks
from rag.corpus.title import drop_title, first_heading, same_title, take_title_line, title_from
from rag.corpus.version import version_of
from rag.errors import ArticleRejected
from rag.types import Article, Notice, SourceFile


@dataclass(frozen=True, slots=True)
class Understood:
    """An article, what was doubtful about it, and an account of what was cleaned away."""

    article: Article
    warnings: tuple[Notice, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks of an article while its title and bylines are taken from them."""

    blocks: tuple[Block, ...]
    title: str | None = None
    byline: Byline = UNSAID
    removed: tuple[str, ...] = ()

    def cleaned(self, result: Cleaned) -> _Page:
        return replace(
            self,
            blocks=result.blocks,
            byline=self.byline | result.byline,
            removed=self.removed + result.removed,
        )


def understand(source: SourceFile, split: Split, *, clean: bool = True) -> Understood:
    """Understand one article; `clean` takes bylines, boilerplate and repeated introductions away.

    Rows of a corpus folder are cleaned like files, since exports of a site hold the same lines;
    only data sets for evaluation are not.
    Raises ArticleRejected where there is no text.
    """
    body = readable(source.body)
    front = read_front_matter(body) if source.fronted else FrontMatter(body)
    facts = read_metadata(_facts(source, front))
    if source.format == Format.HTML:
        facts, page = _html_page(front.body, facts, clean)
    else:
        page = _page(front.body, source.format, facts.title, clean)
    if clean:
        page = page.cleaned(drop_introduction(page.blocks, split))
    text, sections = assemble(page.blocks)
    if not sections:
        raise ArticleRejected(
            "there is no text left after cleaning; add some, or remove the article"
        )
    warnings = [front.warning, *facts.warnings]
    if not page.title:
        warnings.append("there is neither a title nor a heading; the first sentence stands for it")
    article = _article(source.id, facts, page.byline)
    article = replace(
        article, title=page.title or title_from(text, split), text=text, sections=sections
    )
    return Understood(
        replace(article, version=version_of(article)),
        tuple(Notice(source.path, warning) for warning in warnings if warning),
        page.removed,
    )


def _facts(source: SourceFile, front: FrontMatter) -> Mapping[str, object]:
    """What a row says of itself, else what its front matter says."""
    said = {name: value for name, value in source.metadata.items() if value not in (None, "", [])}
    return {**front.fields, **said, **({"title": source.title} if source.title else {})}


def _page(body: str, format_: str, title: str | None, clean: bool) -> _Page:
    """The blocks of a body without its title, cleaned, headings marked."""
    marked = format_ == Format.MARKDOWN
    page = _Page(tuple(markdown_blocks(body)), title) if marked else _text_page(body, title, clean)
    return _finished(page, marked, clean)


def _html_page(body: str, facts: Metadata, clean: bool) -> tuple[Metadata, _Page]:
    """As `_page`, with the facts that a web page adds to those given apart from it."""
    html = read_html(body)
    facts = facts | html.facts
    page = _Page(html.blocks, facts.title, removed=html.removed)
    return facts, _finished(page, True, clean)


def _finished(page: _Page, marked: bool, clean: bool) -> _Page:
    """A page without bylines and boilerplate, and without the heading that is its title."""
    if clean:
        page = page.cleaned(strip_head(page.blocks))
        page = page.cleaned(strip_advertisements(page.blocks))
        page = page.cleaned(strip_tail(page.blocks))
    title = page.title or (first_heading(page.blocks) if marked else None)
    blocks = with_headings(page.blocks, usual_only=marked)
    return replace(page, title=title, blocks=drop_title(title, blocks) if title else tuple(blocks))


def _text_page(body: str, title: str | None, clean: bool) -> _Page:
    """A plain text without its title line, which bylines may precede."""
    page = _Page(tuple(text_blocks(body)))
    if clean:
        page = page.cleaned(strip_above_title(page.blocks))
    line, below = take_title_line(page.blocks, lambda line: clean and is_byline(line))
    if line is not None and (title is None or same_title(title, line)):
        page = replace(page, blocks=below)
    return replace(page, title=title or line)


def _article(article_id: str, facts: Metadata, byline: Byline) -> Article:
    """The citable facts; those given apart from the text count before those found in it."""
    return Article(
        id=article_id,
        version="",
        title="",
        text="",
        authors=facts.authors or byline.authors,
        publisher=facts.publisher or byline.publisher,
        url=facts.url,
        published=facts.published or byline.published,
        reviewed=facts.reviewed or byline.reviewed or byline.updated,
        next_review=facts.next_review or byline.next_review,
        expires=facts.expires,
        supersedes=facts.supersedes,
        language=facts.language,
    )
