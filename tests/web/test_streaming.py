from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as sizes
from werkzeug.test import EnvironBuilder

from rag.errors import IndexMissing
from rag.settings import Settings
from rag.types import Answer, Outcome, Question, Safety, Statement
from rag.web import create_app, streaming
from rag.wiring import build_assistant
from tests.answers import Telling, answers
from tests.doubles import ScriptedAssistant, answered
from tests.events import events_of, folded, named
from tests.web.conftest import problem_of

CRISIS = "crushing chest pain"
QUESTIONS = (
    "How long does sciatica last?",
    "How much ibuprofen should I take?",
    "crushing chest pain, what now?",
    "hello",
    "What is the capital of France?",
    "¿Qué es la gota?",
)
TELLING = Telling()
TOLD = create_app(Settings(), TELLING).test_client()


def ask(client: FlaskClient, message: str = "pain", **more: Any) -> list[Any]:
    response = client.post("/v1/chat", json={"message": message, "stream": True, **more})
    assert response.status_code == 200, response.text
    return list(events_of(response.text))


def begun(app: Flask, message: str = "pain") -> tuple[Iterator[bytes], Callable[[], None]]:
    """The body of a streamed answer as a server reads it, part by part, and how it ends it."""
    sent = {"message": message, "stream": True}
    environ = EnvironBuilder(path="/v1/chat", method="POST", json=sent).get_environ()
    statuses: list[str] = []

    def start(status: str, headers: Any, exc_info: Any = None, /) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda data: None

    body: Any = app.wsgi_app(environ, start)
    assert statuses == ["200 OK"]
    return iter(body), body.close


def at_work(app: Flask) -> int:
    """How many places are held, once the answers that are being made have ended."""
    for thread in threading.enumerate():
        if thread.name.startswith("answer"):
            thread.join(timeout=10)
    held: int = app.extensions["wellcited"].places._present
    return held


def test_a_stream_opens_with_safety_tells_statements_and_ends_with_the_whole_answer(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    assistant.reply = answered("Go for short walks.", "Use a heat pack.")
    opening, first, second, done = ask(client)
    assert ["open", "statement", "statement", "done"] == [
        event.name for event in (opening, first, second, done)
    ]
    body = done.body
    assert opening.body == {name: body[name] for name in ("id", "safety", "disclaimer")}
    assert first.body == {
        "index": 0,
        "text": "Go for short walks.",
        "citations": [1],
        "new_citations": body["citations"][:1],
    }
    assert second.body["new_citations"] == body["citations"][1:]


def test_a_citation_is_sent_whole_only_once(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    def reply(question: Question) -> Answer:
        answer = answered("Go for short walks.")(question)
        repeated = (*answer.statements, Statement("Go for short walks.", (1,)))
        return replace(answer, statements=repeated)

    assistant.reply = reply
    statements = named(ask(client), "statement")
    assert [[1], [1]] == [s.body["citations"] for s in statements]
    assert [1, 0] == [len(s.body["new_citations"]) for s in statements]


@given(answer=answers())
@sizes(max_examples=100, deadline=None)
def test_the_folded_stream_equals_the_json_answer(answer: Answer) -> None:
    TELLING.tell(answer)
    _check_equal(TOLD, "pain")


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_folded_stream_equals_the_json_answer_of_the_shipped_articles(
    shipped: FlaskClient, question: str
) -> None:
    _check_equal(shipped, question)


@pytest.fixture(scope="module")
def shipped(shipped_index: Any) -> FlaskClient:
    settings = Settings(index=shipped_index)
    return create_app(settings, build_assistant(settings)).test_client()


def _check_equal(client: FlaskClient, message: str) -> None:
    whole = client.post("/v1/chat", json={"message": message}).get_json()
    *events, done = ask(client, message)
    assert done.name == "done"
    told = folded(events)
    assert whole == {**done.body, "id": whole["id"]}
    assert told == {name: done.body[name] for name in told}


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream", True),
        ("text/event-stream, */*", True),
        ("application/json;q=0.5, text/event-stream", True),
        ("application/json, text/event-stream", False),
        ("*/*", False),
        ("text/*", False),
        ("text/event-stream;q=0", False),
    ],
)
def test_a_client_that_accepts_events_by_name_gets_them(
    client: FlaskClient, accept: str, streams: bool
) -> None:
    response = client.post("/v1/chat", json={"message": "pain"}, headers={"Accept": accept})
    kind = "text/event-stream; charset=utf-8" if streams else "application/json"
    assert kind == response.content_type


def test_nothing_between_keeps_a_stream_back(client: FlaskClient) -> None:
    headers = client.post("/v1/chat", json={"message": "pain", "stream": True}).headers
    assert ("text/event-stream; charset=utf-8", "no-store", "no") == (
        headers["Content-Type"],
        headers["Cache-Control"],
        headers["X-Accel-Buffering"],
    )
    assert "Content-Length" not in headers


def test_safety_is_sent_before_the_answer_is_looked_for(assistant: ScriptedAssistant) -> None:
    app = create_app(Settings(), assistant)
    body, close = begun(app)
    assert b'event: open\ndata: {"id":"ans_' in next(body)
    assert [] == assistant.asked
    assert b"event: statement" in next(body)
    assert ["pain"] == [question.message for question in assistant.asked]
    close()


def test_the_gate_is_asked_once_for_a_question() -> None:
    class _Counting(ScriptedAssistant):
        calls = 0

        def safety(self, question: Question) -> Safety:
            _Counting.calls += 1
            return super().safety(question)

        def answer(self, question: Question, safety: Safety | None = None) -> Answer:
            assert safety is not None
            return super().answer(question, safety)

    client = create_app(Settings(), _Counting()).test_client()
    ask(client)
    client.post("/v1/chat", json={"message": "pain"})
    assert 2 == _Counting.calls
    client.post("/v1/chat", json={"message": "pain", "country": "nowhere"})
    assert 3 == _Counting.calls


def test_what_fails_after_the_beginning_is_an_error_event_with_help(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    assistant.failure = IndexMissing("No index in /srv/site/index.")
    response = client.post("/v1/chat", json={"message": CRISIS, "stream": True})
    opening, error = events_of(response.text)
    assert ("open", "error") == (opening.name, error.name)
    assert error.body == {
        "type": "/problems/not-ready",
        "title": "The service is not ready",
        "status": 503,
        "detail": "The index is not ready: run rag index.",
        "instance": response.headers["X-Request-Id"],
        "safety": opening.body["safety"],
        "disclaimer": opening.body["disclaimer"],
    }
    assert "emergency" == error.body["safety"]["level"]


@pytest.mark.parametrize("body", [b"{", b'{"message": "", "stream": true}', b'{"stream": true}'])
def test_a_bad_request_for_a_stream_is_an_ordinary_problem(
    client: FlaskClient, body: bytes
) -> None:
    response = client.post(
        "/v1/chat",
        data=body,
        content_type="application/json",
        headers={"Accept": "text/event-stream"},
    )
    problem_of(response, response.status_code)
    assert response.status_code in (400, 422)


def test_a_full_house_refuses_a_stream_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.web.places._WAITING", 0)
    app = create_app(Settings(threads=1), ScriptedAssistant())
    with app.extensions["wellcited"].places.one():
        response = app.test_client().post("/v1/chat", json={"message": "pain", "stream": True})
    assert "1" == response.headers["Retry-After"]
    assert "/problems/busy" == problem_of(response, 503)["type"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_card_is_given_however_full_the_house_is(
    monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    monkeypatch.setattr("rag.web.places._WAITING", 0)
    app = create_app(Settings(threads=1), ScriptedAssistant())
    with app.extensions["wellcited"].places.one():
        response = app.test_client().post("/v1/chat", json={"message": CRISIS, "stream": stream})
        assert 200 == response.status_code
        assert "/problems/" not in response.text


def test_a_place_is_free_again_after_an_answer_and_after_a_failure(
    assistant: ScriptedAssistant,
) -> None:
    app = create_app(Settings(threads=2), assistant)
    ask(app.test_client())
    assert 0 == at_work(app)
    assistant.failure = RuntimeError("x")
    ask(app.test_client())
    assert 0 == at_work(app)


def test_a_reader_who_leaves_before_the_first_byte_frees_the_place(
    assistant: ScriptedAssistant,
) -> None:
    app = create_app(Settings(threads=1), assistant)
    _, close = begun(app)
    assert 1 == at_work(app)
    close()
    assert 0 == at_work(app)
    assert [] == assistant.asked


def test_nothing_is_computed_for_a_reader_who_left_after_the_first_event(
    assistant: ScriptedAssistant,
) -> None:
    app = create_app(Settings(threads=1), assistant)
    body, close = begun(app)
    next(body)
    close()
    assert 0 == at_work(app)
    assert [] == assistant.asked


def test_a_reader_who_leaves_while_the_answer_is_made_frees_the_place_when_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.web.streaming._PING_SECONDS", 0.01)
    may_end, inside = threading.Event(), threading.Event()

    def slow(question: Question) -> Answer:
        inside.set()
        assert may_end.wait(10)
        return answered("Go for short walks.")(question)

    app = create_app(Settings(threads=1), ScriptedAssistant(slow))
    body, close = begun(app)
    assert b"event: open" in next(body)
    assert b": ping\n\n" == next(body)
    assert inside.is_set()
    close()
    assert 1 == app.extensions["wellcited"].places._present
    may_end.set()
    assert 0 == at_work(app)


def test_a_comment_is_sent_as_long_as_the_answer_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.web.streaming._PING_SECONDS", 0.02)

    def slow(question: Question) -> Answer:
        time.sleep(0.15)
        return answered("Go for short walks.")(question)

    client = create_app(Settings(), ScriptedAssistant(slow)).test_client()
    text = client.post("/v1/chat", json={"message": "pain", "stream": True}).text
    assert 2 <= text.count(": ping\n\n") <= 8
    assert ["open", "statement", "done"] == [event.name for event in events_of(text)]


def test_pings_come_every_fifteen_seconds() -> None:
    assert 15.0 == streaming._PING_SECONDS


def test_two_streams_have_two_ids(client: FlaskClient) -> None:
    ids = {ask(client)[0].body["id"] for _ in range(2)}
    assert 2 == len(ids)
    assert all(found.startswith("ans_") for found in ids)


def test_an_emergency_needs_no_statement(client: FlaskClient, assistant: ScriptedAssistant) -> None:
    def reply(question: Question) -> Answer:
        card = answered("Go for short walks.")(question)
        return replace(card, statements=(), citations=(), outcome=Outcome.EMERGENCY)

    assistant.reply = reply
    opening, done = ask(client, CRISIS)
    assert ("open", "done") == (opening.name, done.name)
    assert "tel:112" == opening.body["safety"]["contacts"][0]["href"]
