"""The UI message stream of the AI SDK, by its published schema."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.events import events_of
from tests.scripted import CARD, DISCLAIMER, NOTICE, scripted_app

# Fields of each part besides `type` (`ai` 7.0, uiMessageChunkSchema), of those that are sent.
SCHEMA = {
    "start": {"messageId"},
    "text-start": {"id"},
    "text-delta": {"id", "delta"},
    "text-end": {"id"},
    "source-url": {"sourceId", "url", "title"},
    "data-wellcited": {"id", "data"},
    "finish": {"finishReason"},
    "error": {"errorText"},
}


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return scripted_app().test_client()


def parts(client: FlaskClient, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    body = {"id": "c", "messages": messages, "trigger": "submit-message", "messageId": None}
    response = client.post("/api/chat", json=body)
    assert 200 == response.status_code, response.text
    assert "v1" == response.headers["x-vercel-ai-ui-message-stream"]
    *events, last = events_of(response.text)
    found = [event.body for event in events]
    if last.data != "[DONE]":
        found.append(last.body)
    for part in found:
        assert SCHEMA[part["type"]] == set(part) - {"type"}
    return found


def said(role: str, text: str) -> dict[str, Any]:
    return {"id": "m", "role": role, "parts": [{"type": "text", "text": text}]}


def test_an_answer(client: FlaskClient) -> None:
    found = parts(client, said("user", "urgent pain"))
    kinds = [part["type"] for part in found]
    assert ["start", "data-wellcited", "text-start", "text-delta"] == kinds[:4]
    assert ["data-wellcited", "finish"] == kinds[-2:]
    assert 3 == kinds.count("source-url")
    body = found[-2]["data"]
    deltas = [part["delta"] for part in found if part["type"] == "text-delta"]
    assert NOTICE == deltas[0]
    assert f"{NOTICE}\n\n{body['text']}\n\n{DISCLAIMER}" == "".join(deltas)
    assert found[0]["messageId"] == body["id"]


def test_what_the_reader_said_earlier_counts_for_safety(client: FlaskClient) -> None:
    found = parts(
        client,
        said("user", "crushing chest pain"),
        said("assistant", "…"),
        said("user", "Does it get better?"),
    )
    text = "".join(part["delta"] for part in found if part["type"] == "text-delta")
    assert f"{CARD}\n\n{DISCLAIMER}" == text


def test_what_fails_within_the_stream_is_an_error(client: FlaskClient) -> None:
    last = parts(client, said("user", "urgent, fails"))[-1]
    assert "error" == last["type"]
    assert last["errorText"].startswith(NOTICE)


def test_a_file_is_refused(client: FlaskClient) -> None:
    message = {"id": "m", "role": "user", "parts": [{"type": "file", "url": "data:,x"}]}
    response = client.post("/api/chat", json={"messages": [message]})
    assert 422 == response.status_code
    assert "parts with type text" in response.get_json(force=True)["detail"]
