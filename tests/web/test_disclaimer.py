"""The disclaimer stands in every body that answers a message, whatever the outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.settings import Settings
from rag.types import Answer, Level, Outcome, Question, Reason, Safety
from rag.web import create_app
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant, answered

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


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("stream", [False, True])
def test_chat_carries_it(outcome: Outcome, stream: bool) -> None:
    client = create_app(Settings(), scripted(outcome)).test_client()
    response = client.post("/v1/chat", json={"message": "pain", "stream": stream})
    body = response.get_json()
    assert response.status_code == 200
    assert body["outcome"] == outcome
    assert body["disclaimer"]["text"] == DISCLAIMER
    assert body["disclaimer"]["version"]
    assert body["disclaimer"]["locale"]


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
