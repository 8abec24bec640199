"""The models of what the service says about itself, and of everything that goes wrong."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rag.web.schemas.answers import Disclaimer, Safety
from rag.web.schemas.shape import Count, Generation, Shape, absent


class Limits(Shape):
    """How much a request may hold."""

    message: Count = Field(description="Characters of a message.")
    body: Count = Field(description="Bytes of a body.")
    history: Count = Field(description="Turns of a history that are looked at.")


class Config(Shape):
    """What to show before the first question."""

    name: str = Field(description="The name of the service.")
    disclosure: str = Field(description="What it is, to be shown before the input box.")
    disclaimer: Disclaimer = Field(description="The full text here.")
    locales: list[str] = Field(description="Languages that the fixed texts exist in.")
    locale: str = Field(description="The one used where a reader asks for none of them.")
    generated_by: Literal["extractive"] = Field(description="Nothing but quotes.")
    limits: Limits = Field(description="How much a request may hold.")


class Health(Shape):
    """The process lives."""

    status: Literal["ok"] = Field(description="Always ok: it would not be answered otherwise.")


class Readiness(Shape):
    """Questions can be answered."""

    status: Literal["ready"] = Field(description="Always ready: a problem says otherwise.")
    generation: Generation = Field(description="Of the index that is asked.")
    damaged: list[str] = Field(
        default_factory=absent,
        min_length=1,
        description="What of the index does not match its checksum; left out where all is well.",
    )


class FieldProblem(Shape):
    """What is wrong with one field. Its value is never repeated."""

    field: str = Field(description="Its name, dotted where it is inside another.")
    reason: str = Field(description="What it must be.")


class Problem(Shape):
    """Why a request was not answered (RFC 9457). It never repeats what was sent."""

    type: str = Field(
        description="Which kind of problem; a name, not a page.", pattern="^/problems/[a-z0-9-]+$"
    )
    title: str = Field(description="The kind in words.", min_length=1)
    status: Annotated[int, Field(ge=400, le=599)] = Field(description="The status of the response.")
    detail: str = Field(description="What is wrong here and what to do.", min_length=1)
    instance: str = Field(
        description="The id of the request, also in X-Request-Id and in the log.",
        pattern="^req_[0-9a-f]{16}$",
    )
    errors: list[FieldProblem] = Field(
        default_factory=absent,
        min_length=1,
        description="Which fields are wrong; left out where none is.",
    )
    damaged: list[str] = Field(
        default_factory=absent,
        min_length=1,
        description="What of the index is damaged; left out where nothing is.",
    )
    safety: Safety = Field(
        default_factory=absent,
        description="The gate's verdict, wherever a message could be read from the request.",
    )
    disclaimer: Disclaimer = Field(
        default_factory=absent, description="To be shown; there wherever safety is."
    )
