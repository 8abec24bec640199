from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.settings import Settings
from rag.text import collapse
from rag.web import create_app
from tests.cli.conftest import Site
from tests.cli.running import Rag

ELBOW = "How long does tennis elbow last?"
OFF_TOPIC = "How do I repair a bicycle chain?"
CHEST = "I have crushing chest pain and cannot breathe"


def _asked_over_http(settings: Settings, **request: Any) -> dict[str, Any]:
    response = create_app(settings).test_client().post("/v1/chat", json=request)
    assert 200 == response.status_code
    body: dict[str, Any] = response.get_json()
    return body


def _without_id(body: dict[str, Any]) -> dict[str, Any]:
    assert body["id"].startswith("ans_")
    return {name: value for name, value in body.items() if name != "id"}


def test_the_answer_has_exactly_the_documented_fields(rag: Rag) -> None:
    body = rag("ask", "--json", ELBOW).body()
    assert [
        "id",
        "conversation_id",
        "outcome",
        "text",
        "statements",
        "citations",
        "safety",
        "disclaimer",
        "reason",
        "suggestions",
        "generated_by",
        "generation",
    ] == list(body)
    assert [
        "number",
        "article_id",
        "article_version",
        "title",
        "authors",
        "publisher",
        "url",
        "deep_link",
        "section",
        "published",
        "reviewed",
        "next_review",
        "overdue",
        "quote",
        "start",
        "end",
    ] == list(body["citations"][0])


def test_an_answer_quotes_the_article_and_names_its_source(rag: Rag) -> None:
    body = rag("ask", "--json", ELBOW).body()
    citation = body["citations"][0]
    assert ("answered", None, 1) == (body["outcome"], body["reason"], body["generation"])
    assert (
        "Tennis elbow usually settles by itself within six to twelve months." in citation["quote"]
    )
    assert ("arm.tennis-elbow", ["Test editors", "A. Second"], "2025-03-04") == (
        citation["article_id"],
        citation["authors"],
        citation["published"],
    )


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        (ELBOW, "answered"),
        ("Why does my heel hurt in the morning?", "answered"),
        (OFF_TOPIC, "abstained"),
        ("Hello!", "abstained"),
        (CHEST, "emergency"),
    ],
)
def test_the_answer_is_that_of_the_http_route(
    rag: Rag, site: Site, message: str, outcome: str
) -> None:
    body = rag("ask", "--json", message).body()
    assert outcome == body["outcome"]
    assert _without_id(_asked_over_http(site.settings, message=message)) == _without_id(body)


@pytest.mark.parametrize("locale", ["es", "es-MX", "xx"])
def test_the_language_asked_for_means_what_it_means_over_http(
    rag: Rag, site: Site, locale: str
) -> None:
    body = rag("ask", "--json", "--locale", locale, OFF_TOPIC).body()
    over_http = _asked_over_http(site.settings, message=OFF_TOPIC, locale=locale)
    assert ("en" if locale == "xx" else "es") == body["disclaimer"]["locale"]
    assert _without_id(over_http) == _without_id(body)


@pytest.mark.parametrize("country", ["GB", "gb", "ZZ"])
def test_the_country_asked_for_means_what_it_means_over_http(
    rag: Rag, site: Site, country: str
) -> None:
    body = rag("ask", "--json", "--country", country, CHEST).body()
    over_http = _asked_over_http(site.settings, message=CHEST, country=country)
    assert ("999" if country != "ZZ" else "112") == body["safety"]["contacts"][0]["number"]
    assert _without_id(over_http) == _without_id(body)


def test_language_and_country_are_also_taken_from_the_settings(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_LOCALE", "es")
    monkeypatch.setenv("RAG_COUNTRY", "GB")
    body = rag("ask", "--json", CHEST).body()
    assert ("es", "999") == (
        body["disclaimer"]["locale"],
        body["safety"]["contacts"][0]["number"],
    )


def test_in_words_the_answer_stands_with_its_source_and_the_disclaimer(rag: Rag) -> None:
    body = rag("ask", "--json", ELBOW).body()
    done = rag("ask", ELBOW)
    assert (0, "") == (done.status, done.err)
    told = collapse(done.out)
    assert told.startswith(body["text"])
    assert "[1] What helps tennis elbow?, section “How long does tennis elbow last?”" in told
    assert "https://news.example/tennis-elbow" in told
    assert told.endswith(body["disclaimer"]["text"])


def test_an_abstention_ends_with_0(rag: Rag) -> None:
    body = rag("ask", "--json", OFF_TOPIC).body()
    done = rag("ask", OFF_TOPIC)
    assert ("abstained", [], []) == (body["outcome"], body["statements"], body["citations"])
    assert (0, "") == (done.status, done.err)
    assert collapse(done.out).startswith(body["text"])


def test_without_an_index_a_question_fails_and_says_how_to_make_one(rag: Rag) -> None:
    message = rag("ask", "--index", "none", "--json", ELBOW).failure()
    assert "There is no index yet. Run `rag index` to make it." == message
    assert not Path("none").exists()


def test_a_card_needs_no_index(rag: Rag) -> None:
    body = rag("ask", "--index", "none", "--json", CHEST).body()
    done = rag("ask", "--index", "none", CHEST)
    contact = body["safety"]["contacts"][0]
    assert ("emergency", body["safety"]["notice"]) == (body["outcome"], body["text"])
    assert 0 == done.status
    assert f"{contact['label']}: {contact['number']}" in done.out
