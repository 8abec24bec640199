"""What one question reads of an index: everything from one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import ArticleNotFound, IndexDamaged
from rag.index.builds import Recipe
from rag.index.records import read_article, unpack_sentences, unpack_spans
from rag.index.schema import verify
from rag.index.view import View
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

_ARTICLE_COLUMNS = "a.article_id, a.version, a.record, a.born, a.checksum"


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

    def overview(self) -> dict[str, Any]:
        """What there is: articles, passages, the newest generation and the recipe."""
        articles, passages = self.database.execute(
            "SELECT count(DISTINCT a.row), count(p.row) FROM articles a"
            " LEFT JOIN passages p ON p.article = a.row WHERE a.died IS NULL"
        ).fetchone()
        created = self.database.execute(
            "SELECT created FROM generations ORDER BY generation DESC LIMIT 1"
        ).fetchone()[0]
        return {
            "articles": articles,
            "passages": passages,
            "updated": created,
            "model": self.recipe.model,
            "encoder": self.recipe.encoder,
        }

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
        vectors = unpack_sentences(guards[1], self.view.dimension)
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


def _status(died: int | None, current: str | None) -> Status:
    if died is None:
        return Status.LIVE
    return Status.WITHDRAWN if current is None else Status.SUPERSEDED
