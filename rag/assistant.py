"""A question, from top to bottom: safety first, then search, support, quotes, citations."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rag.answering import (
    Candidate,
    Wording,
    answer_text,
    compose,
    evidence,
    extract,
    general_quotes,
    helpful,
    is_supported,
    may_be_quoted,
    refusal,
    relevance,
    verify_quotes,
)
from rag.errors import WellcitedError
from rag.index import Library, Reading, Recipe
from rag.protocols import Encoder, SafetyGate
from rag.retrieval import rank
from rag.settings import Settings
from rag.text import content_words
from rag.types import (
    Answer,
    Article,
    ArticleList,
    Disclaimer,
    Filters,
    Found,
    Hit,
    Level,
    Mode,
    Outcome,
    Question,
    Ranked,
    Reason,
    Safety,
    SearchResults,
    Statement,
    Status,
    StoredArticle,
    StoredPassage,
    Suggestion,
    Vectors,
)

logger = logging.getLogger(__name__)

# The answer is looked for in this many of the best passages.
_PASSAGES = 8
_SUGGESTIONS = 3
# Nothing nearer than this is worth suggesting.
_NEAREST_SUGGESTION = 0.3
NO_FILTERS = Filters()
CARDS = {Level.EMERGENCY: Outcome.EMERGENCY, Level.CRISIS: Outcome.CRISIS}


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answers questions over one index. Safe to use from several threads.

    `encoder` gives the encoder that a recipe names.
    """

    gate: SafetyGate
    library: Library
    encoder: Callable[[Recipe], Encoder]
    wording: Wording
    settings: Settings

    def safety(self, question: Question) -> Safety:
        """The gate's verdict, worded for the reader; needs no index and never raises."""
        verdict = self.gate.assess(question.message, question.history)
        locale = self.wording.locale(question.locale)
        return self.gate.present(verdict, locale, question.country or self.settings.country)

    def disclaimer(self, locale: str | None) -> Disclaimer:
        """The short disclaimer in the best language there is."""
        return self.wording.disclaimer(locale)

    def full_disclaimer(self, locale: str | None) -> Disclaimer:
        """The full disclaimer, to be shown before the first message."""
        return self.wording.full_disclaimer(locale)

    def locales(self) -> tuple[str, ...]:
        """The languages of the fixed texts."""
        return tuple(self.wording.phrases)

    def answer(self, question: Question, safety: Safety | None = None) -> Answer:
        """Answer a question. Raises IndexUnavailable or ModelError where no card is due.

        safety: what `safety` said of the question, where it was asked already.
        """
        safety = safety or self.safety(question)
        if safety.level in CARDS:
            return self._card(question, safety)
        limit = self.gate.limit(question.message)
        reason = refusal(question.message)
        if limit and (reason or not may_be_quoted(limit)):
            return self._limited(question, safety, limit)
        if reason:
            return self._abstain(question, safety, reason)
        with self.library.reading() as reading:
            return self._from_articles(question, safety, reading, limit)

    def search(
        self, query: str, k: int, mode: Mode, filters: Filters = NO_FILTERS
    ) -> SearchResults:
        """The k best passages for a query. Raises IndexUnavailable, ModelError."""
        with self.library.reading() as reading:
            ranked = self._rank(reading, query, mode, filters)[1][:k]
            found = tuple(
                Found(Hit(stored.passage, item.score, item.signals), stored.article, stored.text)
                for item, stored in _read(reading, ranked)
            )
            return SearchResults(reading.generation, found)

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        """One article version, the newest by default. Raises ArticleNotFound, IndexUnavailable."""
        with self.library.reading() as reading:
            return reading.article(article_id, version)

    def articles(self, cursor: str | None, limit: int) -> ArticleList:
        """Live articles by id, after `cursor`. Raises IndexUnavailable."""
        with self.library.reading() as reading:
            return reading.articles(cursor, limit)

    def overview(self) -> dict[str, Any]:
        """What the index holds, as /v1/index gives it. Raises IndexUnavailable."""
        with self.library.reading() as reading:
            return {"generation": reading.generation, **reading.overview()}

    def check_ready(self) -> int:
        """The live generation, all that a question needs loaded. Raises as `answer` does."""
        with self.library.reading() as reading:
            self.encoder(reading.recipe)
            return reading.generation

    def damage(self) -> tuple[str, ...]:
        """What of the live generation is damaged, by name; all else is served. Raises as above."""
        with self.library.reading() as reading:
            return reading.view.damage

    def _rank(
        self, reading: Reading, query: str, mode: Mode, filters: Filters
    ) -> tuple[Vectors, list[Ranked]]:
        vector = self.encoder(reading.recipe).encode([query])[0]
        view = reading.view if filters == NO_FILTERS else reading.view.filtered(filters)
        return vector, rank(view, query, vector, mode)

    def _from_articles(
        self, question: Question, safety: Safety, reading: Reading, limit: Reason | None
    ) -> Answer:
        vector, ranked = self._rank(reading, question.message, Mode.HYBRID, question.filters)
        limit = limit or self.gate.limit_by_meaning(vector, reading.recipe.encoder)
        if limit and not may_be_quoted(limit):
            return self._limited(question, safety, limit)
        read = _read(reading, ranked[:_PASSAGES])
        words = content_words(question.message)
        proofs = [evidence(words, stored, item.signals) for item, stored in read]
        quotes = is_supported(proofs) and extract(
            question.message,
            vector,
            [Candidate(read[i][1], relevance(proofs[i])) for i in helpful(proofs)],
            self.settings.max_sentences,
        )
        if limit:
            quotes = general_quotes(quotes or [], limit)
        elif not quotes:
            return self._not_answered(question, safety, reading, read)
        statements, citations = compose(quotes or [])
        verify_quotes(statements, citations, lambda *key: reading.article(*key).article)
        if limit:
            return self._limited(
                question,
                safety,
                limit,
                statements=statements,
                citations=citations,
                generation=reading.generation,
            )
        return self._answer(
            question,
            safety,
            outcome=Outcome.ANSWERED,
            text=answer_text(statements),
            statements=statements,
            citations=citations,
            generation=reading.generation,
        )

    def _card(self, question: Question, safety: Safety) -> Answer:
        """The card alone; in an emergency with a link to the article that editors chose for it."""
        suggestions: tuple[Suggestion, ...] = ()
        chosen = self.gate.article(safety)
        if chosen:
            try:
                stored = self._article_beside(chosen)
            except (WellcitedError, OSError):
                # Whatever is broken, the card is due.
                logger.warning("the article beside a card could not be read")
            else:
                suggestions = _suggest([stored.article] if stored.status is Status.LIVE else [])
        return self._answer(
            question,
            safety,
            outcome=CARDS[safety.level],
            text=safety.notice or "",
            suggestions=suggestions,
        )

    def _article_beside(self, article_id: str) -> StoredArticle:
        return self.article(article_id)

    def _limited(
        self,
        question: Question,
        safety: Safety,
        reason: Reason,
        *,
        statements: tuple[Statement, ...] = (),
        **rest: Any,
    ) -> Answer:
        """What this service cannot do and whom to ask, then what may be quoted all the same."""
        phrase = self.gate.fill(
            self.wording.reason(reason, question.locale),
            self.wording.locale(question.locale),
            question.country or self.settings.country,
        )
        return self._answer(
            question,
            safety,
            outcome=Outcome.LIMITED,
            text=f"{phrase} {answer_text(statements)}".rstrip(),
            reason=reason,
            statements=statements,
            **rest,
        )

    def _not_answered(
        self,
        question: Question,
        safety: Safety,
        reading: Reading,
        read: Sequence[tuple[Ranked, StoredPassage]],
    ) -> Answer:
        near = [s.article for item, s in read if (item.signals.dense or 0) >= _NEAREST_SUGGESTION]
        reason = Reason.WEAK_EVIDENCE if near else Reason.NO_ARTICLE
        return self._abstain(question, safety, reason, _suggest(near), reading.generation)

    def _abstain(
        self,
        question: Question,
        safety: Safety,
        reason: Reason,
        suggestions: tuple[Suggestion, ...] = (),
        generation: int | None = None,
    ) -> Answer:
        return self._answer(
            question,
            safety,
            outcome=Outcome.ABSTAINED,
            text=self.wording.reason(reason, question.locale),
            reason=reason,
            suggestions=suggestions,
            generation=generation,
        )

    def _answer(
        self, question: Question, safety: Safety, *, outcome: Outcome, text: str, **rest: Any
    ) -> Answer:
        return Answer(
            id=f"ans_{secrets.token_hex(12)}",
            outcome=outcome,
            text=text,
            safety=safety,
            disclaimer=self.disclaimer(question.locale),
            conversation_id=question.conversation_id,
            **rest,
        )


def _read(reading: Reading, ranked: Sequence[Ranked]) -> list[tuple[Ranked, StoredPassage]]:
    """The ranked passages that are still live, each with its rank's score and signals."""
    stored = {passage.row: passage for passage in reading.passages([r.row for r in ranked])}
    return [(item, stored[item.row]) for item in ranked if item.row in stored]


def _suggest(articles: Sequence[Article]) -> tuple[Suggestion, ...]:
    distinct = list({article.id: article for article in articles}.values())[:_SUGGESTIONS]
    return tuple(Suggestion("article", a.title, a.id, a.url) for a in distinct)
