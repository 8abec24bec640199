"""What /openapi.json says: of every route, truly, and as the standard has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import validator_for
from pydantic import BaseModel, ValidationError

from rag.rendering import answer_body
from rag.settings import Settings
from rag.types import Level, Outcome, Question, Reason, Status
from rag.web import create_app, problems, schemas
from rag.web.models import ArticleRequest, ChatRequest, SearchRequest
from rag.web.openapi import describe
from rag.web.openapi.examples import EXAMPLES
from rag.web.openapi.table import OPERATIONS
from rag.web.problems import FieldError, Kind, Problem, problem_body
from tests.doubles import ScriptedAssistant
from tests.web.conftest import problem_of

KINDS = [value for value in vars(problems).values() if isinstance(value, Kind)]
MODELS = [getattr(schemas, name) for name in schemas.__all__]
REQUESTS = [ChatRequest, SearchRequest, ArticleRequest]
EDITOR = {"Authorization": "Bearer " + "x" * 16}
REST = ("get", "put", "post", "delete", "patch", "trace", "query")


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(editor_token="x" * 16), ScriptedAssistant())


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return describe(app)


def _paths(app: Flask) -> dict[str, set[str]]:
    """Methods by address with an id in it, as the application has them."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        address = rule.rule.replace("<article_id>", "back-pain")
        found.setdefault(re.sub("<.*>", "icon.svg", address), set()).update(rule.methods or ())
    return found


def test_the_description_is_what_the_route_gives(app: Flask, document: dict[str, Any]) -> None:
    response = app.test_client().get("/openapi.json")
    assert document == response.get_json()
    again = app.test_client().get(
        "/openapi.json", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    described = {f"{method} {rule}" for method, rule in OPERATIONS}
    there = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == there


def test_a_route_that_is_not_described_is_an_error() -> None:
    app = create_app(Settings(), ScriptedAssistant())
    app.add_url_rule("/v1/new", view_func=lambda: "new")
    with pytest.raises(KeyError, match="GET /v1/new is not described"):
        describe(app)


def test_editors_routes_are_described_where_they_are(document: dict[str, Any]) -> None:
    public = describe(create_app(Settings(), ScriptedAssistant()))
    assert "/v1/index" not in public["paths"]
    assert {"get"} == set(public["paths"]["/v1/articles/{article_id}"])
    assert "securitySchemes" not in public["components"]
    assert "Edit" not in public["components"]["schemas"]
    assert "security" not in json.dumps(public["paths"])
    for path, method in [("/v1/index", "get"), ("/v1/articles/{article_id}", "put")]:
        assert [{"editors": []}] == document["paths"][path][method]["security"]
    assert [{}, {"editors": []}] == document["paths"]["/v1/articles/{article_id}"]["get"][
        "security"
    ]


def test_the_description_is_valid_openapi(document: dict[str, Any]) -> None:
    """Against the standard's own schema, as schemathesis carries it, and JSON Schema's."""
    from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

    OPENAPI_31_VALIDATOR.validate(document)
    meta = validator_for({"$ref": "https://json-schema.org/draft/2020-12/schema"})
    for schema in document["components"]["schemas"].values():
        meta.validate(schema)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = {value for name, value in _walk(document) if name == "$ref"}
    for reference in references:
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    named = {reference.rpartition("/")[2] for reference in references}
    components = document["components"]
    assert {*components["schemas"], *components["headers"]} - named == set()


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(
    document: dict[str, Any],
) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] and operation["description"] for operation in operations)
    tags = [tag["name"] for tag in document["tags"]]
    assert {operation["tags"][0] for operation in operations} == set(tags)


@pytest.mark.parametrize("model", [*MODELS, *REQUESTS], ids=lambda model: model.__name__)
def test_every_field_is_explained(model: type[BaseModel]) -> None:
    assert (model.__doc__ or "").endswith((".", ")"))
    assert [name for name, field in model.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("enum", [Outcome, Reason, Level, Status])
def test_the_values_of_an_enum_are_those_of_the_types(
    document: dict[str, Any], enum: type[Outcome | Reason | Level | Status]
) -> None:
    assert [*enum] == document["components"]["schemas"][enum.__name__]["enum"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_valid(document: dict[str, Any], name: str) -> None:
    components = {"components": document["components"]}
    schema = {"$ref": f"#/components/schemas/{name}", **components}
    validator_for(schema).validate(EXAMPLES[name])


def test_the_limits_are_those_of_the_settings() -> None:
    app = create_app(Settings(max_message=77), ScriptedAssistant())
    message = describe(app)["components"]["schemas"]["ChatRequest"]["properties"]["message"]
    assert 77 == message["maxLength"]
    assert "x-setting" not in json.dumps(describe(app))


def test_a_model_refuses_another_field_another_type_and_a_missing_one() -> None:
    answer = EXAMPLES["Answer"]
    schemas.Answer.model_validate_json(json.dumps(answer))
    for wrong in (
        {**answer, "colour": "red"},
        {**answer, "generation": "1"},
        {**answer, "outcome": "guessed"},
        {name: answer[name] for name in answer if name != "reason"},
        {**answer, "safety": None},
    ):
        with pytest.raises(ValidationError):
            schemas.Answer.model_validate_json(json.dumps(wrong))


def test_a_model_has_the_fields_that_are_rendered() -> None:
    question = Question("crushing chest pain")
    answer = ScriptedAssistant().answer(question)
    body = answer_body(answer, None, date(2026, 1, 1))
    assert [*schemas.Answer.model_fields] == [*body]
    assert [*schemas.AnswerCitation.model_fields] == [*body["citations"][0]]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_every_kind_of_problem_is_described_and_has_the_form_of_one(kind: Kind) -> None:
    problem = Problem(kind, "Try again.", (FieldError("k", "must be at most 100"),))
    problem.damaged = "article gout"
    body = problem_body(problem, "req_0123456789abcdef")
    schemas.Problem.model_validate_json(json.dumps(body))
    everywhere = (problems.INTERNAL, problems.METHOD_NOT_ALLOWED, problems.UNKNOWN_HOST)
    assert kind in everywhere or any(kind in o.kinds for o in OPERATIONS.values())


def test_every_address_answers_options_with_its_methods(app: Flask) -> None:
    client = app.test_client()
    for address, methods in _paths(app).items():
        response = client.options(address, headers=EDITOR)
        assert response.status_code in (200, 204), address
        assert methods == set(response.headers["Allow"].split(", ")), address
        assert response.data == b""


def test_every_address_answers_head_as_get_without_a_body(app: Flask) -> None:
    client = app.test_client()
    for address, methods in _paths(app).items():
        if "GET" not in methods:
            continue
        got, head = client.get(address, headers=EDITOR), client.head(address, headers=EDITOR)
        assert (got.status_code, b"") == (head.status_code, head.data)
        assert got.headers["Content-Type"] == head.headers["Content-Type"]
        assert got.headers["Content-Length"] == head.headers["Content-Length"]
        got.close()
        head.close()


def test_any_other_method_is_405_and_is_told_which_there_are(app: Flask) -> None:
    client = app.test_client()
    for address, methods in _paths(app).items():
        for method in {name.upper() for name in REST} - methods:
            response = client.open(address, method=method, headers=EDITOR)
            if address != "/v1/deep-chat":  # whose problems are not of that type
                problem_of(response, 405)
            assert response.status_code == 405
            assert methods == set(response.headers["Allow"].split(", ")), (method, address)


def test_an_article_is_put_and_deleted_where_there_are_editors_only(client: FlaskClient) -> None:
    """Nothing in public tells whether there are editors."""
    for method in ("PUT", "DELETE"):
        problem_of(client.open("/v1/articles/back-pain", method=method), 404)


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every name with its value in a JSON value."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name, item
            yield from _walk(item)
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
