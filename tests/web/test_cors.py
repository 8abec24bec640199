"""Which pages of other sites may ask: those of the origins that are named, and no others."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rag.errors import SettingsError
from rag.settings import Settings, load_settings
from rag.web import create_app
from tests.doubles import ScriptedAssistant

NEWS = "https://news.example"
ASKED = {"message": "Does it get better?"}
# What openai's client for browsers sends (6.x), with an idempotency key.
OPENAI = (
    "authorization,content-type,idempotency-key,x-stainless-arch,x-stainless-lang,x-stainless-os,"
    "x-stainless-package-version,x-stainless-retry-count,x-stainless-runtime,"
    "x-stainless-runtime-version,x-stainless-timeout"
)
ELSEWHERE = [
    "https://evil.example",
    "null",
    "",
    "*",
    "http://news.example",
    "https://news.example.evil.example",
    "https://evilnews.example",
    "https://news.example:8443",
    "https://NEWS.example",
    "https://news.example/",
    "https://news.example, https://evil.example",
]
READERS = [
    ("GET", "/healthz"),
    ("GET", "/v1/articles"),
    ("GET", "/v1/articles/back-pain"),
    ("GET", "/v1/config"),
    ("POST", "/v1/chat"),
    ("POST", "/v1/search"),
]
NOBODYS = [
    ("PUT", "/v1/articles/back-pain"),
    ("DELETE", "/v1/articles/back-pain"),
    ("GET", "/v1/index"),
    ("POST", "/v1/index/refresh"),
    ("GET", "/"),
    ("POST", "/"),
]


@pytest.fixture
def settings() -> Settings:
    origins = (NEWS, "http://localhost:3000")
    return Settings(allowed_origins=origins, editor_token="x" * 16, rate_limit="600/minute")


def _preflight(
    client: FlaskClient, path: str, method: str, origin: str = NEWS, headers: str = "content-type"
) -> TestResponse:
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": headers,
        },
    )


def _told(response: TestResponse) -> list[str]:
    return [name for name, _ in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize(("method", "path"), READERS)
@pytest.mark.parametrize("origin", [NEWS, "http://localhost:3000"])
def test_a_page_of_an_allowed_origin_may_ask(
    client: FlaskClient, method: str, path: str, origin: str
) -> None:
    before = _preflight(client, path, method, origin)
    assert before.status_code == 204
    assert method in before.headers["Access-Control-Allow-Methods"].split(", ")
    assert before.headers["Access-Control-Allow-Headers"] == "content-type"
    assert before.headers["Access-Control-Max-Age"] == "600"
    response = client.open(path, method=method, headers={"Origin": origin})
    for answer in (before, response):
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"RateLimit", "Retry-After", "X-Request-Id"} <= set(exposed)


def test_its_errors_can_be_read_too(client: FlaskClient) -> None:
    headers = {"Origin": NEWS}
    for response in (
        client.post("/v1/chat", json={**ASKED, "unknown": 1}, headers=headers),
        client.post("/v1/chat", data="{", headers=headers),
        client.get("/v1/chat", headers=headers),
        client.get("/v1/articles/nope", headers=headers),
    ):
        assert response.status_code >= 400
        assert response.headers["Access-Control-Allow-Origin"] == NEWS


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_of_another_origin_gets_nothing(client: FlaskClient, origin: str) -> None:
    for method, path in READERS:
        assert _told(_preflight(client, path, method, origin)) == []
        response = client.open(path, method=method, headers={"Origin": origin})
        assert _told(response) == []
        # So that no cache gives an answer for one origin to another.
        assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize(("method", "path"), NOBODYS)
def test_editors_routes_and_pages_are_not_for_other_sites(
    client: FlaskClient, method: str, path: str
) -> None:
    assert _told(_preflight(client, path, method)) == []
    token = {"Origin": NEWS, "Authorization": f"Bearer {'x' * 16}"}
    assert _told(client.open(path, method=method, headers=token)) == []


def test_without_the_setting_nothing_is_said(assistant: ScriptedAssistant) -> None:
    client = create_app(Settings(), assistant).test_client()
    response = client.post("/v1/chat", json=ASKED, headers={"Origin": NEWS})
    assert response.status_code == 200
    assert _told(response) == []
    assert "Vary" not in response.headers


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/chat"])
def test_clients_made_for_openai_may_send_their_headers(client: FlaskClient, path: str) -> None:
    allowed = _preflight(client, path, "POST", headers=OPENAI).headers
    assert allowed["Access-Control-Allow-Headers"].split(", ") == sorted(OPENAI.split(","))


@pytest.mark.parametrize("header", ["cookie", "x-evil", "x-stainless-é", "x-stainless-\t", "a b"])
def test_other_headers_are_not_allowed(client: FlaskClient, header: str) -> None:
    wanted = f"content-type, {header}".encode().decode("latin-1")
    allowed = _preflight(client, "/v1/chat", "POST", headers=wanted).headers
    assert allowed["Access-Control-Allow-Headers"] == "content-type"


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "news.example",
        "https://news.example/path",
        "https://*.news.example",
        "https://News.example",
        "https://news.example:443",
        "https://user@news.example",
        "https://news.example?x",
        "http://news.example",
        "ftp://news.example",
        "https://",
        "https://[::1",
        "https://news.example:x",
        "https://ex ample.org",
    ],
)
def test_what_is_no_origin_stops_the_start(assistant: ScriptedAssistant, origin: str) -> None:
    with pytest.raises(SettingsError, match=f"RAG_ALLOWED_ORIGINS.*{re.escape(origin)}"):
        create_app(Settings(allowed_origins=(origin,)), assistant)


def test_origins_are_given_with_commas(assistant: ScriptedAssistant) -> None:
    given = {"RAG_ALLOWED_ORIGINS": "https://news.example/, http://[::1]:8080"}
    settings, _ = load_settings(environ=given)
    assert settings.allowed_origins == (NEWS, "http://[::1]:8080")
    create_app(settings, assistant)
