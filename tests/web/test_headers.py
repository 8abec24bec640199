from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from rag.errors import IndexMissing
from tests.doubles import ScriptedAssistant

REQUESTS = [
    ("GET", "/"),
    ("POST", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/v1/config"),
    ("GET", "/v1/articles"),
    ("GET", "/v1/articles/back-pain"),
    ("GET", "/articles/back-pain"),
    ("GET", "/articles/nope"),
    ("POST", "/v1/chat"),
    ("GET", "/v1/chat"),
    ("POST", "/v1/search"),
    ("OPTIONS", "/v1/chat"),
    ("GET", "/static/page.css"),
    ("GET", "/nope"),
    ("DELETE", "/v1/articles/x"),
]


@pytest.mark.parametrize("failure", [None, IndexMissing("x"), RuntimeError("x")])
@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_response_has_its_security_headers(
    client: FlaskClient,
    assistant: ScriptedAssistant,
    method: str,
    path: str,
    failure: Exception | None,
) -> None:
    assistant.failure = failure
    response = client.open(path, method=method)
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert re.fullmatch("req_[0-9a-f]{16}", headers["X-Request-Id"])
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Document-Policy" not in headers
    if response.mimetype == "text/html":
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert not [part for part in policy if "unsafe" in part or "*" in part]
    kept = path.startswith(("/v1/articles", "/articles", "/static")) and response.status_code == 200
    assert headers["Cache-Control"] == ("no-cache" if kept else "no-store")
    response.close()


def test_a_page_may_load_its_own_files_only(client: FlaskClient) -> None:
    assert client.get("/").headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"


def test_a_request_id_of_the_client_is_not_taken_over(client: FlaskClient) -> None:
    response = client.get("/healthz", headers={"X-Request-Id": "mine"})
    assert response.headers["X-Request-Id"] != "mine"
