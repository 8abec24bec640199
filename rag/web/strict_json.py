"""JSON read strictly, yet far enough that a message in a bad body still reaches the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rag.web.problems import INVALID, MALFORMED, Problem

# No body of ours nests deeper than 4; a deep one costs stack and means nothing.
_MAX_DEPTH = 32
# Python refuses to read integers of more than 4,300 digits; no field of ours has 16.
_MAX_DIGITS = 16
_SURROGATES = ("\ud800", "\udfff")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What could be read (None: nothing), and the first reason to refuse the body, if any."""

    value: object
    problem: Problem | None


def parse(data: bytes) -> Parsed:
    """Read a body as one JSON object. Never raises.

    Refused are bad UTF-8, duplicate names, NaN and Infinity, deep nesting and lone surrogates
    (400), another root than an object and NUL characters (422).
    """
    faults: list[Problem] = []
    text = _decode(data, faults)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=lambda pairs: _object(pairs, faults),
            parse_constant=lambda _: faults.append(
                Problem(MALFORMED, "NaN and Infinity are not JSON.")
            ),
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return Parsed(None, Problem(MALFORMED, f"The body is not valid JSON: see {where}."))
    except RecursionError:
        return Parsed(None, Problem(MALFORMED, "The body nests too deeply."))
    fault = unreadable(value)
    faults += [fault] if fault else []
    if not isinstance(value, dict):
        faults.append(Problem(INVALID, "The body must be a JSON object."))
    return Parsed(value, faults[0] if faults else None)


def unreadable(value: object) -> Problem | None:
    """The first text in a value that no article or log could hold, or too deep a nesting."""
    for item, depth in _walk(value):
        if depth > _MAX_DEPTH:
            return Problem(MALFORMED, "The body nests too deeply.")
        if not isinstance(item, str):
            continue
        if any(_SURROGATES[0] <= char <= _SURROGATES[1] for char in item):
            return Problem(MALFORMED, "The body holds half a surrogate pair: not Unicode text.")
        if "\0" in item:
            return Problem(INVALID, "Text must not contain NUL characters.")
    return None


def _decode(data: bytes, faults: list[Problem]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        faults.append(Problem(MALFORMED, "The body is not valid UTF-8."))
        return data.decode(errors="replace")


def _object(pairs: list[tuple[str, Any]], faults: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in found:
            found[name] = value
            continue
        faults.append(Problem(MALFORMED, "An object has the same name twice."))
        # The body is refused, but the gate reads all that was said.
        both = isinstance(value, str) and isinstance(found[name], str)
        found[name] = f"{found[name]}\n{value}" if both else value
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _walk(value: object) -> Iterator[tuple[object, int]]:
    """Every name and value with its depth, without recursion."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        yield item, depth
        if isinstance(item, dict):
            waiting += [(inner, depth + 1) for pair in item.items() for inner in pair]
        elif isinstance(item, list):
            waiting += [(inner, depth + 1) for inner in item]
