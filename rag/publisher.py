"""An editor's change while the service runs: one article published or withdrawn, at once.

What an editor sends is written to the corpus folder, where `rag index` finds it too, and becomes
live in one transaction. A process that is killed in between leaves the index as it was; the file,
if it was written, is taken up by the next `rag index`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.corpus import (
    Understood,
    draft_article,
    published_path,
    read_published,
    withdrawn_path,
)
from rag.durable import is_full, replaced, storage_full
from rag.errors import (
    ArticleNotFound,
    ArticleRejected,
    CorpusError,
    VersionConflict,
)
from rag.index.builds import Recipe, live_build, read_recipe, writer_lock, writing
from rag.index.embed import embed
from rag.index.lookups import alike_id, has_version, live_version
from rag.index.view import live_generation
from rag.index.writer import Change, publish, remember_sources
from rag.protocols import PassageEncoder
from rag.types import Edit, SourceFile


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes and withdraws single articles. Safe to use from several threads and processes.

    `check` raises RecipeMismatch for a recipe that is not that of the settings, `encoder` gives the
    encoder that one names; `wait` is how long another writer is waited for, in seconds.
    """

    corpus: Path
    index: Path
    check: Callable[[Recipe], None]
    encoder: Callable[[Recipe], PassageEncoder]
    understand: Callable[[SourceFile], Understood]
    wait: float = 10.0

    def publish(self, article_id: str, content: str, expected: str | None) -> Edit:
        """Publish an article as the text of a Markdown file; live when this returns.

        expected: the version that the editor has seen, if it must still be the live one.
        Raises ArticleRejected, VersionConflict, CorpusError, IndexUnavailable, StorageFull,
        ModelError.
        """
        source = read_published(article_id, content.encode())
        with self._writing() as (build, recipe, database):
            live = live_version(database, article_id)
            _check(database, article_id, expected, live)
            article = self.understand(source).article
            files = {article_id: (source.path, source.digest)}
            path = published_path(self.corpus, article_id)
            mark = withdrawn_path(self.corpus, article_id)
            if article.version == live:
                with _changed(path, content), _changed(mark, None):
                    remember_sources(database, files)
                return Edit(article_id, live, "unchanged", 0, 0, live_generation(database))
            encoder = self.encoder(recipe)
            draft = draft_article(article, encoder, encoder.info.window)
            embedded = embed(database, [draft], lambda: encoder, lambda *_: None)
            kind = "updated" if live else "added"
            with _changed(path, content), _changed(mark, None):
                publish(database, build, Change([draft], [], files, {kind: 1}))
            generation = live_generation(database)
            passages = len(draft.passages)
            return Edit(article_id, article.version, kind, passages, embedded, generation)

    def withdraw(self, article_id: str, expected: str | None) -> Edit:
        """Withdraw an article; it is not cited any more when this returns.

        One that has only a file yet, since its publication was interrupted, ends before it begins.
        Raises ArticleNotFound, VersionConflict, CorpusError, IndexUnavailable, StorageFull.
        """
        with self._writing() as (build, _, database):
            live = live_version(database, article_id)
            interrupted = published_path(self.corpus, article_id).exists()
            if live is None and not interrupted and not has_version(database, article_id):
                raise ArticleNotFound(f"There is no article {article_id!r}.")
            _check(database, article_id, expected, live)
            text = json.dumps({"withdrawn": datetime.now(UTC).isoformat(timespec="seconds")})
            with _changed(withdrawn_path(self.corpus, article_id), text):
                if live is not None:
                    publish(database, build, Change([], [article_id], {}, {"withdrawn": 1}))
            return Edit(article_id, live, "withdrawn", 0, 0, live_generation(database))

    @contextmanager
    def _writing(self) -> Iterator[tuple[Path, Recipe, sqlite3.Connection]]:
        """The live build, held alone; its recipe must be that of the settings."""
        live_build(self.index)
        with writer_lock(self.index, self.wait):
            build = live_build(self.index)
            recipe = read_recipe(build)
            self.check(recipe)
            with writing(build) as database:
                yield build, recipe, database


def _check(
    database: sqlite3.Connection, article_id: str, expected: str | None, live: str | None
) -> None:
    """Raise VersionConflict or ArticleRejected where the change must not be made."""
    if expected is not None and expected != live and not (expected == "*" and live):
        raise VersionConflict(f"The article {article_id!r} is now at version {live}.")
    other = alike_id(database, article_id)
    if other is not None:
        raise ArticleRejected(
            f"an article has the id {other!r}, which differs in case only. Use that id, or "
            "withdraw it first"
        )


@contextmanager
def _changed(path: Path, text: str | None) -> Iterator[None]:
    """A file with another text, or without any; as it was where what follows fails."""
    with ExitStack() as stack:
        try:
            stack.enter_context(replaced(path, text))
        except OSError as error:
            if is_full(error):
                raise storage_full(path.parent) from error
            raise CorpusError(
                f"{path.name} cannot be written to the corpus folder ({error.strerror}); nothing "
                "was changed. Give the folder to the user who serves."
            ) from error
        yield
