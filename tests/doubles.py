"""Stand-ins for what a test does not want for real; each honours the contract of its seam."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.errors import ArticleNotFound
from rag.indexer import IndexReport
from rag.text import collapse, match_locale, words
from rag.types import (
    Answer,
    Article,
    ArticleList,
    ArticleSummary,
    Citation,
    Contact,
    Disclaimer,
    Edit,
    EncoderInfo,
    Filters,
    Found,
    Hit,
    Level,
    Mode,
    Notice,
    Outcome,
    Passage,
    PassageVectors,
    Question,
    Safety,
    SearchResults,
    Signals,
    Span,
    Statement,
    Status,
    StoredArticle,
    Vectors,
)
from rag.vectors import unit

SCRIPTED_TEXT = (
    "Most back pain gets better within a few weeks.\n"
    "What helps\n"
    "These steps may help:\n"
    "Go for short walks.\n"
    "Use a heat pack.\n"
    "Self-care, rest & time help too."
)

SCRIPTED_ARTICLE = Article(
    id="back-pain",
    version="0123456789abcdef",
    title="Does back pain get better?",
    text=SCRIPTED_TEXT,
    authors=("A. Writer", "B. Editor"),
    publisher="Example Health",
    url="https://news.example/back-pain",
    published="2025-09-29",
    next_review="2026-01-31",
    language="en",
)

EMERGENCY_CONTACT = Contact(
    kind="emergency",
    label="Emergency services",
    number="112",
    href="tel:112",
    hours="24 hours",
    country=None,
    status="unverified",
)


def citation_of(article: Article, number: int, quote: str) -> Citation:
    """A citation of the first place where an article has a quote."""
    start = article.text.index(quote)
    return Citation(number, article, "What helps", start, start + len(quote), quote)


def answered(*quotes: str, article: Article = SCRIPTED_ARTICLE) -> Callable[[Question], Answer]:
    """A reply of one statement per quote, with the gate's and the disclaimer's parts left bare."""
    citations = tuple(citation_of(article, n, quote) for n, quote in enumerate(quotes, start=1))
    statements = tuple(Statement(collapse(c.quote), (c.number,)) for c in citations)
    text = " ".join(f"{s.text[:-1]} [{s.citations[0]}]{s.text[-1]}" for s in statements)

    def reply(question: Question) -> Answer:
        return Answer(
            id="ans_scripted",
            outcome=Outcome.ANSWERED,
            text=text,
            statements=statements,
            citations=citations,
            safety=Safety(),
            disclaimer=Disclaimer("General information, not medical advice.", "1", "en"),
            generation=7,
            conversation_id=question.conversation_id,
        )

    return reply


@dataclass
class ScriptedAssistant:
    """An assistant that answers as it is told, and keeps the questions it was asked.

    Anybody who has said "crushing chest pain" gets an emergency verdict from its gate. Whatever
    needs an index raises `failure` where one is set.
    """

    reply: Callable[[Question], Answer] = field(
        default_factory=lambda: answered("Most back pain gets better within a few weeks.")
    )
    stored: tuple[StoredArticle, ...] = (
        StoredArticle(SCRIPTED_ARTICLE, Status.LIVE, SCRIPTED_ARTICLE.version, 7),
    )
    failure: Exception | None = None
    damaged: tuple[str, ...] = ()
    asked: list[Question] = field(default_factory=list)
    filtered: list[Filters] = field(default_factory=list)

    def safety(self, question: Question) -> Safety:
        said = [turn.content for turn in question.history if turn.role == "user"]
        if any("crushing chest pain" in text for text in [*said, question.message]):
            notice = "Call your local emergency number now."
            return Safety(Level.EMERGENCY, "cardiac", notice, (EMERGENCY_CONTACT,))
        return Safety()

    def disclaimer(self, locale: str | None) -> Disclaimer:
        found = match_locale(locale, self.locales()) or "en"
        texts = {"en": "General information, not medical advice.", "es": "Información general."}
        return Disclaimer(texts[found], "1", found)

    def full_disclaimer(self, locale: str | None) -> Disclaimer:
        short = self.disclaimer(locale)
        return Disclaimer(f"{short.text}\nThe whole text.", short.version, short.locale)

    def locales(self) -> tuple[str, ...]:
        return ("en", "es")

    def answer(self, question: Question, safety: Safety | None = None) -> Answer:
        self.asked.append(question)
        self._fail()
        return self.reply(question)

    def search(self, query: str, k: int, mode: Mode, filters: Filters) -> SearchResults:
        self._fail()
        self.filtered.append(filters)
        article = SCRIPTED_ARTICLE
        passage = Passage(
            id=f"{article.id}@{article.version}:0-46",
            article_id=article.id,
            article_version=article.version,
            section="",
            start=0,
            end=46,
        )
        signals = Signals(dense=0.5, lexical=None if mode is Mode.DENSE else 3.25)
        found = Found(Hit(passage, 0.75, signals), article, article.text[:46])
        return SearchResults(7, (found,) * min(k, 2))

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        self._fail()
        for stored in self.stored:
            wanted = version or stored.current_version or stored.article.version
            if (stored.article.id, stored.article.version) == (article_id, wanted):
                return stored
        raise ArticleNotFound(f"No article {article_id!r} in /srv/site/index.")

    def articles(self, cursor: str | None, limit: int) -> ArticleList:
        self._fail()
        live = [s.article for s in self.stored if s.status is Status.LIVE]
        later = [a for a in live if cursor is None or a.id > cursor]
        shown = tuple(
            ArticleSummary(a.id, a.version, a.title, a.published, a.reviewed) for a in later[:limit]
        )
        return ArticleList(shown, shown[-1].article_id if len(later) > limit else None)

    def overview(self) -> dict[str, object]:
        self._fail()
        return {
            "generation": 7,
            "articles": len(self.stored),
            "passages": 9,
            "updated": "2026-11-28T18:00:00+00:00",
            "model": "hashing",
            "encoder": "hashing-1",
        }

    def check_ready(self) -> int:
        self._fail()
        return 7

    def damage(self) -> tuple[str, ...]:
        self._fail()
        return self.damaged

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


@dataclass
class HashingEncoder:
    """An encoder without a model: a text's vector is the sum of its words' hashes, made unit.

    A word is a token. `encoded` keeps every text that was encoded, in order.
    """

    window: int = 64
    dimension: int = 32
    encoded: list[str] = field(default_factory=list)

    @property
    def info(self) -> EncoderInfo:
        return EncoderInfo("hashing", "hashing-1", self.dimension, self.window)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(words(text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return self._vectors(texts)

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageVectors]:
        wholes = self.encode(texts)
        return [
            PassageVectors(whole, self._vectors([text[s.start : s.end] for s in spans]))
            for whole, text, spans in zip(wholes, texts, sentences, strict=True)
        ]

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words(text):
                hashed = hashlib.blake2b(word.encode(), digest_size=self.dimension).digest()
                row += np.frombuffer(hashed, np.int8)
        return unit(rows)


@dataclass
class ScriptedDesk:
    """An editors' side that does whatever it is asked, to one article that it does not keep."""

    def publish(self, article_id: str, content: str, expected: str | None) -> Edit:
        return self._edit(article_id, "updated")

    def withdraw(self, article_id: str, expected: str | None) -> Edit:
        return self._edit(article_id, "withdrawn")

    def refresh(self) -> IndexReport:
        return IndexReport(7, 1, 9, 0, 0, 1, 0, (Notice("x.md", "is empty"),), (), 0, 0.5)

    def _edit(self, article_id: str, change: str) -> Edit:
        return Edit(article_id, SCRIPTED_ARTICLE.version, change, 9, 2, 8)
