"""The disclaimer stands in every body that answers a message, whatever the outcome."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from rag.errors import IndexMissing
from rag.settings import Settings
from rag.types import Answer, Level, Outcome, Question, Reason, Safety
from rag.web import create_app
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant, answered
from tests.events import events_of

QUOTE = SCRIPTED_ARTICLE.text.splitlines()[0]
DISCLAIMER = "General information, not medical advice."
OUTCOMES = {
    Outcome.ANSWERED: None,
    Outcome.LIMITED: Reason.PERSONAL_DOSING,
    Outcome.ABSTAINED: Reason.NO_ARTICLE,
    Outcome.EMERGENCY: None,
    Outcome.CRISIS: None,
}


def scripted(outcome: Outcome) -> ScriptedAssistant:
    assistant = ScriptedAssistant()

    def reply(question: Question) -> Answer:
        level = Level(outcome.value) if outcome.value in set(Level) else Level.NONE
        safety = Safety(level, None, "Call 112 now.") if level is not Level.NONE else Safety()
        return replace(
            answered(QUOTE)(question), outcome=outcome, reason=OUTCOMES[outcome], safety=safety
        )

    assistant.reply = reply
    return assistant


# Route that answers a message → a request of one message, as its clients send it.
ROUTES: dict[str, dict[str, Any]] = {
    "/v1/chat": {"message": "pain"},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "pain"}]},
    "/v1/responses": {"input": "pain"},
    "/v1/deep-chat": {"messages": [{"role": "user", "text": "pain"}]},
    "/api/chat": {"messages": [{"role": "user", "parts": [{"type": "text", "text": "pain"}]}]},
}
MODES = {
    "whole": ({}, {}),
    "stream": ({"stream": True}, {}),
    "accepted stream": ({}, {"Accept": "text/event-stream"}),
}


def test_no_route_that_answers_messages_is_forgotten() -> None:
    app = create_app(Settings(), ScriptedAssistant())
    answering = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {"/", "/v1/search", *ROUTES} == answering


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_carries_it_and_its_card(outcome: Outcome, mode: str, route: str) -> None:
    client = create_app(Settings(), scripted(outcome)).test_client()
    more, headers = MODES[mode]
    response = client.post(route, json={**ROUTES[route], **more}, headers=headers)
    assert response.status_code == 200
    events = response.mimetype == "text/event-stream"
    said = [event.data for event in events_of(response.text)] if events else [response.text]
    bodies = [_answer_in(json.loads(data)) for data in said if data != "[DONE]"]
    body = next(found for found in reversed(bodies) if found)
    assert body["outcome"] == outcome
    assert body["disclaimer"] == {"text": DISCLAIMER, "version": "1", "locale": "en"}
    if outcome in (Outcome.EMERGENCY, Outcome.CRISIS):
        assert "Call 112 now." == body["safety"]["notice"]
    if route != "/v1/chat":
        assert DISCLAIMER in _shown(response.text)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("route", ROUTES)
def test_every_failure_carries_it(mode: str, route: str) -> None:
    assistant = ScriptedAssistant(failure=IndexMissing("x"))
    client = create_app(Settings(), assistant).test_client()
    more, headers = MODES[mode]
    response = client.post(route, json={**ROUTES[route], **more}, headers=headers)
    events = response.mimetype == "text/event-stream"
    assert response.status_code == (200 if events else 503)
    assert DISCLAIMER in response.text
    assert '"level":"none"' in response.text.replace(": ", ":")


def _answer_in(value: Any) -> dict[str, Any] | None:
    """The whole answer somewhere in a JSON value, if it is there."""
    if isinstance(value, dict):
        if {"outcome", "statements", "disclaimer"} <= set(value):
            return value
        return next(filter(None, map(_answer_in, value.values())), None)
    if isinstance(value, list):
        return next(filter(None, map(_answer_in, value)), None)
    return None


def _shown(text: str) -> str:
    """What a dialect says beside the answer as we have it."""
    return re.sub(r'"disclaimer":\{[^}]*\}', "", text)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_page_shows_it(outcome: Outcome) -> None:
    client = create_app(Settings(), scripted(outcome)).test_client()
    page = client.post("/", data={"message": "pain"}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert DISCLAIMER in page.text


def test_the_full_text_is_there_before_the_first_message() -> None:
    client = create_app(Settings()).test_client()
    told = client.get("/v1/config").get_json()
    assert "automated tool" in str(told)
    assert len(str(told)) > 500
