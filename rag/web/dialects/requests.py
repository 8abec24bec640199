"""What chat clients send: messages of several roles, of which the reader's last is the question."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from rag.types import Question
from rag.web.body import accepted, read_body
from rag.web.models import (
    ChatRequest,
    ConversationId,
    Country,
    EarlierTurn,
    Filters,
    Tag,
    askable,
    refused,
    validated,
)
from rag.web.questions import carry, question_of, texts_of
from rag.web.site import site
from rag.web.strict_json import parse

# Clients send parameters of models that we do not have; they mean nothing here.
LENIENT = ConfigDict(strict=True, extra="ignore", frozen=True)
# Role → ours. Instructions to a model and results of tools have no reader, so they are left out.
_ROLES = {"user": "user", "assistant": "assistant", "ai": "assistant"}


class Message(BaseModel):
    """One message. Its words are in `content` (OpenAI), `text` (deep-chat) or `parts` (AI SDK)."""

    model_config = LENIENT
    role: str = Field(default="", description="Who said it; the reader is `user`.")
    words: Annotated[str, WithJsonSchema({})] = Field(
        default="",
        validation_alias=AliasChoices("content", "text", "parts"),
        validate_default=True,
        description="Text, or a list of parts with the type text: here, or in `text` or `parts`.",
    )

    @field_validator("words", mode="before")
    @classmethod
    def _joined(cls, value: object, info: ValidationInfo) -> str:
        texts, whole = texts_of(value)
        # What we cannot read, such as an image, is not passed over where the reader sent it.
        if not whole and info.data.get("role") == "user":
            raise refused("must be text, or a list of parts with type text")
        return "\n".join(texts)


class Conversation(BaseModel):
    """The body of a dialect's request: its messages, and what /v1/chat knows besides."""

    model_config = LENIENT
    messages: list[Message] = Field(
        description="Oldest first; the reader's last one is the question."
    )
    conversation_id: ConversationId | None = Field(
        default=None, description="The client's own name of the conversation, handed back."
    )
    locale: Tag | None = Field(
        default=None, description="The language of the fixed texts, as a BCP 47 tag."
    )
    country: Country | None = Field(
        default=None, description="The country of the emergency contacts: two letters (ISO 3166-1)."
    )
    filters: Filters | None = Field(
        default=None, description="Which articles may be quoted; without it, all."
    )
    stream: bool | None = Field(
        default=None, description="Whether to answer with a stream of events."
    )

    @field_validator("messages")
    @classmethod
    def _asks(cls, messages: list[Message], info: ValidationInfo) -> list[Message]:
        said = [message.words for message in messages if message.role == "user"]
        if not said:
            raise refused("must have a message with the role user")
        askable(said[-1], info)
        return messages

    def chat(self) -> ChatRequest:
        """The same as a request to /v1/chat: the reader's last message, and what was before it."""
        last = max(n for n, message in enumerate(self.messages) if message.role == "user")
        return ChatRequest.model_construct(
            message=self.messages[last].words,
            conversation_id=self.conversation_id,
            history=[
                EarlierTurn.model_construct(role=_ROLES[turn.role], content=turn.words)
                for turn in self.messages[:last]
                if turn.role in _ROLES
            ],
            locale=self.locale,
            country=self.country,
            filters=self.filters,
            stream=self.stream,
        )


Sent = TypeVar("Sent", bound=Conversation)


def received(model: type[Sent]) -> tuple[Sent, Question]:
    """The request at hand and its question. The gate sees whatever can be read of a bad one.

    Raises Problem.
    """
    parsed = parse(read_body())
    carry(parsed.value)
    sent = validated(model, accepted(parsed), site().settings.max_message)
    return sent, question_of(sent.chat())
