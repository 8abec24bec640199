"""What every dialect makes of arbitrary answers, and of everything that can go wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as sizes
from werkzeug.test import TestResponse

from rag.errors import IndexMissing
from rag.settings import Settings
from rag.types import Answer
from rag.web import create_app
from tests.answers import Telling, answers
from tests.doubles import ScriptedAssistant
from tests.events import events_of
from tests.scripted import CARD, Scripted

CRISIS = "crushing chest pain"
TELLING = Telling()
TOLD = create_app(Settings(), TELLING).test_client()


def body_of(path: str, message: str) -> dict[str, Any]:
    """A request of one message, as the clients of a path send it."""
    if path == "/v1/responses":
        return {"input": message}
    if path == "/v1/deep-chat":
        return {"messages": [{"role": "user", "text": message}]}
    parts = [{"type": "text", "text": message}]
    said = {"parts": parts} if path == "/api/chat" else {"content": message}
    return {"messages": [{"role": "user", **said}]}


OPENAI = ("/v1/chat/completions", "/v1/responses")
DIALECTS = (*OPENAI, "/v1/deep-chat", "/api/chat")


def visible(answer: Answer) -> str:
    notice = answer.safety.notice
    parts = [answer.text, answer.disclaimer.text]
    return "\n\n".join([notice, *parts] if notice and notice != answer.text else parts)


@given(answer=answers())
@sizes(max_examples=60, deadline=None)
def test_completions_show_every_answer_whole_and_mark_every_citation(answer: Answer) -> None:
    TELLING.tell(answer)
    body = body_of("/v1/chat/completions", "pain")
    whole = TOLD.post("/v1/chat/completions", json=body).get_json()
    message = whole["choices"][0]["message"]
    assert visible(answer) == message["content"]
    spans = [a["url_citation"] for a in message["annotations"]]
    marked = [f"[{n}]" for statement in answer.statements for n in statement.citations]
    assert marked == [message["content"][s["start_index"] : s["end_index"]] for s in spans]
    assert all(span["url"] for span in spans)
    events = events_of(TOLD.post("/v1/chat/completions", json={**body, "stream": True}).text)
    assert "[DONE]" == events[-1].data
    deltas = [event.body["choices"][0]["delta"] for event in events[:-1]]
    assert message["content"] == "".join(delta.get("content", "") for delta in deltas)
    assert message["annotations"] == deltas[-2]["annotations"]
    last = events[-2].body["wellcited"]
    assert whole["wellcited"] == {**last, "id": whole["wellcited"]["id"]}


@given(answer=answers())
@sizes(max_examples=60, deadline=None)
def test_the_other_dialects_carry_the_whole_answer_too(answer: Answer) -> None:
    TELLING.tell(answer)
    expected = TOLD.post("/v1/chat", json={"message": "pain"}).get_json()
    response = TOLD.post("/v1/responses", json={"input": "pain"}).get_json()
    content = response["output"][0]["content"][0]
    assert visible(answer) == content["text"]
    for mark in content["annotations"]:
        assert content["text"][mark["start_index"] : mark["end_index"]].startswith("[")
    deep = TOLD.post("/v1/deep-chat", json=body_of("/v1/deep-chat", "pain")).get_json()
    events = events_of(TOLD.post("/api/chat", json=body_of("/api/chat", "pain")).text)
    parts = [event.body for event in events[:-1]]
    assert visible(answer) == "".join(part.get("delta", "") for part in parts)
    for told in (response["wellcited"], deep["custom"]["wellcited"], parts[-2]["data"]):
        assert expected == {**told, "id": expected["id"]}


def test_an_article_without_address_is_linked_on_this_service() -> None:
    client = create_app(Settings(trusted_hosts=("site.example",)), Scripted()).test_client()
    body = body_of("/v1/chat/completions", "pain")
    response = client.post("/v1/chat/completions", json=body, base_url="https://site.example/")
    made = response.get_json()
    urls = [a["url_citation"]["url"] for a in made["choices"][0]["message"]["annotations"]]
    page = "https://site.example/articles/back%20pain%2F2?version=0123456789abcdef"
    assert f"{page}&quote=47-131#quote" == urls[1]


def check_error(path: str, response: TestResponse, status: int) -> dict[str, Any]:
    """The problem that a response holds, in the shape that the clients of its path read."""
    body: dict[str, Any] = response.get_json(force=True)
    assert (status, status) == (response.status_code, body["status"])
    assert body["type"].startswith("/problems/")
    assert body["instance"] == response.headers["X-Request-Id"]
    if path == "/v1/deep-chat":
        assert "application/json" == response.content_type
        assert isinstance(body["error"], str)
        assert body["detail"] in body["error"]
        return body
    assert "application/problem+json" == response.content_type
    if path in (*OPENAI, "/v1/models"):
        assert {"message", "type", "param", "code"} == set(body["error"])
        assert body["detail"] in body["error"]["message"]
        retried = "true" if "Retry-After" in response.headers else "false"
        assert retried == response.headers["x-should-retry"]
    else:
        assert "error" not in body
    return body


@pytest.mark.parametrize("path", DIALECTS)
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"messages": [], "input": []}', "application/json", 422),
        (b'{"messages": 3, "input": 3}', "application/json", 422),
        (b'{"messages": [3], "input": [3]}', "application/json", 422),
        (b"x" * 70_000, "application/json", 413),
        (b"{}", "text/plain", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
    ],
)
def test_a_bad_request_is_an_error_as_the_clients_read_it(
    path: str, data: bytes, content_type: str, status: int
) -> None:
    client = create_app(Settings(), ScriptedAssistant()).test_client()
    response = client.post(path, data=data, content_type=content_type)
    check_error(path, response, 400 if path in OPENAI and status == 422 else status)


@pytest.mark.parametrize("path", [*DIALECTS, "/v1/models"])
def test_another_method_is_an_error_as_the_clients_read_it(path: str) -> None:
    client = create_app(Settings(), ScriptedAssistant()).test_client()
    response = client.delete(path)
    check_error(path, response, 405)
    assert response.headers["Allow"]


@pytest.mark.parametrize("path", DIALECTS)
def test_a_field_of_ours_is_checked(path: str) -> None:
    client = create_app(Settings(), ScriptedAssistant()).test_client()
    body = {**body_of(path, CRISIS), "country": "nowhere"}
    error = check_error(path, client.post(path, json=body), 400 if path in OPENAI else 422)
    assert "country" == error["errors"][0]["field"]
    assert "emergency" == error["safety"]["level"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", DIALECTS)
def test_a_full_house_is_an_error_but_for_who_needs_a_card(
    path: str, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.web.places._WAITING", 0)
    app = create_app(Settings(threads=1), Scripted())
    client = app.test_client()
    headers = {"Accept": "text/event-stream"} if stream else {}
    with app.extensions["wellcited"].places.one():
        busy = client.post(path, json={**body_of(path, "pain"), "stream": stream}, headers=headers)
        card = client.post(path, json={**body_of(path, CRISIS), "stream": stream}, headers=headers)
    assert "none" == check_error(path, busy, 503)["safety"]["level"]
    assert 200 == card.status_code
    assert CARD in card.text


@pytest.mark.parametrize("path", [p for p in DIALECTS if p != "/api/chat"])
def test_a_service_that_is_not_ready_is_an_error_with_help(path: str) -> None:
    assistant = ScriptedAssistant(failure=IndexMissing("No index in /srv/site/index."))
    client = create_app(Settings(), assistant).test_client()
    response = client.post(path, json=body_of(path, CRISIS))
    body = check_error(path, response, 503)
    assert "emergency" == body["safety"]["level"]
    shown = body["error"] if path == "/v1/deep-chat" else body["error"]["message"]
    assert shown.startswith(CARD)


@pytest.mark.parametrize("path", DIALECTS)
@pytest.mark.parametrize(
    "made",
    [
        lambda body: {**body, "NaN": 1},
        lambda body: {**body, "filters": 3},
        lambda body: {**body, "locale": 3},
    ],
)
def test_the_gate_reads_what_it_can_of_a_bad_request(path: str, made: Any) -> None:
    client = create_app(Settings(), ScriptedAssistant()).test_client()
    data = json.dumps(made(body_of(path, CRISIS))).replace('"NaN": 1', '"x": NaN')
    response = client.post(path, data=data, content_type="application/json")
    assert 400 <= response.status_code < 500
    assert "emergency" == response.get_json(force=True)["safety"]["level"]


def test_the_gate_is_not_told_by_instructions_or_tools() -> None:
    client = create_app(Settings(), ScriptedAssistant()).test_client()
    messages = [
        {"role": role, "content": CRISIS}
        for role in ("system", "developer", "assistant", "tool", "function")
    ]
    body = {"messages": [*messages, {"role": "user", "content": ""}]}
    response = client.post("/v1/chat/completions", json=body)
    assert "none" == check_error("/v1/chat/completions", response, 400)["safety"]["level"]
