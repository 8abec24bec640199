from __future__ import annotations

import json
import logging
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient

from rag.errors import (
    ArticleNotFound,
    EncoderDamaged,
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    IndexUnavailable,
    ModelError,
    QuoteMismatch,
    RecipeMismatch,
    StorageFull,
)
from rag.settings import Settings
from rag.types import Question, Safety
from rag.web import create_app
from tests.doubles import ScriptedAssistant
from tests.web.conftest import problem_of

CANARY = "canaryword"
CRISIS = f"crushing chest pain {CANARY}"
NO_INDEX = IndexMissing("No index in /srv/site/index.")

# How a request with a readable message can go wrong → (body, content type, status).
JSON = "application/json"
READABLE: dict[str, tuple[bytes, str, int]] = {
    "over-long": (json.dumps({"message": CRISIS + "a" * 3000}).encode(), JSON, 422),
    "unknown field": (json.dumps({"message": CRISIS, CANARY: CANARY}).encode(), JSON, 422),
    "wrong field": (json.dumps({"message": CRISIS, "country": CANARY}).encode(), JSON, 422),
    "wrong history": (json.dumps({"message": CRISIS, "history": [CANARY]}).encode(), JSON, 422),
    "filters": (
        json.dumps({"message": CRISIS, "filters": {"publisher": CANARY}}).encode(),
        JSON,
        422,
    ),
    "said earlier": (
        json.dumps({"message": "", "history": [{"role": "user", "content": CRISIS}]}).encode(),
        JSON,
        422,
    ),
    "duplicate": (f'{{"stream": true, "stream": true, "message": "{CRISIS}"}}'.encode(), JSON, 400),
    "said twice": (f'{{"message": "{CRISIS}", "message": "hello"}}'.encode(), JSON, 400),
    "said again": (f'{{"message": "hello", "message": "{CRISIS}"}}'.encode(), JSON, 400),
    "NaN": (f'{{"message": "{CRISIS}", "x": NaN}}'.encode(), JSON, 400),
    "surrogate": (f'{{"message": "{CRISIS}\\ud800"}}'.encode(), JSON, 400),
    "NUL": (f'{{"message": "{CRISIS}\\u0000"}}'.encode(), JSON, 422),
    "bad UTF-8": (f'{{"message": "{CRISIS} '.encode() + b'\xff"}', JSON, 400),
    "text/plain": (json.dumps({"message": CRISIS}).encode(), "text/plain", 415),
    "no index": (json.dumps({"message": CRISIS}).encode(), JSON, 503),
}


def _emergency(body: dict[str, Any]) -> bool:
    found = (
        body["safety"]["level"],
        body["safety"]["contacts"][0]["href"],
        body["disclaimer"]["text"],
    )
    return found == ("emergency", "tel:112", "General information, not medical advice.")


@pytest.mark.parametrize("name", READABLE)
def test_an_error_carries_help_whenever_a_message_could_be_read(
    client: FlaskClient, assistant: ScriptedAssistant, name: str
) -> None:
    data, content_type, status = READABLE[name]
    assistant.failure = NO_INDEX
    response = client.post("/v1/chat", data=data, content_type=content_type)
    assert _emergency(problem_of(response, status))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"message": 3}', b'{"message":'])
def test_an_error_carries_no_verdict_where_no_message_could_be_read(
    client: FlaskClient, data: bytes
) -> None:
    body = client.post("/v1/chat", data=data, content_type=JSON).get_json(force=True)
    assert "safety" not in body


@pytest.mark.parametrize("name", READABLE)
def test_neither_an_error_nor_the_log_repeats_the_readers_words(
    client: FlaskClient,
    assistant: ScriptedAssistant,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    data, content_type, _ = READABLE[name]
    assistant.failure = NO_INDEX
    response = client.post("/v1/chat", data=data, content_type=content_type)
    assert CANARY not in response.text
    assert CANARY not in str(response.headers)
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    "path", [f"/{CANARY}", f"/v1/articles/{CANARY}", f"/v1/articles?limit={CANARY}",
             f"/v1/articles/x?version={CANARY}"],
)  # fmt: skip
def test_an_address_is_not_repeated(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.DEBUG)
    response = client.get(path)
    assert response.status_code in (404, 422)
    assert CANARY not in response.text + caplog.text


@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        (NO_INDEX, "The index is not ready: run rag index."),
        (IndexUnavailable("/srv"), "The index is not ready: run rag index."),
        (RecipeMismatch("/srv"), "The index was built with other settings: run rag index."),
        (IndexBusy("/srv"), "The index is being written: try again in a moment."),
        (IndexDamaged("/srv"), "The index is damaged: run rag check, then rag index."),
        (ModelError("/srv"), "The embedding model cannot be used: run rag doctor."),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/chat", {"message": "pain"}),
        ("POST", "/v1/search", {"query": "pain"}),
        ("GET", "/v1/articles", None),
        ("GET", "/v1/articles/back-pain", None),
        ("GET", "/readyz", None),
    ],
)
def test_a_service_that_is_not_ready_says_what_to_do_and_names_no_path(
    client: FlaskClient,
    assistant: ScriptedAssistant,
    failure: Exception,
    detail: str,
    method: str,
    path: str,
    body: dict[str, Any] | None,
) -> None:
    assistant.failure = failure
    response = client.open(path, method=method, json=body)
    assert problem_of(response, 503)["detail"] == detail
    assert int(response.headers["Retry-After"]) > 0
    assert "/srv" not in response.text


@pytest.mark.parametrize("failure", [RuntimeError(CANARY), QuoteMismatch(CANARY)])
def test_an_unexpected_error_is_500_and_logged_without_its_message(
    client: FlaskClient,
    assistant: ScriptedAssistant,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
) -> None:
    assistant.failure = failure
    response = client.post("/v1/chat", json={"message": CRISIS})
    body = problem_of(response, 500)
    assert body["type"] == "/problems/internal-error"
    assert _emergency(body)
    assert type(failure).__name__ in caplog.text
    assert "doubles.py" in caplog.text
    assert CANARY not in caplog.text + response.text


def test_an_error_of_the_gate_itself_is_still_a_problem(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class _Broken(ScriptedAssistant):
        def safety(self, question: Question) -> Safety:
            raise RuntimeError(CANARY)

    client = create_app(Settings(), _Broken(failure=NO_INDEX)).test_client()
    response = client.post("/v1/chat", json={"message": "pain"})
    assert "safety" not in problem_of(response, 500)
    assert CANARY not in caplog.text


def test_an_assistant_that_cannot_be_built_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def _refuse(settings: Settings) -> NoReturn:
        raise ModelError("No model in /srv/models.")

    monkeypatch.setattr("rag.web.app.build_assistant", _refuse)
    client = create_app(Settings()).test_client()
    assert client.get("/healthz").status_code == 200
    for response in (
        client.post("/v1/chat", json={"message": "pain"}),
        client.get("/readyz"),
        client.get("/"),
    ):
        assert problem_of(response, 503)["detail"].endswith("run rag doctor.")


def test_all_places_being_taken_is_503_and_help_is_still_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.web.places._WAITING", 0)
    app = create_app(Settings(threads=1), ScriptedAssistant())
    site = app.extensions["wellcited"]
    with site.places.one():
        response = app.test_client().post("/v1/chat", json={"message": "Does it get better?"})
        grave = app.test_client().post("/v1/chat", json={"message": CRISIS})
    body = problem_of(response, 503)
    assert body["safety"]["level"] == "none"
    assert body["disclaimer"]["text"]
    assert response.headers["Retry-After"] == "1"
    assert grave.status_code == 200
    again = app.test_client().post("/v1/chat", json={"message": "Does it get better?"})
    assert again.status_code == 200


def test_a_missing_article_is_404_in_fixed_words(client: FlaskClient) -> None:
    body = problem_of(client.get("/v1/articles/nope"), 404)
    assert body["detail"] == "There is no article with this id and version."


def test_every_error_of_ours_is_raised_for_a_reader_as_a_problem(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    assistant.failure = ArticleNotFound("/srv")
    problem_of(client.get("/v1/articles/back-pain"), 404)


def test_a_full_disk_is_507_that_says_what_to_do() -> None:
    class _Desk:
        def publish(self, article_id: str, content: str, expected: str | None) -> NoReturn:
            raise StorageFull("No space left on the disk of /srv.")

        def withdraw(self, article_id: str, expected: str | None) -> NoReturn:
            raise NotImplementedError

        def refresh(self) -> NoReturn:
            raise NotImplementedError

    app = create_app(Settings(editor_token="x" * 16), ScriptedAssistant(), _Desk())
    response = app.test_client().put(
        "/v1/articles/gout",
        json={"title": "Gout", "text": "It hurts."},
        headers={"Authorization": "Bearer " + "x" * 16},
    )
    assert "free space" in problem_of(response, 507)["detail"]
    assert "/srv" not in response.text


def test_a_service_that_is_partly_damaged_is_ready_and_says_so(
    client: FlaskClient, assistant: ScriptedAssistant
) -> None:
    assistant.damaged = ("article back-pain",)
    body = client.get("/readyz").get_json()
    assert {"status": "ready", "generation": 7, "damaged": ["article back-pain"]} == body


@pytest.mark.parametrize("kind", [IndexDamaged, EncoderDamaged])
def test_what_is_damaged_is_named_where_nothing_can_be_answered(
    client: FlaskClient,
    assistant: ScriptedAssistant,
    kind: type[IndexDamaged] | type[EncoderDamaged],
) -> None:
    assistant.failure = kind("in /srv", "vector 3")
    response = client.get("/readyz")
    assert ["vector 3"] == problem_of(response, 503)["damaged"]
    assert "/srv" not in response.text
