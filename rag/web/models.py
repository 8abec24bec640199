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
)
from pydantic_core import ErrorDetails, PydanticCustomError

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
    "string_pattern_mismatch": "must be a two-letter country code such as GB",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
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
    publisher: list[str] | None = None
    published_after: Annotated[str, AfterValidator(_iso_date)] | None = None


def _not_yet(filters: Filters | None) -> Filters | None:
    if filters and (filters.publisher or filters.published_after):
        raise _refusal("filters are not supported yet: leave them out")
    return filters


Unfiltered = Annotated[Filters | None, AfterValidator(_not_yet)]
Model = TypeVar("Model", bound=BaseModel)


class ChatRequest(BaseModel):
    """The body of POST /v1/chat."""

    model_config = _STRICT
    message: Asked
    # An identifier of the client's, handed back as it came.
    conversation_id: Annotated[str, Field(max_length=128)] | None = None
    history: list[EarlierTurn] | None = None
    # Any tag is fine; twice the longest that BCP 47 shows (35) is more than any.
    locale: Annotated[str, Field(max_length=70)] | None = None
    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")] | None = None
    filters: Unfiltered = None
    stream: bool = False


class SearchRequest(BaseModel):
    """The body of POST /v1/search."""

    model_config = _STRICT
    query: Asked
    k: Annotated[int, Field(ge=1, le=100)] = 10
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    filters: Unfiltered = None


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
    return FieldError(_dotted(where), _reason(details))


def _dotted(where: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in where)


def _reason(details: ErrorDetails) -> str:
    if details["type"] == _OWN:
        return details["msg"]
    context: dict[str, Any] = details.get("ctx", {})
    return _REASONS.get(details["type"], "is not valid").format(**context)
