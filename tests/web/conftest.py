from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rag.settings import Settings
from rag.web import create_app
from rag.web.failures import DiscreetFlask
from tests.doubles import ScriptedAssistant
from tests.web.conformity import CheckedClient


@pytest.fixture(autouse=True)
def compared_with_the_description(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every response that a test here gets is compared with /openapi.json, whatever else it is."""
    monkeypatch.setattr(DiscreetFlask, "test_client_class", CheckedClient)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def client(settings: Settings, assistant: ScriptedAssistant) -> FlaskClient:
    return create_app(settings, assistant).test_client()


def problem_of(response: TestResponse, status: int) -> dict[str, Any]:
    """The body of a response that must be a problem with the given status."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = response.get_json(force=True)
    assert body["status"] == status
    assert body["type"].startswith("/problems/")
    assert body["instance"] == response.headers["X-Request-Id"]
    assert body["title"]
    assert body["detail"]
    return body
