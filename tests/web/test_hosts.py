"""Under which names the service answers, whom it believes, and whose forms it takes."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from rag.errors import SettingsError
from rag.settings import Settings
from rag.web import create_app
from rag.web.hosts import _say_so
from tests.doubles import ScriptedAssistant
from tests.web.conftest import problem_of

ASKED = {"message": "Does it get better?"}
FORM = {"message": "Does it get better?"}


@pytest.fixture
def settings() -> Settings:
    return Settings(
        host="192.0.2.7",
        public_url="https://ask.news.example/base",
        trusted_hosts=("health.example", ".clinic.example", "2001:db8::7"),
    )


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "127.0.0.1:8000",
        "127.8.8.8",
        "[::1]:8000",
        "app.localhost",
        "192.0.2.7:8000",
        "ask.news.example",
        "ASK.news.example.",
        "health.example:443",
        "a.b.clinic.example",
        "[2001:db8::7]",
    ],
)
def test_it_answers_by_its_own_names(client: FlaskClient, host: str) -> None:
    assert client.post("/v1/chat", json=ASKED, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "news.example",
        "ask.news.example.evil.example",
        "evilhealth.example",
        "clinic.example",
        "xclinic.example",
        "192.0.2.8",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "[::1",
        "a b",
        "0x7f000001",
    ],
)
def test_it_answers_by_no_other_name(
    client: FlaskClient, assistant: ScriptedAssistant, host: str
) -> None:
    response = client.post("/v1/chat", json=ASKED, headers={"Host": host})
    assert "RAG_TRUSTED_HOSTS" in problem_of(response, 400)["detail"]
    assert host not in response.text
    assert assistant.asked == []
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("name", ["*", "https://x.example", "x.example:80", "x/y", "", "a..b", "é"])
def test_what_is_no_name_stops_the_start(assistant: ScriptedAssistant, name: str) -> None:
    with pytest.raises(SettingsError, match="RAG_TRUSTED_HOSTS"):
        create_app(Settings(trusted_hosts=(name,)), assistant)


def _refused(hops: int, forwarded: list[str]) -> list[bool]:
    """Which of several requests of one peer are one too many, by what each claims of itself."""
    settings = Settings(rate_limit="2/day", proxy_hops=hops)
    client = create_app(settings, ScriptedAssistant()).test_client()
    answers = [
        client.post("/v1/chat", json=ASKED, headers={"X-Forwarded-For": claim})
        for claim in forwarded
    ]
    return [answer.status_code == 429 for answer in answers]


def test_without_a_proxy_of_ours_no_claim_resets_a_limit() -> None:
    claims = [f"198.51.100.{n}" for n in range(4)]
    assert _refused(0, claims) == [False, False, True, True]


@pytest.mark.parametrize("hops", [1, 2])
def test_behind_our_proxies_the_address_counts_that_the_outer_one_saw(hops: int) -> None:
    ours = [", 10.0.0.1"] * (hops - 1)
    spoofed = [f"198.51.100.{n}, 203.0.113.5{''.join(ours)}" for n in range(4)]
    assert _refused(hops, spoofed) == [False, False, True, True]
    others = [f"203.0.113.{n}{''.join(ours)}" for n in range(4)]
    assert _refused(hops, others) == [False] * 4


def test_a_proxy_that_no_setting_names_is_told_of_once(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    _say_so.cache_clear()
    for _ in range(3):
        client.post(
            "/v1/chat",
            json=ASKED,
            headers={"Host": "localhost", "X-Forwarded-For": "198.51.100.1"},
        )
    assert caplog.text.count("RAG_PROXY_HOPS") == 1
    assert "198.51.100.1" not in caplog.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
    ],
)
def test_the_pages_own_form_is_taken(client: FlaskClient, headers: dict[str, str]) -> None:
    headers = {"Host": "localhost", **headers}
    assert client.post("/", data=FORM, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_form_from_another_site_is_not(
    client: FlaskClient, assistant: ScriptedAssistant, headers: dict[str, str]
) -> None:
    headers = {"Host": "localhost", **headers}
    body = problem_of(client.post("/", data=FORM, headers=headers), 403)
    assert body["type"] == "/problems/cross-site"
    assert body["disclaimer"]["text"]
    assert assistant.asked == []
