"""Read an index while it may change: one question is one read transaction over one view."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rag.errors import IndexMissing, IndexUnavailable
from rag.index.builds import DATABASE, Recipe, live_build, read_recipe, unreadable
from rag.index.layer import count_above
from rag.index.reading import Reading
from rag.index.schema import DATABASE_ERRORS, connect
from rag.index.view import View, live_generation, load_view, refresh_view

logger = logging.getLogger(__name__)

# A writer that is just publishing changes files; after this many tries it is damage.
_LEXICAL_TRIES = 10
_LEXICAL_PAUSE = 0.1
# With more passages than this beside the base, searching both costs more than loading them anew.
_LARGEST_TAIL = 2_000


class Library:
    """The index at a folder, opened when first read and followed as it changes.

    `check` is called with the recipe of every build that is opened; it raises RecipeMismatch
    where the settings ask for another. `today` decides which articles have expired.
    """

    def __init__(
        self,
        index: Path,
        check: Callable[[Recipe], None],
        today: Callable[[], date] = date.today,
    ) -> None:
        self._index = index
        self._check = check
        self._today = today
        self._lock = threading.Lock()
        self._open: _OpenBuild | None = None

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read one generation. Raises IndexMissing, IndexDamaged."""
        build = self._current_build()
        with build.transaction() as database:
            view = build.view(database, self._today())
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
        self._reloading: threading.Thread | None = None

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
            raise unreadable(error, self.path) from error

    def view(self, database: sqlite3.Connection, day: date) -> View:
        """The view of the generation that `database` sees; may begin its transaction anew.

        Where much has changed at once, the one before serves until the new one is loaded: what has
        ended meanwhile is left out when it is read.
        """
        tries = 1
        while (view := self._newest(database, day, in_memory=tries >= _LEXICAL_TRIES)) is None:
            tries += 1
            time.sleep(_LEXICAL_PAUSE)
            _begin_again(database)
        return view

    def _newest(self, database: sqlite3.Connection, day: date, *, in_memory: bool) -> View | None:
        while True:
            generation = live_generation(database)
            if generation == 0:
                raise IndexMissing("The index has no articles yet. Run `rag index`.")
            view = self._view
            if view is None or view.generation < generation or view.day != day:
                return self._load(database, generation, day, in_memory=in_memory)
            if view.generation == generation:
                return view
            # Another question has loaded a newer one meanwhile.
            _begin_again(database)

    def _load(
        self, database: sqlite3.Connection, generation: int, day: date, *, in_memory: bool
    ) -> View | None:
        with self._lock:
            view = self._view
            if view is not None and view.generation >= generation and view.day == day:
                return view
            if view is None or in_memory:
                return self._keep(load_view(database, self.path, day, in_memory=in_memory))
            if count_above(database, view.base.last) <= _LARGEST_TAIL:
                return self._keep(refresh_view(view, database, self.path, day))
            if self._reloading is None or not self._reloading.is_alive():
                self._reloading = threading.Thread(
                    target=self._reload, args=(day,), name="reload", daemon=True
                )
                self._reloading.start()
            return view

    def _reload(self, day: date) -> None:
        """Load everything anew; questions are answered from the view before meanwhile."""
        try:
            with self.transaction() as database:
                view = load_view(database, self.path, day, in_memory=False)
        except IndexUnavailable as error:
            logger.warning("generation not loaded: %s", error)
            return
        with self._lock:
            if self._view is None or view is None or view.generation >= self._view.generation:
                self._keep(view)

    def _keep(self, view: View | None) -> View | None:
        if view is not None:
            self._view = view
            logger.info("generation %d loaded", view.generation)
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
