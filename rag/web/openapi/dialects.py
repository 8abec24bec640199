"""The routes for existing chat clients, described."""

from __future__ import annotations

from collections.abc import Mapping

from rag.web import schemas
from rag.web.dialects.completions import CompletionRequest
from rag.web.dialects.deep_chat import DeepChatRequest
from rag.web.dialects.requests import Conversation
from rag.web.dialects.responses import ResponsesRequest
from rag.web.openapi.operations import EVENTS, JSON, Errors, Operation, Result
from rag.web.openapi.parameters import LIMITED
from rag.web.problems import (
    BUSY,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NOT_READY,
    RATE_LIMITED,
    TOO_LARGE,
)

CLIENTS = "Existing chat clients"

_KINDS = (MALFORMED, TOO_LARGE, MEDIA_TYPE, INVALID, RATE_LIMITED, NOT_READY, BUSY)
_OPENAI = Errors(schemas.OpenAIProblem, invalid=400)
_DEEP_CHAT = Errors(schemas.DeepChatProblem, media=JSON)

DIALECTS: Mapping[tuple[str, str], Operation] = {
    ("POST", "/v1/chat/completions"): Operation(
        CLIENTS,
        "Answer as a chat completion of OpenAI",
        "The reader's last message is the question. Unknown parameters are ignored.",
        (Result("The answer.", model=schemas.ChatCompletion, media=(EVENTS,), headers=LIMITED),),
        _KINDS,
        body=CompletionRequest,
        headers=("Accept-Language",),
        errors=_OPENAI,
    ),
    ("GET", "/v1/models"): Operation(
        CLIENTS,
        "List the one model that OpenAI's clients may ask",
        "Any other name is accepted too.",
        (Result("The list.", model=schemas.ModelList),),
        errors=_OPENAI,
    ),
    ("POST", "/v1/responses"): Operation(
        CLIENTS,
        "Answer as a response of OpenAI",
        "The reader's last message is the question. Nothing is stored.",
        (Result("The answer.", model=schemas.ModelResponse, media=(EVENTS,), headers=LIMITED),),
        _KINDS,
        body=ResponsesRequest,
        headers=("Accept-Language",),
        errors=_OPENAI,
    ),
    ("POST", "/v1/deep-chat"): Operation(
        CLIENTS,
        "Answer as deep-chat reads it",
        "A stream where the client accepts one, as deep-chat does with `stream` in its `connect`.",
        (Result("The answer.", model=schemas.DeepChatMessage, media=(EVENTS,), headers=LIMITED),),
        _KINDS,
        body=DeepChatRequest,
        headers=("Accept-Language",),
        errors=_DEEP_CHAT,
    ),
    ("POST", "/api/chat"): Operation(
        CLIENTS,
        "Answer as a UI message stream of the AI SDK",
        "Always a stream.",
        (Result("The answer.", media=(EVENTS,), headers=LIMITED),),
        _KINDS,
        body=Conversation,
        headers=("Accept-Language",),
    ),
}
"""Method and rule → what they do, as in the table of all routes."""
