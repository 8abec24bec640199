"""What a request may hold, field by field; everything else is refused."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import ErrorDetails, PydanticCustomError

from rag.corpus import is_valid_id, read_url
from rag.text import collapse, visible
from rag.web.problems import INVALID, FieldError, Problem
from rag.web.schemas.shape import ID_PATTERN

_STRICT = ConfigDict(strict=True, extra="forbid", frozen=True)
_OWN = "wellcited"
# Enough to mend a request by; a hostile one could have thousands.
_MOST_ERRORS = 20
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A text without NUL in which something can be seen, as JSON Schema writes it.
_VISIBLE = r"^[^\u0000]*[\p{L}\p{M}\p{N}\p{P}\p{S}][^\u0000]*$"

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


def refused(reason: str) -> PydanticCustomError:
    """A field's error in our words."""
    # pydantic fills braces from its context, of which there is none.
    return PydanticCustomError(_OWN, reason.replace("{", "(").replace("}", ")"))


def askable(text: str, info: ValidationInfo) -> str:
    """The length first: what follows takes time in proportion to it."""
    limit: int = info.context["max_message"] if info.context else 0
    if len(text) > limit:
        raise refused(f"must have at most {limit:,} characters, not {len(text):,}")
    if not collapse(visible(text)):
        raise refused("must not be empty")
    return text


def _whole(value: object) -> object:
    """JSON has one kind of number, so 10.0 is as whole as 10."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _iso_date(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refused("must be a date such as 2024-01-31") from None


Asked = Annotated[
    str,
    AfterValidator(askable),
    WithJsonSchema({"type": "string", "pattern": _VISIBLE, "x-setting": "max_message"}),
]
"""A message or a query: not empty, and at most RAG_MAX_MESSAGE characters."""

Day = Annotated[
    str,
    AfterValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE.pattern}$"}),
]
"""A date as ISO 8601 writes it with hyphens."""

ConversationId = Annotated[str, Field(max_length=128)]
"""An identifier of the client's, handed back as it came."""

# Twice the longest tag that BCP 47 shows (35) is more than any.
Tag = Annotated[str, AfterValidator(lambda text: text[:70])]
"""A BCP 47 tag; any text is fine."""

Country = Annotated[str, Field(pattern="^[A-Za-z]{2}$")]
"""ISO 3166-1 alpha-2, in any case."""


class EarlierTurn(BaseModel):
    """One earlier message of the conversation."""

    model_config = _STRICT
    role: Literal["user", "assistant"] = Field(description="Who said it.")
    content: str = Field(description="What was said.")


class Filters(BaseModel):
    """What the answer may be drawn from."""

    model_config = _STRICT
    # More than any site has; every name costs time.
    publisher: Annotated[list[str], Field(max_length=50)] | None = Field(
        default=None, description="Any of these publishers, exact but for case."
    )
    published_after: Day | None = Field(
        default=None, description="From this day on; articles without a date are left out."
    )


Model = TypeVar("Model", bound=BaseModel)


class ChatRequest(BaseModel):
    """A question, with whatever may shape the answer."""

    model_config = _STRICT
    message: Asked = Field(description="The question.")
    conversation_id: ConversationId | None = Field(
        default=None, description="The client's own name of the conversation, handed back."
    )
    history: list[EarlierTurn] | None = Field(
        default=None, description="The turns so far, oldest first. The server stores none of it."
    )
    locale: Tag | None = Field(
        default=None, description="The language of the fixed texts, as a BCP 47 tag."
    )
    country: Country | None = Field(
        default=None, description="The country of the emergency contacts: two letters (ISO 3166-1)."
    )
    filters: Filters | None = Field(
        default=None, description="Which articles may be quoted; without it, all."
    )
    stream: bool | None = Field(
        default=None, description="Whether to answer with a stream of events."
    )


class PageForm(BaseModel):
    """What the form of the page sends; other fields are ignored."""

    message: Asked = Field(description="The question.")


class SearchRequest(BaseModel):
    """What to look for, and how."""

    model_config = _STRICT
    query: Asked = Field(description="What to look for.")
    k: Annotated[int, Field(ge=1, le=100), BeforeValidator(_whole)] = Field(
        default=10, description="How many passages to give."
    )
    mode: Literal["hybrid", "dense", "lexical"] = Field(
        default="hybrid", description="Which signals rank: meaning, words, or both."
    )
    filters: Filters | None = Field(
        default=None, description="Which articles to look in; without it, all."
    )


def _readable(text: str) -> str:
    if not collapse(visible(text)):
        raise refused("must not be empty")
    return text


def _address(text: str) -> str:
    try:
        return read_url(text)
    except ValueError as error:
        raise refused(f"{error}: give an absolute http or https address") from error


def _article_id(text: str) -> str:
    if not is_valid_id(text):
        raise refused("must be the id of an article")
    return text


_NOT_BLANK = WithJsonSchema({"type": "string", "pattern": _VISIBLE})
_WORDS = WithJsonSchema({"type": "string", "maxLength": 500, "pattern": _VISIBLE})
_ID = WithJsonSchema({"type": "string", "pattern": ID_PATTERN})
# What every client can make; other addresses that browsers take as they are pass as well.
_ADDRESS = WithJsonSchema(
    {
        "type": "string",
        "maxLength": 2_000,
        "pattern": r"^https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(/[A-Za-z0-9._~/%?#&=-]*)?$",
    }
)
_ONE_TEXT: JsonDict = {
    "oneOf": [
        {"required": [name], "properties": {name: {"type": "string"}}}
        for name in ("text", "markdown", "html")
    ]
}

Words = Annotated[str, Field(max_length=500), AfterValidator(_readable), _WORDS]
Contents = Annotated[str, AfterValidator(_readable), _NOT_BLANK]


class ArticleRequest(BaseModel):
    """An article: its title, one of text, markdown and html, and what front matter may hold."""

    model_config = ConfigDict(**_STRICT, json_schema_extra=_ONE_TEXT)
    title: Words = Field(description="The title.")
    text: Contents | None = Field(default=None, description="The article as plain text.")
    markdown: Contents | None = Field(default=None, description="The article as Markdown.")
    html: Contents | None = Field(default=None, description="The article as HTML.")
    authors: Words | Annotated[list[Words], Field(max_length=100)] | None = Field(
        default=None, description="Who wrote it: a list, or one text."
    )
    publisher: Words | None = Field(default=None, description="Who publishes it.")
    url: Annotated[str, AfterValidator(_address), _ADDRESS] | None = Field(
        default=None, description="Where readers find it: an absolute http or https address."
    )
    published: Day | None = Field(default=None, description="When it was published.")
    reviewed: Day | None = Field(default=None, description="When it was last reviewed.")
    next_review: Day | None = Field(default=None, description="When it is to be reviewed next.")
    expires: Day | None = Field(default=None, description="From when it must not be cited.")
    supersedes: Annotated[str, AfterValidator(_article_id), _ID] | None = Field(
        default=None, description="The id of the article that this one replaces."
    )
    language: Annotated[str, Field(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] | None = Field(
        default=None, description="The language it is in, as a BCP 47 tag."
    )

    @model_validator(mode="after")
    def _one_text(self) -> ArticleRequest:
        if sum(text is not None for text in (self.text, self.markdown, self.html)) != 1:
            raise refused("must have exactly one of text, markdown and html")
        return self


class ListRequest(BaseModel):
    """Which part of the list of articles."""

    model_config = _STRICT
    cursor: Annotated[str, Field(max_length=128)] | None = Field(
        default=None, description="The `next` of the part before; without it, the first part."
    )
    limit: Annotated[int, Field(ge=1, le=200, strict=False)] = Field(
        default=50, description="How many articles a part has."
    )


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
