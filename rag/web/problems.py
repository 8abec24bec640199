"""Every refusal and failure as a problem (RFC 9457), in fixed words that echo nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from rag.errors import (
    ArticleNotFound,
    EncoderDamaged,
    IndexBusy,
    IndexDamaged,
    IndexUnavailable,
    ModelError,
    RecipeMismatch,
    StorageFull,
    WellcitedError,
)
from rag.logs import log_unexpected
from rag.rendering import Body

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem: the end of its `type`, its status and its title."""

    slug: str
    status: int
    title: str
    retry_after: int | None = None


UNKNOWN_HOST = Kind("unknown-host", 400, "This is not a host of this service")
UNAUTHORIZED = Kind("unauthorized", 401, "The editors' token is missing or wrong")
CONFLICT = Kind("conflict", 409, "The change cannot be made now")
PRECONDITION = Kind("version-conflict", 412, "The article has another version by now")
REJECTED = Kind("article-rejected", 422, "The article cannot be published")
MALFORMED = Kind("malformed-request", 400, "The body is not acceptable JSON")
CROSS_SITE = Kind("cross-site", 403, "The form came from another site")
NOT_FOUND = Kind("not-found", 404, "Not found")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This address does not have that method")
WITHDRAWN = Kind("article-withdrawn", 410, "The article has been withdrawn")
TOO_LARGE = Kind("body-too-large", 413, "The request is too large")
MEDIA_TYPE = Kind("unsupported-media-type", 415, "The content type is not supported")
INVALID = Kind("invalid-request", 422, "A field of the request is not valid")
INTERNAL = Kind("internal-error", 500, "Something went wrong in the service")
# Loading takes a second or two, an update a few; a missing index waits for a person anyway.
NOT_READY = Kind("not-ready", 503, "The service is not ready", retry_after=10)
RATE_LIMITED = Kind("rate-limited", 429, "Too many requests")
BUSY = Kind("busy", 503, "The service is busy", retry_after=1)
FULL = Kind("storage-full", 507, "There is no space left on the disk")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; the field's value is never repeated."""

    field: str
    reason: str


class Problem(WellcitedError):
    """A request that is answered with a problem instead of what it asked for."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.damaged = ""
        retry = {} if kind.retry_after is None else {"Retry-After": str(kind.retry_after)}
        self.headers = {**retry, **(headers or {})}


_OF_HTTP: dict[int, tuple[Kind, str]] = {
    404: (NOT_FOUND, "There is nothing at this address."),
    405: (METHOD_NOT_ALLOWED, "Use one of the methods that the Allow header names."),
    413: (TOO_LARGE, "The body is larger than this service accepts: send a shorter one."),
    500: (INTERNAL, "The request was not completed. Its instance helps to find the reason."),
}

# First match counts, so a class stands before its parents. An error's own message may name a
# path of the server, so a reader gets these words instead.
_OF_OURS: tuple[tuple[type[WellcitedError], Kind, str], ...] = (
    (ArticleNotFound, NOT_FOUND, "There is no article with this id and version."),
    (RecipeMismatch, NOT_READY, "The index was built with other settings: run rag index."),
    (IndexBusy, NOT_READY, "The index is being written: try again in a moment."),
    (IndexDamaged, NOT_READY, "The index is damaged: run rag check, then rag index."),
    (IndexUnavailable, NOT_READY, "The index is not ready: run rag index."),
    (
        StorageFull,
        FULL,
        "The disk is full, so nothing was changed: free space, then send it again.",
    ),
    (EncoderDamaged, NOT_READY, "The encoder is damaged or missing: run rag index."),
    (ModelError, NOT_READY, "The embedding model cannot be used: run rag doctor."),
)


def as_problem(error: Exception) -> Problem:
    """What a client is told of any exception; one that nobody expected is logged."""
    if isinstance(error, InternalServerError) and isinstance(
        error.original_exception, WellcitedError
    ):
        error = error.original_exception
    if isinstance(error, Problem):
        return error
    for known, kind, detail in _OF_OURS:
        if isinstance(error, known):
            problem = Problem(kind, detail)
            if isinstance(error, (EncoderDamaged, IndexDamaged)):
                problem.damaged = error.what
            return problem
    if isinstance(error, HTTPException) and error.code not in (None, 500):
        return _of_http(error)
    log_unexpected(error)
    return Problem(*_OF_HTTP[500])


def problem_body(problem: Problem, instance: str) -> Body:
    """The members of a problem; `errors` and `damaged` only where fields or damage are to blame."""
    body: Body = {
        "type": f"/problems/{problem.kind.slug}",
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": instance,
    }
    if problem.errors:
        body["errors"] = [{"field": e.field, "reason": e.reason} for e in problem.errors]
    if problem.damaged:
        body["damaged"] = [problem.damaged]
    return body


def _of_http(error: HTTPException) -> Problem:
    """An exception of the framework; its own description is dropped, as it may echo."""
    code = error.code or 500
    phrase = HTTPStatus(code).phrase
    unnamed = (Kind(phrase.lower().replace(" ", "-"), code, phrase), f"{phrase}.")
    kind, detail = _OF_HTTP.get(code, unnamed)
    allowed = error.valid_methods if isinstance(error, MethodNotAllowed) else None
    return Problem(kind, detail, headers={"Allow": ", ".join(sorted(allowed))} if allowed else None)
