"""What every view needs: the settings, the assistant, and a place to work in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Event
from typing import Protocol, cast

from flask import Flask, current_app

from rag.indexer import IndexReport
from rag.rendering import Body
from rag.settings import Settings
from rag.types import (
    Answer,
    ArticleList,
    Disclaimer,
    Edit,
    Filters,
    Mode,
    Question,
    Safety,
    SearchResults,
    StoredArticle,
)
from rag.web.problems import BUSY, Problem

_KEY = "wellcited"
# Seconds a question may wait for a place; then a clear refusal is kinder than a longer silence.
_PATIENCE = 2.0


class Service(Protocol):
    """What the web door asks of an assistant (rag.assistant describes each)."""

    def safety(self, question: Question) -> Safety:
        """The gate's verdict, worded for the reader; needs no index and never raises."""
        ...

    def disclaimer(self, locale: str | None) -> Disclaimer:
        """The short line under every answer, in the best language there is."""
        ...

    def full_disclaimer(self, locale: str | None) -> Disclaimer:
        """The whole text, in the best language there is."""
        ...

    def locales(self) -> tuple[str, ...]:
        """The languages that the fixed texts exist in."""
        ...

    def answer(self, question: Question) -> Answer:
        """Answer a question. Raises IndexUnavailable."""
        ...

    def search(self, query: str, k: int, mode: Mode, filters: Filters) -> SearchResults:
        """Passages ranked for a query. Raises IndexUnavailable."""
        ...

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        """One article version. Raises ArticleNotFound, IndexUnavailable."""
        ...

    def articles(self, cursor: str | None, limit: int) -> ArticleList:
        """Live articles by id, after `cursor`. Raises IndexUnavailable."""
        ...

    def check_ready(self) -> int:
        """The live generation. Raises IndexUnavailable, ModelError."""
        ...

    def damage(self) -> tuple[str, ...]:
        """What of the index is damaged, by name, while all else is served."""
        ...

    def overview(self) -> Body:
        """What the index holds. Raises IndexUnavailable."""
        ...


class Desk(Protocol):
    """What the editors' routes ask for (rag.publisher and rag.indexer describe each)."""

    def publish(self, article_id: str, content: str, expected: str | None) -> Edit:
        """Publish one article."""
        ...

    def withdraw(self, article_id: str, expected: str | None) -> Edit:
        """Withdraw one article."""
        ...

    def refresh(self) -> IndexReport:
        """Bring the index up to date with the corpus folder."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """One process of the service.

    `assistant` builds the assistant at its first call, `desk` what editors need; `places` bounds
    the questions worked on at a time; `warming` is set while index and model are being loaded.
    """

    settings: Settings
    assistant: Callable[[], Service]
    desk: Callable[[], Desk]
    places: BoundedSemaphore
    warming: Event


def install(app: Flask, site: Site) -> None:
    """Make `site` the one that the views of `app` find."""
    app.extensions[_KEY] = site


def site_of(app: Flask) -> Site:
    """The site that was installed in an application."""
    return cast(Site, app.extensions[_KEY])


def site() -> Site:
    """The site of the request at hand."""
    return site_of(current_app)


@contextmanager
def place() -> Iterator[None]:
    """Hold one of the places at work. Raises Problem (busy) when none gets free in time.

    Slow clients occupy threads, which are many; what is costly happens in here, which is few.
    """
    places = site().places
    if not places.acquire(timeout=_PATIENCE):
        raise Problem(BUSY, "Too many questions at once: try again in a moment.")
    try:
        yield
    finally:
        places.release()
