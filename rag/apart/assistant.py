"""The assistant as the web door sees it: gate and fixed texts here, index and model elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from rag.apart.calls import AnsweringProcess
from rag.assistant import CARDS, NO_FILTERS, Assistant
from rag.settings import Settings
from rag.types import (
    Answer,
    ArticleList,
    Filters,
    Mode,
    Question,
    Safety,
    SearchResults,
    StoredArticle,
)
from rag.wiring import build_assistant

# Seconds that a card waits for the article beside it.
_CARD_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class AssistantApart(Assistant):
    """An assistant that leaves to another process what needs an index.

    A message is judged here, and a card is made here, whatever becomes of that process.
    """

    process: AnsweringProcess

    def answer(self, question: Question, safety: Safety | None = None) -> Answer:
        """Answer a question. Raises IndexUnavailable or ModelError where no card is due."""
        safety = safety or self.safety(question)
        if safety.level in CARDS:
            return self._card(question, safety)
        return cast(Answer, self.process.call("answer", question, safety))

    def search(
        self, query: str, k: int, mode: Mode, filters: Filters = NO_FILTERS
    ) -> SearchResults:
        """The k best passages for a query. Raises IndexUnavailable, ModelError."""
        return cast(SearchResults, self.process.call("search", query, k, mode, filters))

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        """One article version, the newest by default. Raises ArticleNotFound, IndexUnavailable."""
        return cast(StoredArticle, self.process.call("article", article_id, version))

    def articles(self, cursor: str | None, limit: int) -> ArticleList:
        """Live articles by id, after `cursor`. Raises IndexUnavailable."""
        return cast(ArticleList, self.process.call("articles", cursor, limit))

    def overview(self) -> dict[str, Any]:
        """What the index holds, as /v1/index gives it. Raises IndexUnavailable."""
        return cast("dict[str, Any]", self.process.call("overview"))

    def check_ready(self) -> int:
        """The live generation, all that a question needs loaded. Raises as `answer` does."""
        return cast(int, self.process.call("check_ready"))

    def damage(self) -> tuple[str, ...]:
        """What of the live generation is damaged, by name; all else is served. Raises as above."""
        return cast("tuple[str, ...]", self.process.call("damage"))

    def _article_beside(self, article_id: str) -> StoredArticle:
        found = self.process.call("article", article_id, None, patience=_CARD_PATIENCE)
        return cast(StoredArticle, found)


def build_assistant_apart(settings: Settings, process: AnsweringProcess) -> AssistantApart:
    """What answers questions over the index of the settings; nothing is started before a call."""
    here = build_assistant(settings)
    return AssistantApart(
        gate=here.gate,
        library=here.library,
        encoder=here.encoder,
        wording=here.wording,
        settings=settings,
        process=process,
    )
