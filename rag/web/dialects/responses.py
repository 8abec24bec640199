"""OpenAI's responses: POST /v1/responses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field, WithJsonSchema, field_validator

from rag.rendering import Body
from rag.web.dialects.completions import MODEL, annotation
from rag.web.dialects.errors import openai_error
from rag.web.dialects.requests import Conversation, Message, received
from rag.web.dialects.visible import Visible, opening_text, site_url, visible
from rag.web.replies import answered, streamed
from rag.web.streaming import Event, as_line

responses = Blueprint("responses", __name__)

_PLACE = {"output_index": 0, "content_index": 0}
# Nothing is generated, so no tokens are counted.
_USAGE = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}


class ResponsesRequest(Conversation):
    """The body of POST /v1/responses, as far as it is looked at; `input` may be one text."""

    messages: Annotated[list[Message], WithJsonSchema({})] = Field(
        validation_alias="input",
        description="One text, or messages, oldest first; the reader's last one is the question.",
    )

    @field_validator("messages", mode="before")
    @classmethod
    def _one_message(cls, value: object) -> object:
        return [{"role": "user", "content": value}] if isinstance(value, str) else value


@responses.post("/v1/responses")
def respond() -> Response:
    """Answer the reader's last message."""
    sent, question = received(ResponsesRequest)
    address = site_url()
    if sent.stream:
        return streamed(question, _Events(address))
    body = answered(question)
    seen = visible(body, address)
    return jsonify(_response(body["id"], int(time.time()), body, _item(body["id"], seen)))


def _response(answer_id: str, created: int, body: Body | None, item: Body | None) -> Body:
    """A response: in progress as long as it has no body and no item."""
    whole = {} if body is None else {"wellcited": body, "usage": _USAGE}
    return {
        "id": f"resp_{_bare(answer_id)}",
        "object": "response",
        "created_at": created,
        "status": "in_progress" if body is None else "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": MODEL,
        "output": [] if item is None else [item],
        "parallel_tool_calls": False,
        "temperature": None,
        "tool_choice": "none",
        "tools": [],
        "top_p": None,
        "usage": None,
        **whole,
    }


def _item(answer_id: str, seen: Visible | None) -> Body:
    """The one message of a response; it has no content yet as long as nothing is seen."""
    return {
        "id": _item_id(answer_id),
        "type": "message",
        "role": "assistant",
        "status": "in_progress" if seen is None else "completed",
        "content": [] if seen is None else [_content(seen.text, seen)],
    }


def _content(text: str, seen: Visible | None = None) -> Body:
    marks = seen.marks if seen else ()
    annotations = [{"type": "url_citation", **annotation(mark)} for mark in marks]
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}


def _item_id(answer_id: str) -> str:
    return f"msg_{_bare(answer_id)}"


def _bare(answer_id: str) -> str:
    return answer_id.removeprefix("ans_")


class _Events:
    """Events as those of one response: the notice at once, the rest when it is known."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._created = int(time.time())
        self._sent = 0
        self._id = self._said = ""

    def __call__(self, event: Event) -> Iterator[str]:
        """The frames of one event; statements come with the text that they stand in."""
        if event.name == "open":
            self._id, self._said = event.data["id"], opening_text(event.data)
            yield from self._begin()
        elif event.name == "error":
            problem = openai_error(event.data)
            told = {name: problem["error"][name] for name in ("code", "message", "param")}
            # openai-python raises an event for its `error`, whatever its type.
            yield self._frame("error", {**problem, **told, "type": "error"})
        elif event.name == "done":
            yield from self._end(event.data)

    def _begin(self) -> Iterator[str]:
        begun = {"response": _response(self._id, self._created, None, None)}
        yield self._frame("response.created", begun)
        yield self._frame("response.in_progress", begun)
        item = {"output_index": 0, "item": _item(self._id, None)}
        yield self._frame("response.output_item.added", item)
        yield self._part("response.content_part.added", part=_content(""))
        if self._said:
            yield self._delta(self._said)

    def _end(self, body: Body) -> Iterator[str]:
        seen = visible(body, self._address)
        content, item = _content(seen.text, seen), _item(self._id, seen)
        for piece in seen.after(self._said):
            yield self._delta(piece)
        for number, mark in enumerate(content["annotations"]):
            yield self._part(
                "response.output_text.annotation.added", annotation_index=number, annotation=mark
            )
        yield self._part("response.output_text.done", text=seen.text, logprobs=[])
        yield self._part("response.content_part.done", part=content)
        yield self._frame("response.output_item.done", {"output_index": 0, "item": item})
        done = _response(self._id, self._created, body, item)
        yield self._frame("response.completed", {"response": done})

    def _delta(self, text: str) -> str:
        return self._part("response.output_text.delta", delta=text, logprobs=[])

    def _part(self, kind: str, **data: object) -> str:
        return self._frame(kind, {"item_id": _item_id(self._id), **_PLACE, **data})

    def _frame(self, kind: str, data: Body) -> str:
        numbered = {"type": kind, "sequence_number": self._sent, **data}
        self._sent += 1
        return f"event: {kind}\ndata: {as_line(numbered)}\n\n"
