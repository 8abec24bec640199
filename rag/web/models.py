"""What a request may hold, field by field; everything else is refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from rag.corpus import is_valid_id, read_url
from rag.text import collapse, visible
from rag.web.problems import INVALID, FieldError, Problem

_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)
_OWN = "wellcited"
# Enough to mend a request by; a hostile one could have thousands.
_MOST_ERRORS = 20

# Error type of pydantic → our words, since its own may repeat the reader's.
_REASONS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field here",
    "string_type": "must be text",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be a code such as GB for a country or en for a language",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "model_type": "must be an object",
    "literal_error": "must be {expected}",
}


def _refusal(reason: str) -> PydanticCustomError:
    # pydantic fills braces from its context, of which there is none.
    return PydanticCustomError(_OWN, reason.replace("{", "(").replace("}", ")"))


def _askable(text: str, info: ValidationInfo) -> str:
    """The length first: what follows takes time in proportion to it."""
    limit: int = info.context["max_message"] if info.context else 0
    if len(text) > limit:
        raise _refusal(f"must have at most {limit:,} characters, not {len(text):,}")
    if not collapse(visible(text)):
        raise _refusal("must not be empty")
    return text


def _iso_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _refusal("must be a date such as 2024-01-31") from None


Asked = Annotated[str, AfterValidator(_askable)]
"""A message or a query: not empty, and at most RAG_MAX_MESSAGE characters."""


class EarlierTurn(BaseModel):
    """One earlier message of the conversation."""

    model_config = _STRICT
    role: Literal["user", "assistant"]
    content: str


class Filters(BaseModel):
    """What the answer may be drawn from."""

    model_config = _STRICT
    # More than any site has; every name costs time.
    publisher: Annotated[list[str], Field(max_length=50)] | None = None
    published_after: Annotated[str, AfterValidator(_iso_date)] | None = None


Model = TypeVar("Model", bound=BaseModel)


class ChatRequest(BaseModel):
    """The body of POST /v1/chat."""

    model_config = _STRICT
    message: Asked
    # An identifier of the client's, handed back as it came.
    conversation_id: Annotated[str, Field(max_length=128)] | None = None
    history: list[EarlierTurn] | None = None
    # Any text is fine; twice the longest tag that BCP 47 shows (35) is more than any.
    locale: Annotated[str, AfterValidator(lambda text: text[:70])] | None = None
    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")] | None = None
    filters: Filters | None = None
    stream: bool | None = None


class SearchRequest(BaseModel):
    """The body of POST /v1/search."""

    model_config = _STRICT
    query: Asked
    k: Annotated[int, Field(ge=1, le=100)] = 10
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    filters: Filters | None = None


def _readable(text: str) -> str:
    if not collapse(visible(text)):
        raise _refusal("must not be empty")
    return text


def _address(text: str) -> str:
    try:
        return read_url(text)
    except ValueError as error:
        raise _refusal(f"{error}: give an absolute http or https address") from error


def _article_id(text: str) -> str:
    if not is_valid_id(text):
        raise _refusal("must be the id of an article")
    return text


Day = Annotated[str, AfterValidator(_iso_date)]
Words = Annotated[str, Field(max_length=500), AfterValidator(_readable)]


class ArticleRequest(BaseModel):
    """The body of PUT /v1/articles/{id}: a title, one text, and what front matter may hold."""

    model_config = _STRICT
    title: Words
    text: Annotated[str, AfterValidator(_readable)] | None = None
    markdown: Annotated[str, AfterValidator(_readable)] | None = None
    html: Annotated[str, AfterValidator(_readable)] | None = None
    authors: Words | Annotated[list[Words], Field(max_length=100)] | None = None
    publisher: Words | None = None
    url: Annotated[str, AfterValidator(_address)] | None = None
    published: Day | None = None
    reviewed: Day | None = None
    next_review: Day | None = None
    expires: Day | None = None
    supersedes: Annotated[str, AfterValidator(_article_id)] | None = None
    language: Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] | None = None

    @model_validator(mode="after")
    def _one_text(self) -> ArticleRequest:
        if sum(text is not None for text in (self.text, self.markdown, self.html)) != 1:
            raise _refusal("must have exactly one of text, markdown and html")
        return self


class ListRequest(BaseModel):
    """The query of GET /v1/articles."""

    model_config = _STRICT
    cursor: Annotated[str, Field(max_length=128)] | None = None
    limit: Annotated[int, Field(ge=1, le=200, strict=False)] = 50


def validated(model: type[Model], value: object, max_message: int) -> Model:
    """The value as a model. Raises Problem (invalid), naming fields and never their values."""
    try:
        return model.model_validate(value, context={"max_message": max_message})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        errors = tuple(_field_error(details, model) for details in found[:_MOST_ERRORS])
    first = errors[0]
    raise Problem(INVALID, f"{first.field}: {first.reason}.", errors)


def _field_error(details: ErrorDetails, model: type[BaseModel]) -> FieldError:
    where = details["loc"]
    if details["type"] == "extra_forbidden":
        # The last part is the reader's own word.
        where = where[:-1]
        known = f"; known are {', '.join(model.model_fields)}" if not where else ""
        return FieldError(_dotted(where) or "body", f"has an unknown field{known}")
    return FieldError(_dotted(where) or "body", _reason(details))


def _dotted(where: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in where)


def _reason(details: ErrorDetails) -> str:
    if details["type"] == _OWN:
        return details["msg"]
    context: dict[str, Any] = details.get("ctx", {})
    return _REASONS.get(details["type"], "is not valid").format(**context)
