from __future__ import annotations

import inspect
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from rag import errors
from rag.settings import Settings
from rag.types import Level, Outcome, Reason
from rag.web import create_app, problems
from rag.web.models import ArticleRequest, ChatRequest, ListRequest, SearchRequest
from rag.web.problems import Kind
from tests.docs.pages import page, part
from tests.doubles import ScriptedAssistant
from tests.events import events_of

KINDS = [value for value in vars(problems).values() if isinstance(value, Kind)]
ERRORS = [
    name
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, errors.WellcitedError)
]
CHAT = "## POST /v1/chat"
SEARCH = "## POST /v1/search"
LIST = "## GET /v1/articles"
ARTICLE = "## GET /v1/articles/<article_id>"
CONFIG = "## GET /v1/config"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(editor_token="x" * 16), ScriptedAssistant()).test_client()


def test_every_route_and_method_is_described() -> None:
    app = create_app(Settings(), ScriptedAssistant())
    routes = {
        f"`{method} {rule.rule}`"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert len(routes) > 5
    assert sorted(route for route in routes if route not in page("http.md")) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_every_type_of_problem_is_described_with_its_status(kind: Kind) -> None:
    assert f"| `{kind.slug}` | {kind.status} |" in part(page("http.md"), "## Errors")


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_is_described(name: str) -> None:
    assert f"`{name}`" in part(page("http.md"), "## Errors")


@pytest.mark.parametrize(("model", "heading"), [(ChatRequest, CHAT), (SearchRequest, SEARCH)])
def test_every_field_of_a_request_is_described(model: type[BaseModel], heading: str) -> None:
    described = part(page("http.md"), heading)
    assert [name for name in model.model_fields if f"| `{name}` |" not in described] == []


def test_every_parameter_of_the_list_is_described() -> None:
    described = part(page("http.md"), LIST)
    assert [name for name in ListRequest.model_fields if f"?{name}=" not in described] == []


@pytest.mark.parametrize(
    ("heading", "method", "address", "body"),
    [
        (CHAT, "POST", "/v1/chat", {"message": "crushing chest pain"}),
        (SEARCH, "POST", "/v1/search", {"query": "back pain"}),
        (LIST, "GET", "/v1/articles", None),
        (ARTICLE, "GET", "/v1/articles/back-pain", None),
        (CONFIG, "GET", "/v1/config", None),
        ("## GET /healthz and GET /readyz", "GET", "/readyz", None),
    ],
)
def test_every_field_of_an_answer_is_described(
    client: FlaskClient, heading: str, method: str, address: str, body: object
) -> None:
    response = client.open(address, method=method, json=body)
    described = part(page("http.md"), heading)
    fields = _names(response.get_json())
    assert fields
    assert (
        sorted(n for n in fields if f"`{n}`" not in described and f'"{n}"' not in described) == []
    )


def test_every_field_of_a_contact_is_described(client: FlaskClient) -> None:
    response = client.post("/v1/chat", json={"message": "crushing chest pain", "nonsense": 1})
    contact = response.get_json(force=True)["safety"]["contacts"][0]
    described = part(page("http.md"), CHAT)
    assert [name for name in contact if f"`{name}`" not in described] == []


@pytest.mark.parametrize("value", [*Outcome, *Reason, *Level])
def test_every_outcome_reason_and_level_is_described(value: str) -> None:
    assert f"`{value}`" in part(page("http.md"), CHAT)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/v1/index/rollback"),
        ("GET", "/metrics"),
    ],
)
def test_what_is_said_to_be_missing_is_missing(
    client: FlaskClient, method: str, address: str
) -> None:
    assert client.open(address, method=method).status_code == 404, (
        "This has been built: bring docs/http.md up to date."
    )


def test_every_event_of_a_stream_and_its_fields_are_described(client: FlaskClient) -> None:
    streamed = client.post("/v1/chat", json={"message": "back pain", "stream": True})
    described = part(page("http.md"), "### Streaming")
    events = events_of(streamed.text)
    assert ["open", "statement", "done"] == [event.name for event in events]
    for event in events[:2]:
        assert f"| `{event.name}` |" in described
        assert [name for name in event.body if f"`{name}`" not in described] == []


@pytest.mark.parametrize("name", ArticleRequest.model_fields)
def test_every_field_of_an_article_that_is_sent_is_described(name: str) -> None:
    assert f"`{name}`" in part(page("http.md"), "## Editors' routes")


def _names(value: Any) -> set[str]:
    """Every name in a JSON value."""
    if isinstance(value, list):
        return {name for item in value for name in _names(item)}
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in _names(item)}
    return set()
