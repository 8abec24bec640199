"""The text that a reader of a dialect sees, and where in it the citations are marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from flask import request

from rag.answering import answer_text, place_of_markers
from rag.rendering import Body
from rag.types import Statement

_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker `[n]` at start:end of a visible text (code points, end exclusive).

    citation: as in the body of /v1/chat; url: where it leads, never empty.
    """

    start: int
    end: int
    citation: Body
    url: str


@dataclass(frozen=True, slots=True)
class Visible:
    """The parts of a visible text in order, and the markers in the whole of it."""

    parts: tuple[str, ...]
    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return _BETWEEN.join(self.parts)

    def after(self, said: str) -> list[str]:
        """What follows `said`, with which the text begins, in the pieces that a stream sends."""
        *_, disclaimer = self.parts
        rest = self.text.removeprefix(said).removesuffix(disclaimer)
        return [piece for piece in (rest, disclaimer) if piece]


def opening_text(opening: Body) -> str:
    """What a visible text begins with, known before the answer is: the gate's notice, if any."""
    return opening["safety"]["notice"] or ""


def visible(body: Body, site_url: str) -> Visible:
    """Notice, text and disclaimer of an answer; a card's text is its notice, and is said once.

    site_url: where articles without an address of their own are shown, as `…/articles/{id}`.
    """
    notice = opening_text(body)
    before = (notice,) if notice and notice != body["text"] else ()
    parts = (*before, body["text"], body["disclaimer"]["text"])
    start = sum(len(part) + len(_BETWEEN) for part in before)
    return Visible(parts, tuple(_marks(body, start, site_url)))


def site_url() -> str:
    """The address that the request at hand came to, without a path."""
    return request.url_root.rstrip("/")


def _marks(body: Body, start: int, site_url: str) -> Iterator[Mark]:
    """The markers of the statements, with which the answer's text ends."""
    cited = {citation["number"]: citation for citation in body["citations"]}
    statements = [Statement(s["text"], tuple(s["citations"])) for s in body["statements"]]
    position = start + len(body["text"]) - len(answer_text(statements))
    for statement in statements:
        position += place_of_markers(statement.text)
        for number in statement.citations:
            end = position + len(f" [{number}]")
            yield Mark(position + 1, end, cited[number], _address(cited[number], site_url))
            position = end
        # What is left of the statement, and the space after it.
        position += len(statement.text) - place_of_markers(statement.text) + 1


def _address(citation: Body, site_url: str) -> str:
    """Where a citation leads; without an address of its own, to the quote on our page of it."""
    linked = citation["deep_link"] or citation["url"]
    if linked:
        return str(linked)
    page = f"{site_url}/articles/{quote(citation['article_id'], safe='')}"
    span = f"{citation['start']}-{citation['end']}"
    return f"{page}?version={citation['article_version']}&quote={span}#quote"
