"""What a JSON Schema admits, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.web.openapi.parameters import Schema

_WORDS = {"integer": "whole number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what is said of a type; `link` is the name of another type, or empty."""

    text: str
    link: str = ""


def pieces(schema: Schema) -> Iterator[Piece]:
    """The words for a schema, one after another."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield Piece(name, name)
    elif "anyOf" in schema:
        for number, part in enumerate(schema["anyOf"]):
            if number:
                yield Piece(" or ")
            yield from pieces(part)
    elif schema.get("type") == "array":
        yield Piece(f"list{_up_to(schema.get('maxItems'), 'entries')} of ")
        yield from pieces(schema["items"])
    elif "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        yield Piece(" | ".join(f"“{value}”" for value in values))
    else:
        yield Piece(_plain(schema))


def _plain(schema: Schema) -> str:
    kind: str = schema.get("type", "anything")
    if kind == "string":
        if schema.get("format") == "date":
            return "date as 2026-01-31"
        return f"text{_up_to(schema.get('maxLength'), 'characters')}"
    name = {"integer": "whole number", "number": "number", "boolean": "true or false"}.get(
        kind, kind
    )
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{name} from {low} to {high}"
    return name if low is None else f"{name} from {low}"


def _up_to(most: int | None, unit: str) -> str:
    return "" if most is None else f" up to {most:,} {unit}"
