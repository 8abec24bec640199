"""Reading text/event-stream as a browser does, and folding an answer's events into its body."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event: its name (`message` where it has none) and its data, not yet read as JSON."""

    name: str
    data: str

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.data)
        return body


def events_of(text: str) -> list[Event]:
    """The events of a whole stream (WHATWG HTML, 9.2.6); comments are left out."""
    assert text.endswith("\n\n"), "a stream ends with an empty line"
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        fields = [line.split(": ", 1) for line in block.split("\n") if not line.startswith(":")]
        assert all(name in ("event", "data") for name, _ in fields), block
        data = [value for name, value in fields if name == "data"]
        if data:
            found.append(Event(dict(fields).get("event", "message"), "\n".join(data)))
    return found


def folded(events: Sequence[Event]) -> dict[str, Any]:
    """What `open` and the statements alone tell of an answer."""
    opening, *statements = events
    assert opening.name == "open"
    assert [n for n, _ in enumerate(statements)] == [s.body["index"] for s in statements]
    return {
        **opening.body,
        "statements": [_without(s.body, ("index", "new_citations")) for s in statements],
        "citations": [c for s in statements for c in s.body["new_citations"]],
    }


def named(events: Iterable[Event], name: str) -> list[Event]:
    return [event for event in events if event.name == name]


def _without(body: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}
