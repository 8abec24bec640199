"""Events of an answer (text/event-stream): safety first, then statements, then all of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from flask import Response, g

from rag.rendering import Body
from rag.web.problems import as_problem, problem_body
from rag.web.turns import TURNS

# Seconds without an event after which a comment keeps proxies from closing the connection.
_PING_SECONDS = 15.0
_PING = ": ping\n\n"
DONE = "data: [DONE]\n\n"
"""What ends a stream of the OpenAI dialects and the AI SDK."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `open`, `statement`, `done` or `error`, and its data."""

    name: str
    data: Body


Render = Callable[[Event], Iterator[str]]
"""Turns one event into frames of text/event-stream, each whole with its empty line."""


class MakingAnswer:
    """An answer made in a thread of its own, so that its reader can be kept waiting meanwhile.

    `make` gives the whole body and frees its place in every case; `leave` frees it where `make`
    is never called, since the reader left before.
    """

    def __init__(self, make: Callable[[], Body], leave: Callable[[], None]) -> None:
        self._make = make
        self._leave = leave
        self._started = False

    def start(self) -> Future[Body]:
        """Begin; what comes of it is in the future."""
        self._started = True
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answer")
        future = thread.submit(self._make)
        thread.shutdown(wait=False)
        return future

    def close(self) -> None:
        """The response has ended, or its reader has left."""
        if not self._started:
            self._leave()


def event_stream(making: MakingAnswer, opening: Body, render: Render) -> Response:
    """A response that sends `opening` at once and then begins to make the answer.

    Whatever goes wrong from then on is an `error` event: a problem, with the opening's `safety`
    and `disclaimer`.
    """
    frames = _frames(making, opening, render, g.request_id)
    response = Response(frames, mimetype="text/event-stream")
    # A generator that was never begun runs nothing when it is closed.
    response.call_on_close(making.close)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def chat_frames(event: Event) -> Iterator[str]:
    """An event as /v1/chat sends it."""
    yield f"event: {event.name}\ndata: {as_line(event.data)}\n\n"


def data_frame(data: Body) -> str:
    """An event without a name, as the dialects send theirs."""
    return f"data: {as_line(data)}\n\n"


def as_line(data: Body) -> str:
    """JSON on one line."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _frames(making: MakingAnswer, opening: Body, render: Render, instance: str) -> Iterator[str]:
    yield from render(Event("open", opening))
    future = making.start()
    while not _done(future):
        yield _PING
    failure = future.exception()
    if isinstance(failure, Exception):
        problem = problem_body(as_problem(failure), instance)
        carried = {name: opening[name] for name in ("safety", "disclaimer")}
        yield from render(Event("error", {**problem, **carried}))
        return
    body = future.result()
    for statement in _statements(body):
        yield from render(statement)
    yield from render(Event("done", body))


def _done(future: Future[Body]) -> bool:
    """Whether it is done before a ping is due."""
    with TURNS.given_up():
        return bool(wait([future], timeout=_PING_SECONDS).done)


def _statements(body: Body) -> Iterator[Event]:
    """Each statement with its citations, of which each is sent whole once."""
    unsent = {citation["number"]: citation for citation in body["citations"]}
    for index, statement in enumerate(body["statements"]):
        numbers = statement["citations"]
        new = [unsent.pop(number) for number in numbers if number in unsent]
        data = {
            "index": index,
            "text": statement["text"],
            "citations": numbers,
            "new_citations": new,
        }
        yield Event("statement", data)
