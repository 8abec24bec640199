"""The log: a JSON object a line, with fields from a list, and never a reader's words or address."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

FIELDS = (
    "id",
    "method",
    "route",
    "status",
    "ms",
    "safety",
    "outcome",
    "generation",
    "characters",
    "locale",
)
"""What may be told of a request. What is None is left out."""

_LOGGER = logging.getLogger(__name__)
_OURS = "rag"


class JsonLines(logging.Formatter):
    """A record as one line, its control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; of an exception where it came from, not what it says."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _event(record),
        }
        fields = getattr(record, "fields", {})
        told |= {name: fields[name] for name in FIELDS if fields.get(name) is not None}
        if record.exc_info and record.exc_info[1]:
            told["trace"] = origin(record.exc_info[1])
        return json.dumps(told)


class WholeLines(logging.Handler):
    """Writes each line to standard error in one call, which the system keeps whole.

    Without logging's lock: whoever holds it while writing gives Python's own lock away, and every
    other thread that has something to log waits until it has it again.
    """

    def createLock(self) -> None:  # noqa: N802 # the name is logging's
        """Do without; called by logging."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; called by logging."""
        try:
            os.write(sys.stderr.fileno(), f"{self.format(record)}\n".encode())
        except (OSError, ValueError):
            self.handleError(record)


def log_as_json() -> None:
    """Have this process log to standard error, a JSON object a line."""
    handler = WholeLines()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # No line tells of these, and finding them out takes as long as the rest of it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def origin(error: BaseException) -> str:
    """Where an exception came from, without its message: it may hold a reader's words."""
    links: list[str] = []
    link: BaseException | None = error
    while link is not None:
        frames = "".join(traceback.format_tb(link.__traceback__))
        links.append(f"{type(link).__qualname__}\n{frames}")
        link = link.__cause__ or link.__context__
    return "caused by ".join(links)


def log_unexpected(error: BaseException) -> None:
    """Log where an exception came from, without its message."""
    _LOGGER.error("unexpected %s", origin(error))


def _event(record: logging.LogRecord) -> str:
    """The message; of a library's, only what is fixed or a number, for the rest may be anything."""
    if record.name.partition(".")[0] == _OURS:
        return record.getMessage()
    if not isinstance(record.msg, str):
        return type(record.msg).__qualname__
    arguments = record.args if isinstance(record.args, tuple) else ()
    harmless = arguments and all(isinstance(value, int | float) for value in arguments)
    return record.getMessage() if harmless else record.msg
