"""Bring articles and vectors into a build: vectors as they come, articles in one transaction."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import tantivy

from rag.errors import IndexDamaged
from rag.index.builds import lexical_folder
from rag.index.lexical import (
    LexicalDocument,
    add_documents,
    create_lexical,
    file_digests,
    open_lexical,
)
from rag.index.lookups import count_passages
from rag.index.records import (
    article_record,
    pack_dense,
    pack_sentences,
    pack_spans,
)
from rag.index.schema import checksum
from rag.index.view import live_generation
from rag.index.words import live_documents
from rag.types import Article, DraftArticle, EncoderInput, PassageVectors

# Above this share of documents of dead passages the lexical index is made again without them.
_MOST_DEAD = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """What one generation changes. `sources` has path and digest by id of all articles there are.

    published: articles that are new or of another version; withdrawn: ids of those that end.
    """

    published: Sequence[DraftArticle]
    withdrawn: Collection[str]
    sources: Mapping[str, tuple[str, str]]
    summary: Mapping[str, int]


def input_digest(item: EncoderInput) -> bytes:
    """Names what is encoded: the same digest under one recipe means the same vectors."""
    spans = ",".join(f"{span.start}-{span.end}" for span in item.spans)
    return hashlib.blake2b(f"{spans}\n{item.text}".encode(), digest_size=16).digest()


def missing_inputs(
    database: sqlite3.Connection, inputs: Iterable[EncoderInput]
) -> dict[bytes, EncoderInput]:
    """Those inputs that have no vector yet, by digest, each once."""
    wanted = {input_digest(item): item for item in inputs}
    lookup = "SELECT 1 FROM vectors WHERE input = ?"
    return {
        digest: item
        for digest, item in wanted.items()
        if database.execute(lookup, (digest,)).fetchone() is None
    }


def store_vectors(
    database: sqlite3.Connection, rows: Iterable[tuple[bytes, PassageVectors]]
) -> None:
    """Keep vectors by input digest. Nothing is published by it; an interruption loses none."""
    with transaction(database):
        for digest, vectors in rows:
            dense = pack_dense(vectors.passage)
            row = database.execute(
                "INSERT INTO vectors (input, data, checksum) VALUES (?, ?, ?)",
                (digest, dense, checksum(digest, dense)),
            ).lastrowid
            if len(vectors.sentences):
                sentences = pack_sentences(vectors.sentences)
                database.execute(
                    "INSERT INTO sentence_vectors VALUES (?, ?, ?)",
                    (row, sentences, checksum(row, sentences)),
                )


def remember_sources(database: sqlite3.Connection, sources: Mapping[str, tuple[str, str]]) -> None:
    """Note path and digest by article id, so that unchanged ones are skipped next time."""
    with transaction(database):
        _insert_sources(database, sources)


def publish(database: sqlite3.Connection, build: Path, change: Change) -> int:
    """Make one generation of a change; all of it is live when this returns, or none.

    The lexical index is committed first and SQLite last: the SQLite commit alone publishes.
    """
    lexical = _Lexical(database, build)
    with transaction(database):
        generation = live_generation(database) + 1
        for article_id in change.withdrawn:
            _end(database, article_id, generation)
            database.execute("DELETE FROM sources WHERE article_id = ?", (article_id,))
        documents: list[LexicalDocument] = []
        for draft in change.published:
            _end(database, draft.article.id, generation)
            documents.extend(_insert(database, draft, generation))
        _insert_sources(database, change.sources)
        lexical.update(documents)
        _insert_generation(database, generation, change.summary)
    lexical.remove_old()
    return generation


def mend(database: sqlite3.Connection, build: Path) -> None:
    """Make the lexical index again where it is damaged or gone; what is live stays as it is."""
    lexical = _Lexical(database, build)
    if live_generation(database) and not lexical.is_whole():
        with transaction(database):
            lexical.update(())
        lexical.remove_old()


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


class _Lexical:
    """The lexical index of a build while one generation is written."""

    def __init__(self, database: sqlite3.Connection, build: Path) -> None:
        self._database = database
        self._folder = lexical_folder(build)
        row = database.execute(
            "SELECT folder, documents, files FROM derived WHERE name = 'lexical'"
        ).fetchone()
        self._name: str = row[0] if row else ""
        self._documents: int = row[1] if row else 0
        self._files: str = row[2] if row else ""

    def update(self, documents: Sequence[LexicalDocument]) -> None:
        """Add documents; make the index again where it is damaged or mostly dead."""
        live = count_passages(self._database)
        total = self._documents + len(documents)
        index = self._opened()
        if index is None or live < total * (1 - _MOST_DEAD):
            total = live
            self._make_again()
        elif documents:
            add_documents(index, documents)
        files = json.dumps(file_digests(self._folder / self._name), sort_keys=True)
        self._database.execute(
            "INSERT OR REPLACE INTO derived VALUES ('lexical', ?, ?, ?)", (self._name, total, files)
        )

    def remove_old(self) -> None:
        """Remove what the generation just published no longer needs."""
        # Whatever happens here, the generation is published: nothing may look as if it was not.
        for path in self._folder.glob("*"):
            if path.name != self._name:
                shutil.rmtree(path, ignore_errors=True)

    def is_whole(self) -> bool:
        """Whether exactly what SQLite knows of is there, and nothing of a commit it never saw."""
        return self._opened() is not None

    def _opened(self) -> tantivy.Index | None:
        folder = self._folder / self._name
        try:
            # What only a writer reads has no digest: opening tells whether it is sound.
            return open_lexical(folder) if file_digests(folder) == json.loads(self._files) else None
        except (OSError, ValueError, IndexDamaged):
            return None

    def _make_again(self) -> None:
        self._name = self._fresh_name()
        folder = self._folder / self._name
        try:
            add_documents(create_lexical(folder), live_documents(self._database))
        except BaseException:
            # The space that it took may be what is missing.
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _fresh_name(self) -> str:
        taken = {int(path.name) for path in self._folder.glob("*") if path.name.isdecimal()}
        return str(max(taken, default=0) + 1)


def _end(database: sqlite3.Connection, article_id: str, generation: int) -> None:
    database.execute(
        "UPDATE articles SET died = ? WHERE article_id = ? AND died IS NULL",
        (generation, article_id),
    )


def _insert(
    database: sqlite3.Connection, draft: DraftArticle, generation: int
) -> Iterator[LexicalDocument]:
    article = draft.article
    row = _insert_article(database, article, generation)
    sections = []
    for section in draft.sections:
        vector = _vector_row(database, section.input)
        sections.append(
            database.execute(
                "INSERT INTO sections (article, vector, heading, checksum) VALUES (?, ?, ?, ?)",
                (row, vector, section.heading, checksum(row, vector, section.heading)),
            ).lastrowid
        )
    for passage in draft.passages:
        columns = (
            row,
            sections[passage.section],
            _vector_row(database, passage.input),
            passage.start,
            passage.end,
            pack_spans(passage.sentences),
        )
        inserted = database.execute(
            'INSERT INTO passages (article, section, vector, "start", "end", sentences, checksum)'
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*columns, checksum(*columns)),
        ).lastrowid
        yield LexicalDocument(
            row=int(inserted or 0),
            title=article.title,
            heading=draft.sections[passage.section].heading,
            body=article.text[passage.start : passage.end],
        )


def _insert_article(database: sqlite3.Connection, article: Article, generation: int) -> int:
    columns = (article.id, article.version, article_record(article), generation)
    cursor = database.execute(
        "INSERT INTO articles (article_id, version, record, born, checksum) VALUES (?, ?, ?, ?, ?)",
        (*columns, checksum(*columns)),
    )
    return int(cursor.lastrowid or 0)


def _vector_row(database: sqlite3.Connection, item: EncoderInput) -> int:
    row = database.execute(
        "SELECT row FROM vectors WHERE input = ?", (input_digest(item),)
    ).fetchone()
    return int(row[0])


def _insert_sources(database: sqlite3.Connection, sources: Mapping[str, tuple[str, str]]) -> None:
    database.executemany(
        "INSERT OR REPLACE INTO sources (article_id, path, digest) VALUES (?, ?, ?)",
        [(article_id, path, digest) for article_id, (path, digest) in sources.items()],
    )


def _insert_generation(
    database: sqlite3.Connection, generation: int, summary: Mapping[str, int]
) -> None:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps(dict(summary), sort_keys=True)
    database.execute(
        "INSERT INTO generations VALUES (?, ?, ?, ?)",
        (generation, created, text, checksum(generation, created, text)),
    )
