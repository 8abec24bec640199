"""The last resort of every request: whatever was raised becomes a problem."""

from __future__ import annotations

from types import TracebackType

from flask import Flask, Response, g, jsonify, request

from rag.logs import log_unexpected
from rag.rendering import Body
from rag.web.dialects.errors import in_dialect, retry_headers
from rag.web.problems import NOT_FOUND, Problem, as_problem, problem_body
from rag.web.questions import carried

_EDITORS_ONLY = frozenset({"PUT", "DELETE"})


class DiscreetFlask(Flask):
    """Flask, except that what nobody expected is logged without its message."""

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Log where an error came from that was raised while another was being reported."""
        if exc_info[1] is not None:
            log_unexpected(exc_info[1])


def failed(error: Exception) -> Response:
    """Answer with the problem that an exception stands for."""
    return problem_response(_without_editors(as_problem(error)), carried())


def problem_response(problem: Problem, extra: Body) -> Response:
    """A problem as JSON with what it carries along, as the clients of this address read it."""
    body, media_type = in_dialect(request.path, {**problem_body(problem, g.request_id), **extra})
    response = jsonify(body)
    response.status_code = body["status"]
    response.mimetype = media_type
    response.headers.extend(problem.headers)
    response.headers.extend(retry_headers(request.path, problem.headers))
    return response


def _without_editors(problem: Problem) -> Problem:
    """An editors' route that is not there is not found, though readers' share its address."""
    editors = request.method in _EDITORS_ONLY and request.path.startswith("/v1/articles/")
    if problem.kind.status == 405 and editors:
        return Problem(NOT_FOUND, "There is nothing at this address.")
    return problem
