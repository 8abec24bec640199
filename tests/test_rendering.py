from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from rag.rendering import answer_body, search_body
from rag.types import (
    Answer,
    Found,
    Hit,
    Level,
    Outcome,
    Passage,
    Question,
    Reason,
    Safety,
    SearchResults,
    Signals,
    Suggestion,
)
from tests.doubles import EMERGENCY_CONTACT, SCRIPTED_ARTICLE, answered, citation_of

TODAY = date(2026, 2, 1)


def _answer() -> Answer:
    return answered("Most back pain gets better within a few weeks.")(Question("pain"))


@pytest.mark.parametrize(
    ("next_review", "overdue"),
    [(None, False), ("2026-01-31", True), ("2026-02-01", False), ("2026-02-02", False)],
)
def test_an_article_is_overdue_from_the_day_after_its_next_review(
    next_review: str | None, overdue: bool
) -> None:
    article = replace(SCRIPTED_ARTICLE, next_review=next_review)
    citation = citation_of(article, 1, "Go for short walks.")
    body = answer_body(replace(_answer(), citations=(citation,)), None, TODAY)
    assert body["citations"][0]["overdue"] is overdue


def test_an_abstention_keeps_every_field_and_no_list_is_null() -> None:
    answer = replace(
        _answer(),
        outcome=Outcome.ABSTAINED,
        reason=Reason.NO_ARTICLE,
        statements=(),
        citations=(),
        suggestions=(Suggestion("article", "Back pain", "back-pain", None),),
        generation=None,
    )
    body = answer_body(answer, None, TODAY)
    assert set(body) == set(answer_body(_answer(), None, TODAY))
    assert (body["statements"], body["citations"]) == ([], [])
    assert (body["reason"], body["generation"]) == ("no_article", None)
    assert body["suggestions"] == [
        {"kind": "article", "text": "Back pain", "article_id": "back-pain", "url": None}
    ]


def test_contacts_have_every_field_of_the_contract() -> None:
    safety = Safety(Level.EMERGENCY, "cardiac", "Call now.", (EMERGENCY_CONTACT,))
    body = answer_body(replace(_answer(), safety=safety), None, TODAY)
    assert body["safety"] == {
        "level": "emergency",
        "category": "cardiac",
        "notice": "Call now.",
        "contacts": [
            {
                "kind": "emergency",
                "label": "Emergency services",
                "number": "112",
                "href": "tel:112",
                "hours": "24 hours",
                "country": None,
                "status": "unverified",
            }
        ],
    }


def test_an_article_without_an_address_links_to_the_public_one() -> None:
    citation = citation_of(replace(SCRIPTED_ARTICLE, url=None), 1, "Use a heat pack.")
    answer = replace(_answer(), citations=(citation,))
    linked = answer_body(answer, "https://ask.example", TODAY)["citations"][0]
    unlinked = answer_body(answer, None, TODAY)["citations"][0]
    assert linked["url"] is None
    assert (
        linked["deep_link"]
        == "https://ask.example/articles/back-pain#:~:text=Use%20a%20heat%20pack."
    )
    assert unlinked["deep_link"] is None


def test_scores_are_plain_rounded_numbers() -> None:
    passage = Passage("p", "back-pain", "0" * 16, "What helps", 0, 46)
    signals = Signals(dense=float(np.float32(0.1)), heading=None, lexical=2.0)
    hit = Hit(passage, np.float32(0.1), signals)  # type: ignore[arg-type] # as NumPy gives it
    body = search_body(SearchResults(1, (Found(hit, SCRIPTED_ARTICLE, "text"),)))
    assert json.loads(json.dumps(body))["hits"][0]["score"] == 0.1
    assert body["hits"][0]["signals"] == {"dense": 0.1, "heading": None, "lexical": 2.0}
