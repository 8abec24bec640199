"""The description put in order for people: what the page of it shows, line by line."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from rag.web.openapi.parameters import Schema
from rag.web.openapi.wording import Piece, pieces
from rag.web.problems import Kind

# Methods that curl has to be told.
_UNUSUAL = ("PUT", "DELETE")
_SAMPLES = {"article_id": "sciatica", "filename": "icon.svg"}


@dataclass(frozen=True, slots=True)
class Row:
    """A field, a parameter or a header."""

    name: str
    pieces: tuple[Piece, ...]
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One response of a route: its bodies by content type, the last word on an event's."""

    status: str
    text: str
    bodies: tuple[tuple[str, tuple[Piece, ...]], ...]
    events: tuple[tuple[str, tuple[Piece, ...]], ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    token: str
    parameters: tuple[Row, ...]
    sent: tuple[Piece, ...]
    media: str
    curl: str
    replies: tuple[Reply, ...]
    failures: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A named type: its fields, or the values that it may have."""

    name: str
    text: str
    rows: tuple[Row, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole page."""

    about: str
    groups: tuple[tuple[str, str, tuple[Route, ...]], ...]
    types: tuple[Type, ...]
    kinds: tuple[Kind, ...]


def reading_of(description: Schema, kinds: tuple[Kind, ...], base: str) -> Reading:
    """What the page shows; `base` is the address that examples are sent to."""
    routes = [
        (operation["tags"][0], _route(method.upper(), path, operation, base))
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    groups = tuple(
        (tag["name"], tag["description"], tuple(r for name, r in routes if name == tag["name"]))
        for tag in description["tags"]
    )
    types = tuple(
        _type(name, schema) for name, schema in description["components"]["schemas"].items()
    )
    return Reading(description["info"]["description"], groups, types, kinds)


def _route(method: str, path: str, operation: Schema, base: str) -> Route:
    bodies: Schema = operation.get("requestBody", {}).get("content", {})
    media = next(iter(bodies), "")
    replies = [_reply(status, reply) for status, reply in operation["responses"].items()]
    security = operation.get("security")
    return Route(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        text=operation["description"],
        token="" if security is None else "helps" if {} in security else "needed",
        parameters=tuple(_parameter(row) for row in operation.get("parameters", ())),
        sent=tuple(pieces(bodies[media]["schema"])) if media else (),
        media=media,
        curl=_curl(method, base + path, operation),
        replies=tuple(reply for reply in replies if reply.status < "4"),
        failures=tuple(reply for reply in replies if reply.status >= "4"),
    )


def _reply(status: str, reply: Schema) -> Reply:
    content = reply.get("content", {})
    example = next((body["example"] for body in content.values() if "example" in body), None)
    return Reply(
        status,
        reply["description"],
        tuple((media, tuple(pieces(body["schema"]))) for media, body in content.items()),
        tuple(
            (name, tuple(pieces(schema)))
            for body in content.values()
            for name, schema in body.get("x-events", {}).items()
        ),
        "" if example is None else _shown(example),
    )


def _parameter(row: Schema) -> Row:
    place = {"path": "in the address", "query": "after ?", "header": "a header"}[row["in"]]
    required = "required, " if row.get("required") else ""
    return Row(row["name"], tuple(pieces(row["schema"])), row["description"], required + place)


def _type(name: str, schema: Schema) -> Type:
    required = schema.get("required", ())
    rows = tuple(
        Row(
            field,
            tuple(pieces(described)),
            described.get("description", ""),
            "" if field in required else "may be left out",
        )
        for field, described in schema.get("properties", {}).items()
    )
    return Type(name, schema.get("description", ""), rows, tuple(schema.get("enum", ())))


def _curl(method: str, address: str, operation: Schema) -> str:
    """A command that can be pasted into a shell."""
    for name, sample in _SAMPLES.items():
        address = address.replace(f"{{{name}}}", sample)
    parts = ["-X " + method] if method in _UNUSUAL else []
    if {"editors": []} in operation.get("security", ()) and {} not in operation["security"]:
        parts.append('-H "Authorization: Bearer $RAG_EDITOR_TOKEN"')
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        if media.endswith("json"):
            parts.append(f"-H 'Content-Type: {media}'")
            parts.append(f"-d {shlex.quote(json.dumps(content['example']))}")
        else:
            fields = content["example"].items()
            parts += [f"--data-urlencode {shlex.quote(f'{name}={text}')}" for name, text in fields]
    if method == "POST" and not any(part.startswith("-d") or "data" in part for part in parts):
        parts.insert(0, "-X POST")
    return " \\\n  ".join([f"curl -s {shlex.quote(address)}", *parts])


def _shown(example: object) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)
