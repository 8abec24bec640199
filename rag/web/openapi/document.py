"""The description as OpenAPI 3.1 has it: the application's routes, with what the table says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from flask import Flask
from pydantic import BaseModel

from rag import __version__
from rag.settings import Settings
from rag.web import schemas
from rag.web.openapi.examples import EXAMPLES
from rag.web.openapi.model_schemas import model_schemas
from rag.web.openapi.operations import EVENTS, HTML, JSON, Operation, Result
from rag.web.openapi.parameters import (
    EVERYWHERE,
    HEADERS,
    LIMITED,
    OF_STATUS,
    PATH,
    QUERY,
    REQUEST_HEADERS,
    Schema,
)
from rag.web.openapi.table import OPERATIONS, TAGS
from rag.web.problems import INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, UNKNOWN_HOST, Kind
from rag.web.site import site_of

_TEXT: Schema = {"type": "string"}
# One event of a stream: each is compared with this, not the stream as a whole.
_EVENT: Schema = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
    "description": "One event; its data is JSON on one line.",
}
_BODIES: Mapping[str, Schema] = {EVENTS: _EVENT, JSON: {"type": "object"}}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_IMPLICIT = frozenset({"HEAD", "OPTIONS"})
_ABOUT = """\
Answers to health questions that are quotes from a publisher's own articles, with where they stand.

Every field that is described is always present unless its description says otherwise, lists are
never null, and unknown values are null. `HEAD` works wherever `GET` does, `OPTIONS` everywhere;
any other method is 405, and `Allow` names those there are. Every error is a problem (RFC 9457) and
repeats nothing of what was sent.
"""


def describe(app: Flask) -> Schema:
    """The description of the routes that an application has. Raises KeyError for an unknown one."""
    routes = dict(_routes(app))
    editors = any(operation.token for operation in routes.values())
    settings = site_of(app).settings
    description: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": "Wellcited",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": settings.public_url or "/"}],
        "tags": _tags(routes.values()),
        "paths": _paths(routes, editors),
        "components": {
            "schemas": model_schemas(_models(routes.values()), settings),
            "headers": {
                name: {"description": text, "required": name not in LIMITED, "schema": schema}
                for name, (text, schema) in HEADERS.items()
            },
        },
    }
    if editors:
        description["components"]["securitySchemes"] = {
            "editors": {
                "type": "http",
                "scheme": "bearer",
                "description": "The editors' token: RAG_EDITOR_TOKEN of the server.",
            }
        }
    return description


def path_of(rule: str) -> str:
    """A rule of the application as OpenAPI writes it: `/a/<path:b>` → `/a/{b}`."""
    return _PART.sub(r"{\1}", rule)


def kinds_of(app: Flask) -> tuple[Kind, ...]:
    """The kinds of problem that an application answers with, by status."""
    found = {INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, UNKNOWN_HOST}
    for _, operation in _routes(app):
        found.update(operation.kinds)
    return tuple(sorted(found, key=lambda kind: (kind.status, kind.slug)))


def _routes(app: Flask) -> Iterator[tuple[tuple[str, str], Operation]]:
    """The routes that there are, in the order of the table."""
    there = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - _IMPLICIT
    }
    for key in there - OPERATIONS.keys():
        raise KeyError(f"{' '.join(key)} is not described: add it to rag/web/openapi/table.py.")
    return ((key, operation) for key, operation in OPERATIONS.items() if key in there)


def _tags(operations: Iterable[Operation]) -> list[Schema]:
    used = {operation.tag for operation in operations}
    return [{"name": name, "description": text} for name, text in TAGS.items() if name in used]


def _models(operations: Iterable[Operation]) -> Iterator[type[BaseModel]]:
    """All models that are referred to."""
    yield schemas.Problem
    for operation in operations:
        yield operation.errors.model
        sent = (operation.body,)
        given = ((result.model, *result.events.values()) for result in operation.results)
        yield from (model for models in (sent, *given) for model in models if model)


def _paths(routes: Mapping[tuple[str, str], Operation], editors: bool) -> Schema:
    paths: Schema = {}
    for (method, rule), operation in routes.items():
        path = paths.setdefault(path_of(rule), {})
        path[method.lower()] = _operation(method, rule, operation, editors)
    return paths


def _operation(method: str, rule: str, operation: Operation, editors: bool) -> Schema:
    words = re.findall(r"\w+", _PART.sub(r"\1", rule)) or ["page"]
    described: Schema = {
        "tags": [operation.tag],
        "operationId": "_".join([method.lower(), *words]),
        "summary": operation.summary,
        "description": operation.text,
    }
    parameters = [*_parameters(rule, operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        content = {"schema": _ref(operation.body), **_example(operation.body)}
        described["requestBody"] = {
            "required": True,
            "content": {operation.body_media: content},
        }
    described["responses"] = {
        **{str(result.status): _success(result) for result in operation.results},
        **_problems(operation),
    }
    if editors and operation.token is not False:
        needed: list[Schema] = [{"editors": []}]
        described["security"] = needed if operation.token else [{}, *needed]
    return described


def _parameters(rule: str, operation: Operation) -> Iterator[Schema]:
    for name in _PART.findall(rule):
        yield {**_parameter("path", name, *PATH[name]), "required": True}
    for name in operation.parameters:
        yield _parameter("query", name, *QUERY[name])
    for name, schema in _query(operation.query):
        yield _parameter("query", name, schema.pop("description"), schema)
    for name in operation.headers:
        yield _parameter("header", name, *REQUEST_HEADERS[name])


def _parameter(place: str, name: str, text: str, schema: Schema) -> Schema:
    return {"name": name, "in": place, "description": text, "schema": schema}


def _query(model: type[BaseModel] | None) -> Iterator[tuple[str, Schema]]:
    """The fields of a query's model; one that may be left out is never null in an address."""
    if model is None:
        return
    for name, schema in model_schemas([model], Settings())[model.__name__]["properties"].items():
        narrow: Schema = next(
            (part for part in schema.get("anyOf", ()) if part["type"] != "null"), {}
        )
        yield name, {**{k: v for k, v in schema.items() if k != "anyOf"}, **narrow}


def _success(result: Result) -> Schema:
    content: Schema = {}
    if result.model:
        content[JSON] = {"schema": _ref(result.model), **_example(result.model)}
    for media in result.media:
        content[media] = {"schema": _BODIES.get(media, _TEXT)}
    if result.events:
        content[EVENTS] = {"schema": _EVENT, "x-events": _events(result)}
    return _response(result.meaning, content, result.headers)


def _events(result: Result) -> Schema:
    """What the data of each event of a stream holds; OpenAPI 3.1 has no word for it."""
    return {name: _ref(model) for name, model in result.events.items()}


def _problems(operation: Operation) -> Schema:
    """What can go wrong, by status, with the kinds of problem that have it."""
    everywhere = (INTERNAL, UNKNOWN_HOST) if operation.named else (INTERNAL,)
    status_of = operation.errors.status
    kinds = sorted({*operation.kinds, *everywhere}, key=lambda kind: (status_of(kind), kind.slug))
    by_status = {status: tuple(group) for status, group in groupby(kinds, key=status_of)}
    return {str(status): _problem(status, group, operation) for status, group in by_status.items()}


def _problem(status: int, kinds: tuple[Kind, ...], operation: Operation) -> Schema:
    meaning = ". ".join(f"`{kind.slug}`: {kind.title}" for kind in kinds)
    content: Schema = {operation.errors.media: {"schema": _ref(operation.errors.model)}}
    if operation.page:
        content[HTML] = {"schema": {"type": "string"}}
    return _response(f"{meaning}.", content, OF_STATUS.get(status, ()))


def _response(meaning: str, content: Schema, headers: tuple[str, ...]) -> Schema:
    named = {name: {"$ref": f"#/components/headers/{name}"} for name in (*EVERYWHERE, *headers)}
    response: Schema = {"description": meaning, "headers": named}
    return {**response, "content": content} if content else response


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _example(model: type[BaseModel]) -> dict[str, Any]:
    return {"example": EXAMPLES[model.__name__]} if model.__name__ in EXAMPLES else {}
