"""The UI message stream of the AI SDK (version 1): POST /api/chat."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response

from rag.rendering import Body
from rag.web.dialects.errors import said_of
from rag.web.dialects.requests import Conversation, received
from rag.web.dialects.visible import opening_text, site_url, visible
from rag.web.replies import streamed
from rag.web.streaming import DONE, Event, data_frame

ui_messages = Blueprint("ui_messages", __name__)

_TEXT = "text"


@ui_messages.post("/api/chat")
def stream() -> Response:
    """Answer the reader's last message, always as a stream."""
    _, question = received(Conversation)
    response = streamed(question, _Parts(site_url()))
    response.headers["x-vercel-ai-ui-message-stream"] = "v1"
    return response


class _Parts:
    """Events as parts of one message: the notice at once, the rest when it is known."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._said = ""

    def __call__(self, event: Event) -> Iterator[str]:
        """The frames of one event; statements come with the text that they stand in."""
        if event.name == "open":
            self._said = opening_text(event.data)
            yield data_frame({"type": "start", "messageId": event.data["id"]})
            yield _data(event.data)
            yield data_frame({"type": "text-start", "id": _TEXT})
            if self._said:
                yield _delta(self._said)
        elif event.name == "error":
            yield _data(event.data)
            yield data_frame({"type": "error", "errorText": said_of(event.data)})
        elif event.name == "done":
            yield from self._rest(event.data)

    def _rest(self, body: Body) -> Iterator[str]:
        seen = visible(body, self._address)
        for piece in seen.after(self._said):
            yield _delta(piece)
        yield data_frame({"type": "text-end", "id": _TEXT})
        for number, mark in {m.citation["number"]: m for m in seen.marks}.items():
            source = {"sourceId": str(number), "url": mark.url, "title": mark.citation["title"]}
            yield data_frame({"type": "source-url", **source})
        yield _data(body)
        yield data_frame({"type": "finish", "finishReason": "stop"})
        yield DONE


def _delta(text: str) -> str:
    return data_frame({"type": "text-delta", "id": _TEXT, "delta": text})


def _data(body: Body) -> str:
    """What is known of the answer; a later part of the same id replaces it."""
    return data_frame({"type": "data-wellcited", "id": "wellcited", "data": body})
