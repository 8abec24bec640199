"""A gunicorn worker whose own refusals are problems too, and repeat nothing of the request."""

from __future__ import annotations

import json
import logging
import secrets
import socket
from http import HTTPStatus
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from rag.logs import JsonLines, log_unexpected
from rag.web.headers import ALWAYS, DATA_POLICY, UNLESS_TOLD
from rag.web.problems import Kind, Problem, problem_body
from rag.web.sockets import PatientSocket
from rag.web.turns import TURNS

_LOGGER = logging.getLogger(__name__)

_DETAIL = "The request was not completed: it is not HTTP as this server accepts it."
_STATUS = {LimitRequestLine: 414, LimitRequestHeaders: 431}
# Seconds for a client to take the refusal; one that does not read is left alone.
_WRITE_TIMEOUT = 1.0


class ProblemWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's threads, with RFC 9457 bodies for what never reaches the application."""

    def enqueue_req(self, conn: Any) -> None:
        """Have a connection handled, for a bounded time; called by gunicorn."""
        conn.sock = PatientSocket.instead_of(conn.sock)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Handle a request in a thread; called by gunicorn."""
        kept = super().handle(conn)
        if kept is False:
            conn.sock.linger()
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head has arrived; called by gunicorn."""
        with TURNS.taken():
            return super().handle_request(req, conn)

    def handle_error(
        self,
        req: Any,  # noqa: ARG002 # the signature is gunicorn's
        client: socket.socket,
        addr: Any,  # noqa: ARG002
        exc: Exception,
    ) -> None:
        """Answer a request that could not be parsed, or whose answer could not be made."""
        if isinstance(exc, ParseException):
            status = _STATUS.get(type(exc), 400)
            _LOGGER.warning("refused status=%d reason=%s", status, type(exc).__name__)
        else:
            status = 500
            log_unexpected(exc)
        try:
            client.settimeout(_WRITE_TIMEOUT)
            client.sendall(refusal(status))
        except OSError as error:
            _LOGGER.debug("the client left before it was refused: %s", error)


class GunicornLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's own log in the same form."""

    def setup(self, cfg: Any) -> None:
        """Set gunicorn's log up; called by it."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


def refusal(status: int) -> bytes:
    """A whole HTTP response that holds a problem and closes the connection."""
    phrase = HTTPStatus(status).phrase
    kind = Kind(phrase.lower().replace(" ", "-"), status, phrase)
    instance = f"req_{secrets.token_hex(8)}"
    body = json.dumps(problem_body(Problem(kind, _DETAIL), instance)).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Request-Id: {instance}\r\n"
    )
    fixed = {**ALWAYS, **UNLESS_TOLD, "Content-Security-Policy": DATA_POLICY}
    head += "".join(f"{name}: {value}\r\n" for name, value in fixed.items()) + "\r\n"
    return head.encode("ascii") + body
