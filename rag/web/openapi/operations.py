"""What each route takes and gives: one entry a route, from which the description is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from rag.web import schemas
from rag.web.problems import INVALID, Kind

JSON = "application/json"
HTML = "text/html"
EVENTS = "text/event-stream"
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Result:
    """One way in which a request is answered as it was asked.

    model: of a JSON body; media: content types beside that, whose bodies are text.
    headers: names in `parameters.HEADERS`, beside those of every response.
    events: name → model of the events of a stream, which the same request may ask for.
    """

    meaning: str
    status: int = 200
    model: type[BaseModel] | None = None
    media: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    events: Mapping[str, type[BaseModel]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Errors:
    """How the clients of a route read problems; invalid: the status of an invalid field."""

    model: type[schemas.Problem] = schemas.Problem
    media: str = PROBLEM
    invalid: int = INVALID.status

    def status(self, kind: Kind) -> int:
        """The status that a kind of problem has here."""
        return self.invalid if kind is INVALID else kind.status


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one route does.

    body: the model of what is sent, as `body_media`; query: the model of the query's parameters,
    or `parameters`, their names. headers: those of the request that are looked at.
    kinds: problems that may be the answer, beside those of every route.
    token: whether it needs the editors' token (None: it helps, but is not needed).
    named: whether the request has to name a host of this service.
    page: whether a browser that asks for HTML gets its problems as a page.
    errors: how its clients read problems.
    """

    tag: str
    summary: str
    text: str
    results: tuple[Result, ...]
    kinds: tuple[Kind, ...] = ()
    body: type[BaseModel] | None = None
    body_media: str = JSON
    query: type[BaseModel] | None = None
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    token: bool | None = False
    page: bool = False
    named: bool = True
    errors: Errors = Errors()
