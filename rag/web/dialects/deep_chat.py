"""deep-chat's own format: POST /v1/deep-chat, whose text is Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, jsonify
from pydantic import AliasChoices, Field

from rag.rendering import Body
from rag.web.body import prefers_events
from rag.web.dialects.errors import deep_chat_error
from rag.web.dialects.markdown import literal, with_links
from rag.web.dialects.requests import Conversation, received
from rag.web.dialects.visible import opening_text, site_url, visible
from rag.web.models import ConversationId
from rag.web.replies import answered, streamed
from rag.web.streaming import Event, data_frame

deep_chat = Blueprint("deep_chat", __name__)


class DeepChatRequest(Conversation):
    """The body of POST /v1/deep-chat, as far as it is looked at."""

    conversation_id: ConversationId | None = Field(
        default=None,
        validation_alias=AliasChoices("conversation_id", "session_id"),
        description="The client's own name of the conversation, handed back.",
    )


@deep_chat.post("/v1/deep-chat")
def reply() -> Response:
    """Answer the reader's last message."""
    sent, question = received(DeepChatRequest)
    address = site_url()
    if sent.stream or prefers_events():
        return streamed(question, lambda event: _frames(event, address))
    return jsonify(_message(answered(question), address))


def _frames(event: Event, address: str) -> Iterator[str]:
    """Events as messages. Notice and disclaimer stand on the screen until the whole replaces
    them, and stay there if it never comes: what was shown remains when a stream ends early.
    """
    if event.name == "open":
        yield data_frame({"role": "ai", "text": _opening(event.data)})
    elif event.name == "error":
        yield data_frame(deep_chat_error(event.data))
    elif event.name == "done":
        yield data_frame({**_message(event.data, address), "overwrite": True})


def _opening(opening: Body) -> str:
    said = (opening_text(opening), opening["disclaimer"]["text"])
    return "\n\n".join(literal(text) for text in said if text)


def _message(body: Body, address: str) -> Body:
    text = with_links(visible(body, address))
    return {"role": "ai", "text": text, "custom": {"wellcited": body}}
