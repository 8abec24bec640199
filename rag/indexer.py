"""An article, from top to bottom: read, cut into passages, encode, publish in one generation."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.corpus import Entry, Rejection, Understood, Withdrawal, draft_article
from rag.errors import ArticleRejected, CorpusError, IndexUnavailable
from rag.index.builds import (
    Recipe,
    create_build,
    empty_database,
    find_build,
    live_build,
    reading,
    set_live_build,
    writer_lock,
    writing,
)
from rag.index.embed import embed
from rag.index.lookups import count_passages, known_sources, live_versions
from rag.index.view import live_generation
from rag.index.writer import Change, mend, publish, remember_sources
from rag.protocols import PassageEncoder, Progress
from rag.survey import Found, Shown, Sources, kept_of, reject, shown_by, withdrawn_of, without_twins
from rag.types import Article, DraftArticle, Notice, SourceFile


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """How an update of the index behaves; `wait` is in seconds."""

    allow_withdraw: bool = False
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update of the index did."""

    generation: int
    articles: int
    passages: int
    added: int
    updated: int
    unchanged: int
    withdrawn: int
    rejected: tuple[Notice, ...]
    warnings: tuple[Notice, ...]
    embedded_passages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an update is about to do; live: version by id, before it."""

    found: Found
    live: Mapping[str, str]
    changed: Sequence[Article]
    withdrawn: Sequence[str]

    def counts(self) -> dict[str, int]:
        added = sum(article.id not in self.live for article in self.changed)
        return {
            "added": added,
            "updated": len(self.changed) - added,
            "withdrawn": len(self.withdrawn),
        }

    def report(self, database: sqlite3.Connection, embedded: int, started: float) -> IndexReport:
        """What was done, once it is; started: by the monotonic clock."""
        read_anew = sum(article.id in self.found.sources for article in self.changed)
        return IndexReport(
            **self.counts(),
            generation=live_generation(database),
            articles=len(live_versions(database)),
            passages=count_passages(database),
            unchanged=len(self.found.sources) - read_anew,
            rejected=tuple(self.found.rejected),
            warnings=tuple(self.found.warnings),
            embedded_passages=embedded,
            seconds=round(time.monotonic() - started, 3),
        )


@dataclass(frozen=True, slots=True)
class Indexer:
    """Keeps the index at a folder up to date with what `read` yields.

    `understand` makes an article of a source; `encoder` is only called where something changed, and
    else `mend_encoder`, so that questions find it whole.
    """

    read: Callable[[], Iterable[Entry]]
    understand: Callable[[SourceFile], Understood]
    index: Path
    recipe: Recipe
    encoder: Callable[[], PassageEncoder]
    mend_encoder: Callable[[], None] = lambda: None

    def update(self, options: IndexOptions, progress: Progress) -> IndexReport:
        """Bring the index up to date; what is live changes all at once, at the end.

        Raises CorpusError, WithdrawalRefused, IndexUnavailable, StorageFull, ModelError; then
        nothing that is live has changed.
        """
        started = time.monotonic()
        with writer_lock(self.index, options.wait):
            build = find_build(self.index, self.recipe) or create_build(self.index, self.recipe)
            shown = shown_by(self.index, build)
            with writing(build) as database:
                plan = self._plan(database, shown, options, progress)
                drafts = self._draft(plan.changed, progress)
                embedded = embed(database, drafts, self.encoder, progress)
                sources = plan.found.sources
                if drafts or plan.withdrawn:
                    progress("publishing", 0, 0)
                    change = Change(drafts, plan.withdrawn, sources, plan.counts())
                    publish(database, build, change)
                else:
                    remember_sources(database, sources)
                    mend(database, build)
                    self.mend_encoder()
                report = plan.report(database, embedded, started)
            # A build without an article, all of them rejected say, must not replace one with some.
            if report.generation:
                _go_live(self.index, build)
        return report

    def preview(self, options: IndexOptions, progress: Progress) -> IndexReport:
        """What `update` would do: nothing is written, nothing is encoded.

        Articles and passages are those of now. Raises as `update` does.
        """
        started = time.monotonic()
        build = find_build(self.index, self.recipe)
        with reading(build) if build else empty_database() as database:
            plan = self._plan(database, shown_by(self.index, build), options, progress)
            return plan.report(database, 0, started)

    def _plan(
        self, database: sqlite3.Connection, shown: Shown, options: IndexOptions, progress: Progress
    ) -> _Plan:
        known = known_sources(database)
        found = self._read(known, shown, options, progress)
        live = live_versions(database)
        understood = self._understand(found, {**shown.sources, **known}, progress)
        articles = [*without_twins(found, understood, live), *kept_of(found, shown, live)]
        return _Plan(
            found=found,
            live=live,
            changed=[a for a in articles if live.get(a.id) != a.version],
            withdrawn=withdrawn_of(found, live, shown, allow=options.allow_withdraw),
        )

    def _read(
        self, known: Sources, shown: Shown, options: IndexOptions, progress: Progress
    ) -> Found:
        found = Found()
        ever = {**shown.sources, **known}
        try:
            for item in self.read():
                if isinstance(item, Notice):
                    found.warnings.append(item)
                elif isinstance(item, Rejection):
                    reject(found, item, ever)
                elif isinstance(item, Withdrawal):
                    found.withdrawn.add(item.article_id)
                else:
                    found.sources[item.id] = (item.path, item.digest)
                    if known.get(item.id, ("", ""))[1] != item.digest:
                        found.changed.append(item)
                progress("reading", len(found.sources), 0)
        except CorpusError:
            if not (options.allow_withdraw and ever):
                raise
        return found

    def _understand(self, found: Found, known: Sources, progress: Progress) -> list[Article]:
        articles = []
        for done, source in enumerate(found.changed, start=1):
            try:
                understood = self.understand(source)
            except ArticleRejected as error:
                del found.sources[source.id]
                reject(found, Rejection(source.path, str(error), source.id), known)
                continue
            found.warnings.extend(understood.warnings)
            articles.append(understood.article)
            progress("understanding", done, len(found.changed))
        return articles

    def _draft(self, articles: Sequence[Article], progress: Progress) -> list[DraftArticle]:
        if not articles:
            return []
        encoder = self.encoder()
        drafts = []
        for done, article in enumerate(articles, start=1):
            drafts.append(draft_article(article, encoder, encoder.info.window))
            progress("cutting", done, len(articles))
        return drafts


def _go_live(index: Path, build: Path) -> None:
    try:
        current: Path | None = live_build(index)
    except IndexUnavailable:
        current = None
    if current != build:
        set_live_build(index, build)
