"""What of a question is looked for, and in which field."""

from __future__ import annotations

from rag.text import content_words, words
from rag.types import LexicalQuery

# A title match says most about what a passage is about. Tuned on three question sets together;
# the ranking is flat around these values.
FIELD_WEIGHTS = {"title": 1.0, "heading": 0.6, "body": 1.0}


def lexical_query(question: str) -> LexicalQuery:
    """All words are looked for in titles and headings, but only those with content in bodies.

    A title such as "What is …?" shares its form with a question; a body shares it with all.
    """
    every = words(question)
    return LexicalQuery(
        words={"title": every, "heading": every, "body": content_words(question)},
        weights=FIELD_WEIGHTS,
    )
