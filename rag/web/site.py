"""What every view needs: the settings, the assistant, and a place to work in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Protocol, cast

from flask import Flask, current_app, g, request

from rag.indexer import IndexReport
from rag.rendering import Body
from rag.settings import Settings
from rag.types import (
    Answer,
    ArticleList,
    Disclaimer,
    Edit,
    Filters,
    Level,
    Mode,
    Question,
    Safety,
    SearchResults,
    StoredArticle,
)
from rag.web.limits import Limiter
from rag.web.places import Places
from rag.web.policy import Policy

_KEY = "wellcited"
_GRAVE = frozenset({Level.CRISIS, Level.EMERGENCY})


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

    def answer(self, question: Question, safety: Safety | None = None) -> Answer:
        """Answer a question, with what `safety` said of it. Raises IndexUnavailable."""
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

    `assistant` builds the assistant at its first call, `desk` what editors need; `limiter` bounds
    how often clients ask, `places` the questions worked on at a time; `warming` is set while index
    and model are being loaded.
    """

    settings: Settings
    policy: Policy
    assistant: Callable[[], Service]
    desk: Callable[[], Desk]
    limiter: Limiter
    places: Places
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


def judged(question: Question) -> Safety:
    """The gate's verdict on the question of the request at hand; it is asked once."""
    if "safety" not in g:
        g.characters, g.locale = len(question.message), question.locale
        g.safety = site().assistant().safety(question)
    return cast(Safety, g.safety)


@contextmanager
def place(question: Question | None = None) -> Iterator[Safety]:
    """Hold one of the places at work, with the gate's verdict on the question.

    Raises Problem: `rate-limited` where the client or all together ask too often, `busy` where no
    place is free. A message that needs a card is let in, whoever asks and however full it is:
    a card needs no index. A search has no question, and no verdict to speak of.
    """
    here = site()
    safety = judged(question) if question else g.get("safety", Safety())
    if safety.level in _GRAVE:
        yield safety
        return
    standing = here.limiter.take(request.remote_addr, several=request.is_multiprocess)
    g.standing = standing
    if standing.problem:
        raise standing.problem
    with here.places.one():
        yield safety
