"""The models of articles, of search results, and of what editors are told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rag.types import Status
from rag.web.schemas.shape import (
    ArticleId,
    Count,
    Day,
    Generation,
    Offset,
    Shape,
    Version,
    WebAddress,
    absent,
)


class SearchSignals(Shape):
    """What is known of one passage for one query; null where the mode does not look at it."""

    dense: float | None = Field(description="Cosine of query and passage, -1 to 1.")
    heading: float | None = Field(description="Cosine of query and title with heading, -1 to 1.")
    lexical: Annotated[float, Field(ge=0)] | None = Field(description="BM25 score.")


class SearchHit(Shape):
    """One passage that was found."""

    rank: Annotated[int, Field(ge=1)] = Field(description="Counts from 1.")
    score: float = Field(description="Orders the hits of this query, and means nothing beyond it.")
    article_id: ArticleId = Field(description="Which article it is from.")
    article_version: Version = Field(description="Which version of it.")
    title: str = Field(description="The article's title.")
    section: str | None = Field(description="The heading it stands under, or null.")
    start: Offset = Field(description="Where the passage begins in the article's text.")
    end: Offset = Field(description="Where it ends, exclusive.")
    text: str = Field(description="The passage.", min_length=1)
    signals: SearchSignals = Field(description="What the score was made from.")


class SearchResults(Shape):
    """Passages, best first."""

    generation: Generation = Field(description="Of the index that was searched.")
    hits: list[SearchHit] = Field(description="The passages found, best first.")


class ArticleSummary(Shape):
    """One line of the list of articles."""

    article_id: ArticleId = Field(description="Its id.")
    version: Version = Field(description="Its live version.")
    title: str = Field(description="Its title.")
    published: Day | None = Field(description="When it was published, or null.")
    reviewed: Day | None = Field(description="When it was last reviewed, or null.")


class ArticleList(Shape):
    """A part of the list of live articles, by id."""

    articles: list[ArticleSummary] = Field(description="The articles of this part.")
    next: str | None = Field(description="The cursor of the part after it, null in the last one.")


class ArticleSection(Shape):
    """A stretch of the text under one heading."""

    heading: str = Field(description="Empty for what stands before the first heading.")
    start: Offset = Field(description="Where it begins, after its heading.")
    end: Offset = Field(description="Where it ends, exclusive.")


class Article(Shape):
    """One version of an article."""

    article_id: ArticleId = Field(description="Its id.")
    version: Version = Field(description="This version.")
    current_version: Version | None = Field(
        description="The live version, null once it is withdrawn."
    )
    status: Status = Field(description="Whether this version may be cited now.")
    title: str = Field(description="Its title.")
    authors: list[str] = Field(description="Who wrote it.")
    publisher: str | None = Field(description="Who published it, or null.")
    url: WebAddress | None = Field(description="Where the publisher has it, or null.")
    published: Day | None = Field(description="When it was published, or null.")
    reviewed: Day | None = Field(description="When it was last reviewed, or null.")
    next_review: Day | None = Field(description="When it is to be reviewed next, or null.")
    language: str | None = Field(description="The language it is in, or null.")
    text: str = Field(
        default_factory=absent,
        description="What readers see of it; left out where the site shows quotes only.",
    )
    sections: list[ArticleSection] = Field(description="Where its sections stand in the text.")
    generation: Generation = Field(description="Of the index when it was asked.")


class Edit(Shape):
    """What an editor's change did; it is live when this is answered."""

    article_id: ArticleId = Field(description="Which article.")
    version: Version | None = Field(description="The version that is live, or was last.")
    change: Literal["added", "updated", "unchanged", "withdrawn"] = Field(
        description="What was done."
    )
    passages: Count = Field(description="Passages that the article has now.")
    embedded: Count = Field(description="Passages that had to be encoded.")
    generation: Generation = Field(description="Of the index after the change.")


class ReportNotice(Shape):
    """A file that was not understood, or only in part."""

    path: str = Field(description="The file in the corpus folder; for a row also its line.")
    reason: str = Field(description="What is wrong with it.")


class IndexReport(Shape):
    """What bringing the index up to date did."""

    generation: Generation = Field(description="Of the index after it.")
    articles: Count = Field(description="Live articles.")
    passages: Count = Field(description="Live passages.")
    added: Count = Field(description="New articles.")
    updated: Count = Field(description="Articles with another version.")
    unchanged: Count = Field(description="Articles that stayed as they were.")
    withdrawn: Count = Field(description="Articles that are gone.")
    rejected: list[ReportNotice] = Field(description="Files that were not indexed.")
    warnings: list[ReportNotice] = Field(description="Files that were, but with something lost.")
    embedded_passages: Count = Field(description="Passages that had to be encoded.")
    seconds: Annotated[float, Field(ge=0)] = Field(description="How long it took.")


class IndexOverview(Shape):
    """What the index holds."""

    generation: Generation = Field(description="The live one.")
    articles: Count = Field(description="Live articles.")
    passages: Count = Field(description="Live passages.")
    updated: str = Field(description="When the index last changed, as ISO 8601 has it.")
    model: str = Field(description="The embedding model.")
    encoder: str = Field(description="The digest of what encodes.")
