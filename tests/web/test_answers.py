from __future__ import annotations

import json
import logging
import re
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from rag.logs import JsonLines
from rag.settings import Settings
from rag.types import Mode, Role, Turn
from rag.web import create_app
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant


def test_an_answer_has_every_field_of_the_contract(client: FlaskClient) -> None:
    response = client.post("/v1/chat", json={"message": "Does it get better?"})
    body: dict[str, Any] = response.get_json()
    assert response.status_code == 200
    assert response.content_type == "application/json"
    overdue = body["citations"][0].pop("overdue")
    assert isinstance(overdue, bool)
    assert body == {
        "id": "ans_scripted",
        "conversation_id": None,
        "outcome": "answered",
        "text": "Most back pain gets better within a few weeks [1].",
        "statements": [
            {"text": "Most back pain gets better within a few weeks.", "citations": [1]}
        ],
        "citations": [
            {
                "number": 1,
                "article_id": "back-pain",
                "article_version": "0123456789abcdef",
                "title": "Does back pain get better?",
                "authors": ["A. Writer", "B. Editor"],
                "publisher": "Example Health",
                "url": "https://news.example/back-pain",
                "deep_link": "https://news.example/back-pain#:~:text="
                "Most%20back%20pain%20gets%20better%20within%20a%20few%20weeks.",
                "section": "What helps",
                "published": "2025-09-29",
                "reviewed": None,
                "next_review": "2026-01-31",
                "quote": "Most back pain gets better within a few weeks.",
                "start": 0,
                "end": 46,
            }
        ],
        "safety": {"level": "none", "category": None, "notice": None, "contacts": []},
        "disclaimer": {
            "text": "General information, not medical advice.",
            "version": "1",
            "locale": "en",
        },
        "reason": None,
        "suggestions": [],
        "generated_by": "extractive",
        "generation": 7,
    }


def test_a_question_reaches_the_assistant_as_it_was_asked(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    body = {
        "message": "  And for children?\n",
        "conversation_id": "c-1",
        "history": [
            {"role": "user", "content": "Does it get better?"},
            {"role": "assistant", "content": "Most do [1]."},
        ],
        "locale": "es-MX",
        "country": "mx",
        "filters": None,
        "stream": False,
    }
    assert client.post("/v1/chat", json=body).get_json()["conversation_id"] == "c-1"
    (question,) = assistant.asked
    assert question.message == "  And for children?\n"
    assert question.history == (
        Turn(Role.USER, "Does it get better?"),
        Turn(Role.ASSISTANT, "Most do [1]."),
    )
    assert (question.locale, question.country) == ("es", "MX")


def test_over_the_cap_the_oldest_turns_of_the_assistant_are_dropped_first(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    turns = [
        {"role": role, "content": f"{role} {n}"}
        for n in range(40)
        for role in ("user", "assistant")
    ]
    assert client.post("/v1/chat", json={"message": "pain", "history": turns}).status_code == 200
    kept = [turn.content for turn in assistant.asked[0].history]
    assert len(kept) == 50
    assert [text for text in kept if text.startswith("user")] == [f"user {n}" for n in range(40)]
    assert [text for text in kept if text.startswith("assistant")] == [
        f"assistant {n}" for n in range(30, 40)
    ]


def test_a_readers_own_turns_are_never_dropped(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    turns = [{"role": "user", "content": str(n)} for n in range(80)]
    client.post("/v1/chat", json={"message": "pain", "history": turns})
    assert [turn.content for turn in assistant.asked[0].history] == [str(n) for n in range(80)]


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        ({}, None, ("en", None)),
        ({}, "es-AR,es;q=0.9,en;q=0.8", ("es", "AR")),
        ({}, "fr-CA,es;q=0.5", ("es", "CA")),
        ({}, "fr", ("en", None)),
        ({"locale": "es"}, "en-GB", ("es", "GB")),
        ({"locale": "xx-unknown"}, "es-ES", ("en", "ES")),
        ({"locale": "", "country": None}, "es-ES", ("es", "ES")),
        ({"country": "ZZ"}, "en-GB", ("en", "ZZ")),
        ({}, ";;;,=", ("en", None)),
    ],
)
def test_language_and_country_come_from_the_request_then_the_browser(
    client: FlaskClient,
    assistant: ScriptedAssistant,
    body: dict[str, Any],
    header: str | None,
    expected: tuple[str, str | None],
) -> None:
    headers = {"Accept-Language": header} if header else {}
    response = client.post("/v1/chat", json={"message": "pain", **body}, headers=headers)
    assert response.status_code == 200
    assert (assistant.asked[0].locale, assistant.asked[0].country) == expected


def test_language_and_country_fall_back_to_the_settings(assistant: ScriptedAssistant) -> None:
    client = create_app(Settings(locale="es", country="es"), assistant).test_client()
    client.post("/v1/chat", json={"message": "pain"})
    assert (assistant.asked[0].locale, assistant.asked[0].country) == ("es", "ES")


def test_a_search_has_every_field_of_the_contract(client: FlaskClient) -> None:
    response = client.post("/v1/search", json={"query": "back pain", "k": 1})
    assert response.status_code == 200
    assert response.get_json() == {
        "generation": 7,
        "hits": [
            {
                "rank": 1,
                "score": 0.75,
                "article_id": "back-pain",
                "article_version": "0123456789abcdef",
                "title": "Does back pain get better?",
                "section": None,
                "start": 0,
                "end": 46,
                "text": SCRIPTED_ARTICLE.text[:46],
                "signals": {"dense": 0.5, "heading": None, "lexical": 3.25},
            }
        ],
    }


def test_a_search_passes_its_mode_on(client: FlaskClient) -> None:
    body = client.post("/v1/search", json={"query": "pain", "mode": Mode.DENSE.value}).get_json()
    assert [hit["signals"]["lexical"] for hit in body["hits"]] == [None, None]
    assert [hit["rank"] for hit in body["hits"]] == [1, 2]


def test_the_configuration_discloses_what_this_is(client: FlaskClient) -> None:
    response = client.get("/v1/config", headers={"Accept-Language": "es"})
    body = response.get_json()
    assert response.headers["Vary"] == "Accept-Language"
    assert body["disclaimer"] == {
        "text": "Información general.\nThe whole text.",
        "version": "1",
        "locale": "es",
    }
    assert body["locales"] == ["en", "es"]
    assert body["locale"] == "en"
    assert "es una herramienta automática" in body["disclosure"]
    assert "is an automated tool" in client.get("/v1/config").get_json()["disclosure"]
    assert body["limits"] == {"message": 2000, "body": 65536, "history": 50}


def test_a_ready_service_names_its_generation(client: FlaskClient) -> None:
    assert client.get("/readyz").get_json() == {"status": "ready", "generation": 7}


def test_one_line_is_logged_for_a_request_with_fields_and_without_words(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client.post("/v1/chat", json={"message": "secretword"})
    (record,) = [r for r in caplog.records if r.name == "rag.web.envelope"]
    line = json.loads(JsonLines().format(record))
    assert re.fullmatch("req_[0-9a-f]{16}", line.pop("id"))
    assert line.pop("ms") >= 0
    assert datetime.fromisoformat(line.pop("time")).tzinfo
    assert line == {
        "level": "info",
        "event": "request",
        "method": "POST",
        "route": "/v1/chat",
        "status": 200,
        "safety": "none",
        "outcome": "answered",
        "generation": 7,
        "characters": 10,
        "locale": "en",
    }
