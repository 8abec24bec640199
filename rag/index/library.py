"""Read an index while it may change: one question is one read transaction over one view."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ArticleNotFound, IndexDamaged, IndexMissing
from rag.index.builds import DATABASE, Recipe, live_build, read_recipe
from rag.index.records import read_article, unpack_sentences, unpack_spans
from rag.index.schema import DATABASE_ERRORS, connect, verify
from rag.index.view import View, live_generation, load_view
from rag.types import (
    Article,
    ArticleList,
    ArticleSummary,
    Passage,
    Span,
    Status,
    StoredArticle,
    StoredPassage,
)

logger = logging.getLogger(__name__)

_ARTICLE_COLUMNS = "a.article_id, a.version, a.record, a.born, a.checksum"
# A writer that is just publishing changes files; after this many tries it is damage.
_LEXICAL_TRIES = 10
_LEXICAL_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """One read transaction: everything it returns is of `generation`."""

    generation: int
    recipe: Recipe
    view: View
    database: sqlite3.Connection

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of those rows, in that order; those no longer live are left out.

        Raises IndexDamaged where a row does not match its checksum.
        """
        articles: dict[int, Article] = {}
        found = (self._passage(row, articles) for row in rows)
        return [passage for passage in found if passage is not None]

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        """One version of an article, the newest by default. Raises ArticleNotFound."""
        rows = self.database.execute(
            f"SELECT {_ARTICLE_COLUMNS}, a.died FROM articles a"  # noqa: S608 - constant columns
            " WHERE article_id = ? ORDER BY row DESC",
            (article_id,),
        ).fetchall()
        current = next((row[1] for row in rows if row[5] is None), None)
        for *columns, died in rows:
            if version is None or columns[1] == version:
                return StoredArticle(
                    article=read_article(columns),
                    status=_status(died, current),
                    current_version=current,
                    generation=self.generation,
                )
        raise ArticleNotFound(f"There is no article {article_id!r} of that version.")

    def articles(self, cursor: str | None, limit: int) -> ArticleList:
        """Live articles by id after `cursor`, at most `limit`."""
        rows = self.database.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles a"  # noqa: S608 - constant columns
            " WHERE died IS NULL AND article_id > ? ORDER BY article_id LIMIT ?",
            (cursor or "", limit + 1),
        ).fetchall()
        articles = [read_article(row) for row in rows[:limit]]
        summaries = tuple(
            ArticleSummary(a.id, a.version, a.title, a.published, a.reviewed) for a in articles
        )
        return ArticleList(summaries, summaries[-1].article_id if len(rows) > limit else None)

    def article_ids(self) -> dict[int, str]:
        """Article id by passage row, of all live passages."""
        return dict(
            self.database.execute(
                "SELECT p.row, a.article_id FROM passages p"
                " JOIN articles a ON a.row = p.article WHERE a.died IS NULL"
            )
        )

    def _passage(self, row: int, articles: dict[int, Article]) -> StoredPassage | None:
        found = self.database.execute(
            'SELECT p.article, p.section, p.vector, p."start", p."end", p.sentences, p.checksum,'
            " s.heading, s.vector, s.checksum, v.data, v.checksum FROM passages p"
            " JOIN articles a ON a.row = p.article AND a.died IS NULL"
            " JOIN sections s ON s.row = p.section"
            " LEFT JOIN sentence_vectors v ON v.vector = p.vector WHERE p.row = ?",
            (row,),
        ).fetchone()
        if found is None:
            return None
        article_row, _, vector, start, end, spans, stored, heading, of_heading, *guards = found
        verify(f"passage {row}", stored, *found[:6])
        verify(f"section {found[1]}", guards[0], article_row, of_heading, heading)
        verify(f"sentences of passage {row}", guards[2], vector, guards[1])
        article = articles.get(article_row) or self._article_row(article_row)
        articles[article_row] = article
        passage = Passage(
            id=f"{article.id}@{article.version}:{start}-{end}",
            article_id=article.id,
            article_version=article.version,
            section=heading,
            start=start,
            end=end,
            sentences=unpack_spans(spans),
        )
        vectors = unpack_sentences(guards[1], self.view.passages.index.d)
        return StoredPassage(row, passage, article, vectors, self._before(row, found[1]))

    def _before(self, row: int, section: int) -> tuple[Span, ...]:
        """The sentences of the passage before, if it is of the same section."""
        found = self.database.execute(
            'SELECT article, section, vector, "start", "end", sentences, checksum FROM passages'
            " WHERE row = ? AND section = ?",
            (row - 1, section),
        ).fetchone()
        if found is None:
            return ()
        verify(f"passage {row - 1}", found[6], *found[:6])
        return unpack_spans(found[5])

    def _article_row(self, row: int) -> Article:
        columns = self.database.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles a WHERE row = ?",  # noqa: S608 - constant
            (row,),
        ).fetchone()
        if columns is None:
            raise IndexDamaged("An article is missing from the index. Run `rag index`.")
        return read_article(columns)


class Library:
    """The index at a folder, opened when first read and followed as it changes.

    `check` is called with the recipe of every build that is opened; it raises RecipeMismatch
    where the settings ask for another.
    """

    def __init__(self, index: Path, check: Callable[[Recipe], None]) -> None:
        self._index = index
        self._check = check
        self._lock = threading.Lock()
        self._open: _OpenBuild | None = None

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read one generation. Raises IndexMissing, IndexDamaged."""
        build = self._current_build()
        with build.transaction() as database:
            view = build.view(database)
            yield Reading(view.generation, build.recipe, view, database)

    def _current_build(self) -> _OpenBuild:
        path = live_build(self._index)
        with self._lock:
            if self._open is None or self._open.path != path:
                build = _OpenBuild(path)
                self._check(build.recipe)
                self._open = build
            return self._open


class _OpenBuild:
    """One build with its connections and its newest view."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe = read_recipe(path)
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._view: View | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            database = self._connection()
            try:
                database.execute("BEGIN")
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                self._idle.put(database)
        except DATABASE_ERRORS as error:
            raise IndexDamaged(
                f"The index's database cannot be read ({error}). "
                "Remove the index folder and run `rag index` to make it again."
            ) from error

    def view(self, database: sqlite3.Connection) -> View:
        """The view of the very generation that `database` sees; may begin its transaction anew."""
        tries = 1
        while (view := self._newest(database, in_memory=tries >= _LEXICAL_TRIES)) is None:
            tries += 1
            time.sleep(_LEXICAL_PAUSE)
            _begin_again(database)
        return view

    def _newest(self, database: sqlite3.Connection, *, in_memory: bool) -> View | None:
        while True:
            generation = live_generation(database)
            if generation == 0:
                raise IndexMissing("The index has no articles yet. Run `rag index`.")
            view = self._view
            if view is None or view.generation < generation:
                view = self._load(database, generation, in_memory=in_memory)
            if view is None or view.generation == generation:
                return view
            # Another question has loaded a newer one meanwhile.
            _begin_again(database)

    def _load(
        self, database: sqlite3.Connection, generation: int, *, in_memory: bool
    ) -> View | None:
        with self._lock:
            if self._view is not None and self._view.generation >= generation:
                return self._view
            started = time.monotonic()
            view = load_view(database, self.path, in_memory=in_memory)
            if view is not None:
                self._view = view
                seconds = time.monotonic() - started
                logger.info("generation %d loaded in %.2f s", generation, seconds)
            return view

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return connect(self.path / DATABASE, writing=False)


def _begin_again(database: sqlite3.Connection) -> None:
    """Let a read transaction see what is newest now."""
    database.execute("COMMIT")
    database.execute("BEGIN")


def _status(died: int | None, current: str | None) -> Status:
    if died is None:
        return Status.LIVE
    return Status.WITHDRAWN if current is None else Status.SUPERSEDED
