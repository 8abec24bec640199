"""The values that cross a stage boundary: frozen, and free of behaviour beyond derived views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Row vectors of unit length, shape (n, dimension)."""

Rows = NDArray[np.int64]
"""Row numbers of passages or sections in the index, shape (n,)."""

Qrels = dict[str, dict[str, int]]
"""Relevance judgements: query id → document id → grade, as trec_eval and BEIR have them."""

Run = dict[str, dict[str, float]]
"""Results: query id → document id → score (higher is better), as trec_eval and BEIR have them."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of code points of an article's text, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of an article under one heading; the heading itself lies before `start`."""

    heading: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article as a reader sees it. Every offset anywhere refers to `text`.

    Dates are ISO 8601 (`YYYY-MM-DD`) or None; unknown values are None.
    """

    id: str
    version: str
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    reviewed: str | None = None
    next_review: str | None = None
    expires: str | None = None
    supersedes: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring whole sentences of one section: `article.text[start:end]`.

    `sentences` are spans in the article's text that lie within the passage, in order.
    """

    id: str
    article_id: str
    article_version: str
    section: str
    start: int
    end: int
    sentences: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of one passage for one question, each absolute and None where not measured.

    dense:    cosine of question and passage, −1 to 1
    heading:  cosine of question and "title. heading", −1 to 1
    lexical:  BM25 score over title, heading and body, ≥ 0
    """

    dense: float | None = None
    heading: float | None = None
    lexical: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage ranked for a question; higher scores are better, ties go by passage id."""

    passage: Passage
    score: float
    signals: Signals


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands: `quote == article.text[start:end]`, numbered from 1."""

    number: int
    article: Article
    section: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One supported statement; `text` is exactly its quotes, white space collapsed."""

    text: str
    citations: tuple[int, ...]


class Level(StrEnum):
    """How urgent a message is, in rising order (SAFETY: crisis and emergency rank alike)."""

    NONE = "none"
    INFORMATIONAL = "informational"
    URGENT = "urgent"
    CRISIS = "crisis"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call or write to, as the reader's country has it."""

    kind: str
    label: str
    number: str
    href: str
    hours: str | None
    country: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Safety:
    """The gate's verdict. `level` and `category` come from the messages alone (`assess`);
    `notice` and `contacts` are added for a locale and a country (`present`).
    """

    level: Level = Level.NONE
    category: str | None = None
    notice: str | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclaimer:
    """The short line that every answer carries."""

    text: str
    version: str
    locale: str


class Outcome(StrEnum):
    """What kind of answer was given."""

    ANSWERED = "answered"
    LIMITED = "limited"
    ABSTAINED = "abstained"
    EMERGENCY = "emergency"
    CRISIS = "crisis"


class Reason(StrEnum):
    """Why an answer is limited or was not given."""

    OUT_OF_SCOPE = "out_of_scope"
    SMALL_TALK = "small_talk"
    NO_ARTICLE = "no_article"
    WEAK_EVIDENCE = "weak_evidence"
    LANGUAGE = "language"
    PERSONAL_DOSING = "personal_dosing"
    DIAGNOSIS = "diagnosis"
    STOP_MEDICATION = "stop_medication"
    INTERACTION = "interaction"
    RESULTS = "results"
    OVERDOSE_AMOUNT = "overdose_amount"
    EATING_DISORDER = "eating_disorder"
    PROCUREMENT = "procurement"
    SELF_CARE = "self_care"
    PROGNOSIS = "prognosis"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to read or ask next."""

    kind: str
    text: str
    article_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The one canonical answer, of which every output format is a rendering."""

    id: str
    outcome: Outcome
    text: str
    safety: Safety
    disclaimer: Disclaimer
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    reason: Reason | None = None
    suggestions: tuple[Suggestion, ...] = ()
    generated_by: str = "extractive"
    generation: int | None = None
    conversation_id: str | None = None


class Role(StrEnum):
    """Who said a turn of the conversation."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation, oldest first in a history."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles an answer may be drawn from; without any value, all of them.

    publishers: any of these, but for case; published_after: ISO 8601, inclusive, and articles
    without a date of publication are left out.
    """

    publishers: tuple[str, ...] = ()
    published_after: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks, with everything that may shape the answer."""

    message: str
    history: tuple[Turn, ...] = ()
    locale: str | None = None
    country: str | None = None
    conversation_id: str | None = None
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that went wrong with one input: where, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One article as it stands in the corpus folder, before it is understood.

    `path` names it in messages (`news.jsonl.gz:123` for a row); `format` is markdown, text or html;
    `digest` changes whenever anything that could change the article does; `fronted` tells whether
    the body may begin with front matter, as that of a file may.
    """

    path: str
    id: str
    format: str
    body: str
    digest: str
    title: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    fronted: bool = False


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """One passage encoded: the passage's vector and one for each of its sentences.

    passage: shape (dimension,); sentences: shape (number of sentences, dimension); unit length.
    """

    passage: Vectors
    sentences: Vectors


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What makes two vectors comparable."""

    model: str
    digest: str
    dimension: int
    window: int


class Mode(StrEnum):
    """Which signals rank passages."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with what a reader is shown of it."""

    hit: Hit
    article: Article
    text: str


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Passages ranked for a query, best first, all of one generation."""

    generation: int
    found: tuple[Found, ...]


class Status(StrEnum):
    """Whether an article version may be cited now."""

    LIVE = "live"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """One stored article version and its standing; `current_version` is None once withdrawn."""

    article: Article
    status: Status
    current_version: str | None
    generation: int


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor's change did: added, updated, unchanged or withdrawn, and in which generation.

    version: the live one, or the last one that was.
    """

    article_id: str
    version: str | None
    change: str
    passages: int
    embedded: int
    generation: int


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """One line of the list of live articles."""

    article_id: str
    version: str
    title: str
    published: str | None
    reviewed: str | None


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A part of the list of live articles by id; `next` is the cursor of the part after it."""

    articles: tuple[ArticleSummary, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class EncoderInput:
    """What the encoder sees of a passage or heading; `spans` are its sentences within `text`."""

    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftSection:
    """A section about to be indexed, with what is encoded of its title and heading."""

    heading: str
    input: EncoderInput


@dataclass(frozen=True, slots=True)
class DraftPassage:
    """A passage about to be indexed; `section` counts in its article's draft, from 0."""

    section: int
    start: int
    end: int
    sentences: tuple[Span, ...]
    input: EncoderInput


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """An article cut into passages, about to be indexed."""

    article: Article
    sections: tuple[DraftSection, ...]
    passages: tuple[DraftPassage, ...]


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The words to look for in each field (title, heading, body), and the fields' weights."""

    words: Mapping[str, Sequence[str]]
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage's row in the index, ranked for a question."""

    row: int
    score: float
    signals: Signals


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as it is read for a question, with the article version it stands in.

    vectors: one unit vector for each sentence, shape (sentences, dimension); before: the sentences
    of the passage before it in the same section, which may be needed to understand its first one.
    """

    row: int
    passage: Passage
    article: Article
    vectors: Vectors
    before: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The passage's text."""
        return self.article.text[self.passage.start : self.passage.end]
