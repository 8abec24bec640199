"""Responses compared with what /openapi.json says of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, validator_for
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from rag.web.openapi import describe
from rag.web.openapi.document import path_of


class CheckedClient(FlaskClient):
    """A client that compares every response with the application's own description."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check(self.application, response)
        return response


def check(app: Flask, response: TestResponse) -> None:
    """Compare status, content type, headers and body with the description, where there is one."""
    method = response.request.method
    if method == "OPTIONS" or response.status_code == 405:
        return
    try:
        adapter = app.url_map.bind_to_environ(response.request.environ)
        rule, _ = adapter.match(return_rule=True, method=method)
    except HTTPException:
        return
    described = operation(app, "GET" if method == "HEAD" else method, rule.rule)
    answer = described["responses"].get(str(response.status_code))
    assert answer, f"{method} {rule.rule} gave {response.status}, which is not described"
    headers = description(app)["components"]["headers"]
    needed = {name for name in answer["headers"] if headers[name]["required"]}
    assert needed <= set(response.headers.keys())
    content: Mapping[str, Any] = answer.get("content", {})
    if method == "HEAD" or not content:
        assert response.data == b""
        return
    media = response.mimetype or ""
    assert media in content, (media, list(content))
    if media.endswith("json"):
        reference = content[media]["schema"].get("$ref", "")
        validator(app, reference).validate(response.get_json(force=True))


@cache
def description(app: Flask) -> Mapping[str, Any]:
    """What an application says of itself."""
    return describe(app)


def operation(app: Flask, method: str, rule: str) -> Mapping[str, Any]:
    """What an application says of one of its routes."""
    described: Mapping[str, Any] = description(app)["paths"][path_of(rule)][method.lower()]
    return described


@cache
def validator(app: Flask, reference: str) -> Draft202012Validator:
    """The validator of a schema of the description; of any JSON without a reference."""
    schema = {"$ref": reference} if reference else {}
    made = validator_for({**schema, "components": description(app)["components"]})
    assert isinstance(made, Draft202012Validator)
    return made
