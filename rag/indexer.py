"""An article, from top to bottom: read, cut into passages, encode, publish in one generation."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.corpus import Entry, Rejection, Understood, Withdrawal, draft_article
from rag.errors import ArticleRejected, CorpusError, IndexUnavailable, WithdrawalRefused
from rag.index.builds import (
    Recipe,
    create_build,
    find_build,
    live_build,
    reading,
    set_live_build,
    writer_lock,
    writing,
)
from rag.index.view import live_generation
from rag.index.writer import (
    Change,
    count_passages,
    known_sources,
    live_articles,
    live_versions,
    mend,
    missing_inputs,
    publish,
    remember_sources,
    store_vectors,
)
from rag.protocols import PassageEncoder, Progress
from rag.types import Article, DraftArticle, Notice, SourceFile

# Vectors reach the disk in parts of this many, so that an interruption costs seconds of work.
_PART = 256
# Fewer withdrawals than this are an editor's normal day, whatever their share.
_FEWEST_SUSPICIOUS = 5
_SUSPICIOUS_SHARE = 0.2


Sources = Mapping[str, tuple[str, str]]
"""Path and digest of the source by article id."""


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


@dataclass(slots=True)
class _Found:
    """What is in the corpus folder, collected while it is read.

    sources: path and digest by article id of all that were understood, now or earlier.
    kept: ids of articles whose file is now rejected; they stay as they are.
    withdrawn: ids of those that an editor has withdrawn; they end whatever their files say.
    """

    sources: dict[str, tuple[str, str]] = field(default_factory=dict)
    changed: list[SourceFile] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    drafts: list[DraftArticle] = field(default_factory=list)
    rejected: list[Notice] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What readers are shown while another build is made: articles by id, and their sources."""

    articles: Mapping[str, Article] = field(default_factory=dict)
    sources: Sources = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Indexer:
    """Keeps the index at a folder up to date with what `read` yields.

    `understand` makes an article of a source; `encoder` is only called where something changed.
    """

    read: Callable[[], Iterable[Entry]]
    understand: Callable[[SourceFile], Understood]
    index: Path
    recipe: Recipe
    encoder: Callable[[], PassageEncoder]

    def update(self, options: IndexOptions, progress: Progress) -> IndexReport:
        """Bring the index up to date; what is live changes all at once, at the end.

        Raises CorpusError, WithdrawalRefused, IndexUnavailable, ModelError; then nothing that is
        live has changed.
        """
        started = time.monotonic()
        with writer_lock(self.index, options.wait):
            build = find_build(self.index, self.recipe) or create_build(self.index, self.recipe)
            shown = _shown(self.index, build)
            with writing(build) as database:
                found = self._read(known_sources(database), shown, options, progress)
                live = live_versions(database)
                self._understand(found, progress)
                self._keep(found, shown, live)
                withdrawn = _withdrawn(found, live, shown, options)
                drafts = [d for d in found.drafts if live.get(d.article.id) != d.article.version]
                embedded = self._embed(database, drafts, progress)
                added = sum(draft.article.id not in live for draft in drafts)
                changed = sum(draft.article.id in found.sources for draft in drafts)
                counts = {
                    "added": added,
                    "updated": len(drafts) - added,
                    "withdrawn": len(withdrawn),
                }
                if drafts or withdrawn:
                    progress("publishing", 0, 0)
                    publish(database, build, Change(drafts, withdrawn, found.sources, counts))
                else:
                    remember_sources(database, found.sources)
                    mend(database, build)
                report = IndexReport(
                    **counts,
                    generation=live_generation(database),
                    articles=len(live) + added - len(withdrawn),
                    passages=count_passages(database),
                    unchanged=len(found.sources) - changed,
                    rejected=tuple(found.rejected),
                    warnings=tuple(found.warnings),
                    embedded_passages=embedded,
                    seconds=round(time.monotonic() - started, 3),
                )
            # A build without an article, all of them rejected say, must not replace one with some.
            if report.generation:
                _go_live(self.index, build)
        return report

    def _read(
        self, known: Sources, shown: _Shown, options: IndexOptions, progress: Progress
    ) -> _Found:
        found = _Found()
        ever = {**shown.sources, **known}
        try:
            for item in self.read():
                if isinstance(item, Notice):
                    found.warnings.append(item)
                elif isinstance(item, Rejection):
                    _reject(found, item, ever)
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

    def _understand(self, found: _Found, progress: Progress) -> None:
        encoder = self.encoder() if found.changed else None
        for done, source in enumerate(found.changed, start=1):
            try:
                understood = self.understand(source)
            except ArticleRejected as error:
                del found.sources[source.id]
                _reject(found, Rejection(source.path, str(error), source.id), {})
                continue
            found.warnings.extend(understood.warnings)
            if encoder:
                draft = draft_article(understood.article, encoder, encoder.info.window)
                found.drafts.append(draft)
            progress("understanding", done, len(found.changed))

    def _keep(self, found: _Found, shown: _Shown, live: Mapping[str, str]) -> None:
        """Take the last good versions of rejected articles along into another build."""
        for article_id in sorted((found.kept & shown.articles.keys()) - live.keys()):
            if article_id not in found.withdrawn and article_id not in found.sources:
                encoder = self.encoder()
                article = shown.articles[article_id]
                found.drafts.append(draft_article(article, encoder, encoder.info.window))

    def _embed(
        self, database: sqlite3.Connection, drafts: Sequence[DraftArticle], progress: Progress
    ) -> int:
        """Encode what has no vector yet; returns the number of passages encoded."""
        # In the order of the articles: a part then takes about as long as any other.
        inputs = [
            encoder_input
            for draft in drafts
            for encoder_input in (
                *(passage.input for passage in draft.passages),
                *(section.input for section in draft.sections),
            )
        ]
        missing = list(missing_inputs(database, inputs).items())
        if not missing:
            return 0
        encoder = self.encoder()
        for start in range(0, len(missing), _PART):
            progress("encoding", start, len(missing))
            part = missing[start : start + _PART]
            vectors = encoder.encode_passages(
                [item.text for _, item in part], [item.spans for _, item in part]
            )
            store_vectors(database, zip((digest for digest, _ in part), vectors, strict=True))
        progress("encoding", len(missing), len(missing))
        return sum(bool(item.spans) for _, item in missing)


def _shown(index: Path, build: Path) -> _Shown:
    """What the live build holds, unless it is the one to be written or cannot be read."""
    try:
        current = live_build(index)
        if current == build:
            return _Shown()
        with reading(current) as database:
            return _Shown(live_articles(database), known_sources(database))
    except IndexUnavailable:
        return _Shown()


def _reject(found: _Found, item: Rejection, known: Sources) -> None:
    """Note a rejection; whatever article it may have been stays as it is."""
    found.rejected.append(Notice(item.path, item.reason))
    if item.article_id:
        found.kept.add(item.article_id)
        return
    # The corpus folder itself goes by the path ".".
    above = "" if item.path == "." else f"{item.path}/"
    above_or_rows = (above, f"{item.path.partition('.jsonl')[0]}.jsonl")
    found.kept.update(
        article_id
        for article_id, (path, _) in known.items()
        if path == item.path or path.startswith(above_or_rows)
    )


def _withdrawn(
    found: _Found, live: Mapping[str, str], shown: _Shown, options: IndexOptions
) -> list[str]:
    """The ids that end. Raises WithdrawalRefused where many files are simply not there any more."""
    there = found.sources.keys() | (found.kept - found.withdrawn)
    seen = shown.articles.keys() or live.keys()
    missing = seen - there - found.withdrawn
    many = len(missing) >= _FEWEST_SUSPICIOUS and len(missing) > _SUSPICIOUS_SHARE * len(seen)
    if many and not options.allow_withdraw:
        raise WithdrawalRefused(
            f"{len(missing)} of {len(seen)} articles are no longer in the corpus folder, which "
            "looks like a mistake; nothing was changed. Give --allow-withdraw if it is meant."
        )
    return sorted(live.keys() - there)


def _go_live(index: Path, build: Path) -> None:
    try:
        current: Path | None = live_build(index)
    except IndexUnavailable:
        current = None
    if current != build:
        set_live_build(index, build)
