"""The models of what dialects give: of formats that others define, what is ours and where it is."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from rag.web.schemas.answers import Answer
from rag.web.schemas.service import Problem
from rag.web.schemas.shape import Shape

_FOREIGN = ConfigDict(strict=True, extra="allow", frozen=True)
_WHOLE = "The whole answer, as /v1/chat gives it."
_LIST = "As OpenAI's clients read it."


class ChatCompletion(Shape):
    """An answer as a chat completion of OpenAI."""

    model_config = _FOREIGN
    object: Literal["chat.completion"] = Field(description="What this is.")
    choices: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=1,
        description="One message: its text, and annotations that span the markers in it.",
    )
    wellcited: Answer = Field(description=_WHOLE)


class ModelList(Shape):
    """The models that there are: one."""

    model_config = _FOREIGN
    object: Literal["list"] = Field(description="What this is.")
    data: list[dict[str, Any]] = Field(min_length=1, max_length=1, description=_LIST)


class ModelResponse(Shape):
    """An answer as a response of OpenAI's newer interface."""

    model_config = _FOREIGN
    object: Literal["response"] = Field(description="What this is.")
    output: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=1,
        description="One message: its text, and annotations that span the markers in it.",
    )
    wellcited: Answer = Field(description=_WHOLE)


class DeepChatCustom(Shape):
    """What deep-chat hands to its page beside the text."""

    wellcited: Answer = Field(description=_WHOLE)


class DeepChatMessage(Shape):
    """An answer as a message of deep-chat."""

    role: Literal["ai"] = Field(description="Who says it.")
    text: str = Field(description="Markdown whose markers are links.", min_length=1)
    custom: DeepChatCustom = Field(description="For the page.")


class OpenAIError(Shape):
    """What OpenAI's clients show of a problem."""

    message: str = Field(description="What is wrong, after the notice if there is one.")
    type: str = Field(description="What kind of error OpenAI would call it.")
    param: str | None = Field(description="The field that is wrong, or null.")
    code: str = Field(description="The end of the problem's type.")


class OpenAIProblem(Problem):
    """A problem as OpenAI's clients read it."""

    error: OpenAIError = Field(description="The same in their words.")


class DeepChatProblem(Problem):
    """A problem as deep-chat reads it."""

    error: str = Field(description="What it shows: what is wrong, after the notice if any.")
