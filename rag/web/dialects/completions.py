"""OpenAI's chat completions: POST /v1/chat/completions and GET /v1/models."""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify
from pydantic import BaseModel, Field

from rag.rendering import Body
from rag.web.dialects.errors import openai_error
from rag.web.dialects.requests import LENIENT, Conversation, received
from rag.web.dialects.visible import Mark, Visible, opening_text, site_url, visible
from rag.web.replies import answered, streamed
from rag.web.streaming import DONE, Event, data_frame

completions = Blueprint("completions", __name__)

MODEL = "wellcited"
# Nothing is generated, so no tokens are counted.
_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class StreamOptions(BaseModel):
    """How a stream ends."""

    model_config = LENIENT
    include_usage: bool | None = Field(
        default=None, description="Whether a last chunk tells the usage, which is 0."
    )


class CompletionRequest(Conversation):
    """The body of POST /v1/chat/completions, as far as it is looked at."""

    stream_options: StreamOptions | None = Field(default=None, description="How a stream ends.")


@completions.post("/v1/chat/completions")
def complete() -> Response:
    """Answer the reader's last message."""
    sent, question = received(CompletionRequest)
    address = site_url()
    if sent.stream:
        usage = bool(sent.stream_options and sent.stream_options.include_usage)
        return streamed(question, _Chunks(address, usage=usage))
    return jsonify(_completion(answered(question), address))


@completions.get("/v1/models")
def models() -> Response:
    """The one model there is."""
    model = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
    return jsonify({"object": "list", "data": [model]})


def annotation(mark: Mark) -> Body:
    """What OpenAI's clients are told of a marker."""
    return {
        "start_index": mark.start,
        "end_index": mark.end,
        "url": mark.url,
        "title": mark.citation["title"],
    }


def _completion(body: Body, address: str) -> Body:
    seen = visible(body, address)
    message = {"role": "assistant", "content": seen.text, "refusal": None, **_cited(body, seen)}
    choice = {"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}
    return {
        **_head(body["id"], "chat.completion"),
        "system_fingerprint": _fingerprint(body),
        "choices": [choice],
        "usage": _USAGE,
        "wellcited": body,
    }


class _Chunks:
    """Events as chunks of one completion: the notice at once, the rest when it is known."""

    def __init__(self, address: str, *, usage: bool) -> None:
        self._address = address
        self._usage = usage
        self._head: Body = {}
        self._said = ""

    def __call__(self, event: Event) -> Iterator[str]:
        """The frames of one event; statements come with the text that they stand in."""
        if event.name == "open":
            self._head = _head(event.data["id"], "chat.completion.chunk")
            self._said = opening_text(event.data)
            yield self._chunk({"role": "assistant", "content": self._said, "refusal": None})
        elif event.name == "error":
            yield data_frame(openai_error(event.data))
        elif event.name == "done":
            yield from self._rest(event.data)

    def _rest(self, body: Body) -> Iterator[str]:
        seen = visible(body, self._address)
        for piece in seen.after(self._said):
            yield self._chunk({"content": piece})
        yield self._chunk(_cited(body, seen))
        yield self._chunk({}, "stop", system_fingerprint=_fingerprint(body), wellcited=body)
        if self._usage:
            yield data_frame({**self._head, "choices": [], "usage": _USAGE})
        yield DONE

    def _chunk(self, delta: Body, finish: str | None = None, **more: object) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return data_frame({**self._head, "choices": [choice], **more})


def _head(answer_id: str, kind: str) -> Body:
    return {
        "id": f"chatcmpl-{answer_id.removeprefix('ans_')}",
        "object": kind,
        "created": int(time.time()),
        "model": MODEL,
    }


def _fingerprint(body: Body) -> str | None:
    """The generation of the index, which is what an answer depends on."""
    return None if body["generation"] is None else f"generation-{body['generation']}"


def _cited(body: Body, seen: Visible) -> Body:
    """The citations as OpenAI's clients read them, and as Azure's do (`context`)."""
    annotations = [{"type": "url_citation", "url_citation": annotation(m)} for m in seen.marks]
    links = {mark.citation["number"]: mark.url for mark in seen.marks}
    citations = [
        {
            "content": citation["quote"],
            "title": citation["title"],
            "url": links[citation["number"]],
            "filepath": None,
            "chunk_id": f"{citation['article_id']}@{citation['article_version']}"
            f":{citation['start']}-{citation['end']}",
        }
        for citation in body["citations"]
    ]
    return {"annotations": annotations, "context": {"citations": citations, "intent": "[]"}}
