"""What every SearchView must do, compared with looking at every passage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.retrieval import rank
from rag.types import Mode
from tests.retrieval.reference import reference, scores_of
from tests.retrieval.views import (
    ENCODER,
    Shelf,
    dot,
    index_shelf,
    plain_shelf,
    query_of,
    rows_with,
)

# An index may keep vectors in half precision.
NEAR = 2e-3
QUESTIONS = ["How long does sciatica last?", "a migraine", "splints for the wrist", "quinsy", "the"]


@pytest.fixture(scope="module", params=[plain_shelf, index_shelf])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    make: Callable[[Path], Shelf] = request.param
    return make(tmp_path_factory.mktemp("index"))


@pytest.fixture(params=QUESTIONS)
def question(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_view_holds_several_passages_of_a_section(shelf: Shelf) -> None:
    sections = [item.section for item in shelf.items.values()]

    assert 4 == len(set(sections))
    assert len(sections) > 5


@pytest.mark.parametrize("k", [1, 2, 4, 100])
def test_the_nearest_passages_come_best_first(shelf: Shelf, question: str, k: int) -> None:
    vector = ENCODER.encode([question])[0]
    every = sorted((dot(item.passage, vector) for item in shelf.items.values()), reverse=True)
    rows = shelf.view.nearest(vector, k).tolist()

    assert len(rows) == len(set(rows))
    assert pytest.approx(every[:k], abs=NEAR) == [
        dot(shelf.items[row].passage, vector) for row in rows
    ]


@pytest.mark.parametrize("k", [1, 2, 100])
def test_the_nearest_headings_give_all_passages_of_their_sections(
    shelf: Shelf, question: str, k: int
) -> None:
    vector = ENCODER.encode([question])[0]
    headings = {item.section: dot(item.heading, vector) for item in shelf.items.values()}
    best = sorted(headings, key=lambda section: -headings[section])[:k]
    expected = {row for row, item in shelf.items.items() if item.section in best}
    rows = shelf.view.nearest_by_heading(vector, k).tolist()

    assert len(rows) == len(set(rows))
    assert expected == set(rows)


def test_nothing_is_nearest_where_nothing_is_wanted(shelf: Shelf) -> None:
    vector = ENCODER.encode(["sciatica"])[0]

    assert [] == shelf.view.nearest(vector, 0).tolist()
    assert [] == shelf.view.nearest_by_heading(vector, 0).tolist()


def test_cosines_are_those_of_the_passages_asked_for_in_their_order(
    shelf: Shelf, question: str
) -> None:
    vector = ENCODER.encode([question])[0]
    rows = sorted(shelf.items, key=lambda row: (row % 2, -row))
    passages, headings = shelf.view.cosines(vector, np.array(rows, np.int64))

    expected = [dot(shelf.items[row].passage, vector) for row in rows]
    assert pytest.approx(expected, abs=NEAR) == passages.tolist()
    expected = [dot(shelf.items[row].heading, vector) for row in rows]
    assert pytest.approx(expected, abs=NEAR) == headings.tolist()


def test_cosines_of_no_passage_are_none(shelf: Shelf) -> None:
    passages, headings = shelf.view.cosines(ENCODER.encode(["a"])[0], np.empty(0, np.int64))

    assert ([], []) == (passages.tolist(), headings.tolist())


def test_words_find_every_passage_that_has_one_and_no_other(shelf: Shelf, question: str) -> None:
    found = shelf.view.lexical(query_of(question), 100)

    assert rows_with(shelf, question) == set(found)
    assert all(score > 0 for score in found.values())


@pytest.mark.parametrize("k", [1, 2, 3])
def test_words_find_no_more_than_asked_for_and_the_best_of_all(
    shelf: Shelf, question: str, k: int
) -> None:
    """Also where passages that have died had better ones."""
    every = shelf.view.lexical(query_of(question), 100)
    few = shelf.view.lexical(query_of(question), k)

    assert sorted(every.values(), reverse=True)[:k] == sorted(few.values(), reverse=True)
    assert few.items() <= every.items()


def test_no_words_find_nothing(shelf: Shelf) -> None:
    assert {} == shelf.view.lexical(query_of(""), 100)
    assert {} == shelf.view.lexical(query_of("zebra"), 100)


def test_a_word_of_the_title_finds_all_passages_of_an_article(shelf: Shelf) -> None:
    query = query_of("Carpal")

    assert 1 == len(shelf.view.lexical(query, 100))
    assert 2 == len(shelf.view.lexical(query_of("last"), 100))


@pytest.mark.parametrize("mode", Mode)
def test_an_article_that_is_gone_is_never_ranked(shelf: Shelf, mode: Mode) -> None:
    question = f"{shelf.gone.title} {shelf.gone.text}"
    ranked = rank(shelf.view, question, ENCODER.encode([question])[0], mode)

    assert {item.row for item in ranked} <= set(shelf.items)
    assert {item.row for item in ranked} >= rows_with(shelf, "sciatica migraine wrist")


@pytest.mark.parametrize("mode", Mode)
def test_ranking_over_a_view_is_what_looking_at_everything_gives(
    shelf: Shelf, question: str, mode: Mode
) -> None:
    vector = ENCODER.encode([question])[0]
    expected = reference(shelf.view, shelf.items, question, vector, mode)

    assert pytest.approx(expected, abs=0.03) == scores_of(rank(shelf.view, question, vector, mode))
