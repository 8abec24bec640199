"""The models of an answer and its parts, as /v1/chat gives it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rag.types import Level, Outcome, Reason
from rag.web.schemas.shape import ArticleId, Day, Generation, Offset, Shape, Version, WebAddress

CitationNumber = Annotated[int, Field(ge=1)]


class Disclaimer(Shape):
    """A text that tells readers what this service is not."""

    text: str = Field(description="The text to show; in an answer the short line.", min_length=1)
    version: str = Field(description="Of the wording; it changes with the wording.", min_length=1)
    locale: str = Field(description="The language that the text is in, as a BCP 47 tag.")


class Contact(Shape):
    """Whom to call or write to."""

    kind: Literal["emergency", "crisis", "poison", "advice"] = Field(description="What it is for.")
    label: str = Field(description="Its name, to be shown.")
    number: str = Field(description="The number or address, to be shown.")
    href: str = Field(
        description="The same as a link: tel:, sms: or https:.", pattern="^(tel:|sms:|https:)"
    )
    hours: str | None = Field(description="When somebody answers, or null if unknown.")
    country: str | None = Field(
        description="The country it serves (ISO 3166-1), or null if it holds in many."
    )
    status: Literal["verified", "unverified"] = Field(
        description="Whether a person has checked it against its source."
    )


class Safety(Shape):
    """How urgent the message is, and what to show because of it."""

    level: Level = Field(
        description="From none to emergency; with crisis or emergency the card is the answer."
    )
    category: str | None = Field(description="What it is about, or null.")
    notice: str | None = Field(description="What to show before everything else, or null.")
    contacts: list[Contact] = Field(description="Whom to call, in the order to show.")


class AnswerStatement(Shape):
    """One statement of an answer: exactly its quotes, joined by a space."""

    text: str = Field(description="What it says, white space collapsed.", min_length=1)
    citations: list[CitationNumber] = Field(
        description="The numbers of its citations, in order.", min_length=1
    )


class AnswerCitation(Shape):
    """A quote, and where it stands. The quote is text[start:end] of that article version."""

    number: CitationNumber = Field(description="Counts from 1 by first use.")
    article_id: ArticleId = Field(description="Which article is quoted.")
    article_version: Version = Field(description="Which version of it.")
    title: str = Field(description="The article's title.")
    authors: list[str] = Field(description="Who wrote it.")
    publisher: str | None = Field(description="Who published it, or null.")
    url: WebAddress | None = Field(description="Where the publisher has it, or null.")
    deep_link: WebAddress | None = Field(
        description="The address that leads to the quote and highlights it, or null."
    )
    section: str | None = Field(description="The heading it stands under, or null.")
    published: Day | None = Field(description="When the article was published, or null.")
    reviewed: Day | None = Field(description="When it was last reviewed, or null.")
    next_review: Day | None = Field(description="When it is to be reviewed next, or null.")
    overdue: bool = Field(description="Whether that day has passed.")
    quote: str = Field(description="One or more neighbouring whole sentences.", min_length=1)
    start: Offset = Field(description="Where the quote begins, in code points.")
    end: Offset = Field(description="Where it ends, exclusive.")


class AnswerSuggestion(Shape):
    """Something to read or to ask next."""

    kind: Literal["article", "question"] = Field(description="What is suggested.")
    text: str = Field(description="A title, or a question.")
    article_id: ArticleId | None = Field(description="Which article, or null.")
    url: WebAddress | None = Field(description="Where the publisher has it, or null.")


class Answer(Shape):
    """An answer. Every field is always there."""

    id: str = Field(description="Of this answer, new each time.", pattern="^ans_[0-9a-z]+$")
    conversation_id: str | None = Field(description="As it was sent.")
    outcome: Outcome = Field(description="What kind of answer this is.")
    text: str = Field(
        description="The statements with their markers, as in … [1].; or a card or fixed sentence.",
        min_length=1,
    )
    statements: list[AnswerStatement] = Field(description="What is said, one quote or more each.")
    citations: list[AnswerCitation] = Field(description="Each is used by a statement.")
    safety: Safety = Field(description="The verdict of the safety gate.")
    disclaimer: Disclaimer = Field(description="To be shown with every answer.")
    reason: Reason | None = Field(description="Why the answer is limited or missing, or null.")
    suggestions: list[AnswerSuggestion] = Field(description="Where to go on from here.")
    generated_by: Literal["extractive"] = Field(description="Nothing but quotes.")
    generation: Generation | None = Field(
        description="Of the index that was asked, or null where none was needed."
    )


class StreamOpening(Shape):
    """The data of the event `open`, the first of a stream."""

    id: str = Field(description="Of the answer that follows.", pattern="^ans_[0-9a-z]+$")
    safety: Safety = Field(description="The verdict of the safety gate.")
    disclaimer: Disclaimer = Field(description="To be shown with the answer.")


class StreamedStatement(Shape):
    """The data of an event `statement`: one statement, and the citations that are new with it."""

    index: Annotated[int, Field(ge=0)] = Field(description="Counts from 0.")
    text: str = Field(description="What it says.", min_length=1)
    citations: list[CitationNumber] = Field(description="Their numbers.", min_length=1)
    new_citations: list[AnswerCitation] = Field(
        description="Those of them that no earlier event held."
    )
