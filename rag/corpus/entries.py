"""What reading a corpus folder yields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rag.types import Notice, SourceFile


class Format(StrEnum):
    """How the text of an article is written."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something that cannot be indexed, and which article it would have been.

    `article_id` is None where that is not known; then any live article that was read from
    `path`, from below it or from one of its rows may be meant, and none of them is absent.
    """

    path: str
    reason: str
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An article that an editor has withdrawn, whatever else is said of it."""

    article_id: str


Entry = SourceFile | Rejection | Notice | Withdrawal
"""One article to understand, one that is rejected or withdrawn, or a warning."""
