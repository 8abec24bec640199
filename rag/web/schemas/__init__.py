"""What every response body holds, field by field; docs and clients are made from these models."""

from rag.web.schemas.answers import (
    Answer,
    AnswerCitation,
    AnswerStatement,
    AnswerSuggestion,
    Contact,
    Disclaimer,
    Safety,
    StreamedStatement,
    StreamOpening,
)
from rag.web.schemas.articles import (
    Article,
    ArticleList,
    ArticleSection,
    ArticleSummary,
    Edit,
    IndexOverview,
    IndexReport,
    ReportNotice,
    SearchHit,
    SearchResults,
    SearchSignals,
)
from rag.web.schemas.service import Config, FieldProblem, Health, Limits, Problem, Readiness
from rag.web.schemas.shape import Shape

__all__ = [
    "Answer",
    "AnswerCitation",
    "AnswerStatement",
    "AnswerSuggestion",
    "Article",
    "ArticleList",
    "ArticleSection",
    "ArticleSummary",
    "Config",
    "Contact",
    "Disclaimer",
    "Edit",
    "FieldProblem",
    "Health",
    "IndexOverview",
    "IndexReport",
    "Limits",
    "Problem",
    "Readiness",
    "ReportNotice",
    "Safety",
    "SearchHit",
    "SearchResults",
    "SearchSignals",
    "Shape",
    "StreamOpening",
    "StreamedStatement",
]
