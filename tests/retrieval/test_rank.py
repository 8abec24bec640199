from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.retrieval import RankingWeights, rank
from rag.types import Mode, Ranked, Signals, Vectors
from tests.retrieval.reference import WEIGHTS, reference, scores_of
from tests.retrieval.views import Item, PlainView, dot

SUBJECTS = ["sciatica", "migraine", "wrist", "splint"]
QUESTION = "What helps sciatica, migraine or a wrist?"
VECTOR: Vectors = np.array([1.0, 0.0], np.float32)
NO_VECTOR: Vectors = np.full(2, np.nan, np.float32)


def toward(cosine: float) -> Vectors:
    """A unit vector with this cosine to `VECTOR`."""
    return np.array([cosine, math.sqrt(1 - cosine**2)], np.float32)


def item(
    cosine: float, heading: float = 0.0, body: str = "", title: str = "", section: int | None = None
) -> Item:
    """A passage with these cosines to the question; in a section of its own unless one is named."""
    fields = {"title": title.split(), "heading": [], "body": body.split()}
    return Item(-1 if section is None else section, toward(cosine), toward(heading), fields)


def view_of(*items: Item) -> PlainView:
    """A view of passages in rows from 10 on, with gaps."""
    rows = range(10, 10 + 7 * len(items), 7)
    found = {}
    for row, one in zip(rows, items, strict=True):
        section = row if one.section == -1 else one.section
        found[row] = Item(section, one.passage, one.heading, one.fields)
    return PlainView(found)


def ranked(
    *items: Item, mode: Mode = Mode.HYBRID, weights: RankingWeights = WEIGHTS
) -> list[Ranked]:
    return rank(view_of(*items), QUESTION, VECTOR, mode, weights)


def test_scores_are_a_weighted_sum_of_standard_scores() -> None:
    """Of cosines .9, .5 and .1 with headings .2, .2 and .8, and of words found 0, 2 and 1 times."""
    found = ranked(
        item(0.9, 0.2),
        item(0.5, 0.2, "sciatica sciatica"),
        item(0.1, 0.8, "migraine"),
        weights=RankingWeights(heading=0.5, dense=0.75),
    )
    # Cosines 1.0, 0.6, 0.5: mean .7, deviation .2160; words 0, 2, 1: mean 1, deviation .8165.
    expected = {
        10: 0.75 * 0.3 / 0.21602 - 0.25 * 1 / 0.81650,
        17: 0.75 * -0.1 / 0.21602 + 0.25 * 1 / 0.81650,
        24: 0.75 * -0.2 / 0.21602,
    }

    assert pytest.approx(expected, abs=1e-4) == scores_of(found)
    assert [10, 17, 24] == [one.row for one in found]


def test_signals_are_absolute() -> None:
    items = [item(0.9, 0.2), item(0.5, -0.3, "sciatica")]
    by_row = {one.row: one.signals for one in ranked(*items)}

    assert pytest.approx([0.9, 0.2, 0.0]) == listed(by_row[10])
    assert pytest.approx([0.5, -0.3, 1.0]) == listed(by_row[17])


def listed(signals: Signals) -> list[float | None]:
    return [signals.dense, signals.heading, signals.lexical]


def test_dense_ranking_looks_at_cosines_alone() -> None:
    items = [item(0.4, 0.5), item(0.6, 0.0, "sciatica sciatica"), item(0.1, 0.1)]
    found = ranked(*items, mode=Mode.DENSE)

    assert pytest.approx({10: 0.65, 17: 0.6, 24: 0.15}) == scores_of(found)
    assert [10, 17, 24] == [one.row for one in found]
    assert {None} == {one.signals.lexical for one in found}


def test_lexical_ranking_looks_at_words_alone() -> None:
    view = view_of(item(0.9), item(0.1, body="migraine"), item(0.1, body="wrist wrist"))
    found = rank(view, QUESTION, NO_VECTOR, Mode.LEXICAL)

    expected = [Ranked(24, 2.0, Signals(lexical=2.0)), Ranked(17, 1.0, Signals(lexical=1.0))]
    assert expected == found


def test_a_passage_that_only_its_words_find_has_its_true_cosines() -> None:
    near = [item(0.9, 0.9), item(0.8, 0.8)]
    found = ranked(*near, item(-0.25, -0.5, "sciatica"), weights=RankingWeights(candidates=1))
    by_row = {one.row: one.signals for one in found}

    assert {10, 24} == set(by_row)
    assert pytest.approx([-0.25, -0.5, 1.0]) == listed(by_row[24])


def test_bm25_is_zero_where_a_passage_is_not_among_the_best_for_its_words() -> None:
    """Though it has one of them."""
    found = ranked(
        item(0.9, body="sciatica"),
        item(0.1, body="sciatica sciatica"),
        weights=RankingWeights(candidates=1),
    )

    assert {10: 0.0, 17: 2.0} == {one.row: one.signals.lexical for one in found}


def test_the_passages_of_a_section_with_a_near_heading_are_candidates() -> None:
    shared = [item(-0.5, 0.9, section=1), item(-0.6, 0.9, section=1)]
    found = ranked(item(0.9), *shared, item(-0.7), weights=RankingWeights(candidates=2))

    assert {10, 17, 24} == {one.row for one in found}


def test_a_candidate_of_every_kind_is_ranked_once() -> None:
    assert [10] == [one.row for one in ranked(item(0.9, 0.9, "sciatica", "migraine"))]


@pytest.mark.parametrize("mode", Mode)
def test_an_empty_view_gives_nothing(mode: Mode) -> None:
    assert [] == ranked(mode=mode)


def test_where_no_word_is_found_lexical_ranking_gives_nothing() -> None:
    assert [] == ranked(item(0.9), item(0.8), mode=Mode.LEXICAL)


@pytest.mark.parametrize("mode", Mode)
def test_equal_passages_are_ranked_by_row(mode: Mode) -> None:
    same = [item(0.5, 0.5, "sciatica") for _ in range(5)]

    assert [10, 17, 24, 31, 38] == [one.row for one in ranked(*same, mode=mode)]


def test_a_signal_that_is_the_same_for_all_decides_nothing() -> None:
    found = ranked(item(0.5, body="wrist"), item(0.5), item(0.5, body="wrist wrist"))
    alone = [(1 - WEIGHTS.dense) * z for z in (0.0, -math.sqrt(1.5), math.sqrt(1.5))]

    assert [24, 10, 17] == [one.row for one in found]
    assert pytest.approx(dict(zip((10, 17, 24), alone, strict=True))) == scores_of(found)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_passages_that_do_not_differ_score_zero(size: int) -> None:
    found = ranked(*[item(0.3, 0.7, "wrist") for _ in range(size)])

    assert [0.0] * size == [one.score for one in found]


def test_equal_bm25_scores_of_any_value_score_zero() -> None:
    """An index gives them in single precision, which hides it; a view need not."""
    same = Item(1, toward(0.5), toward(0.0), {"title": [], "heading": ["wrist"], "body": []})

    for size in range(1, 12):
        assert [0.0] * size == [one.score for one in ranked(*[same] * size)]


# Cosines far enough apart that rounding decides nothing.
COSINES = st.integers(-8, 8).map(lambda n: n / 8)
WORDS = st.lists(st.sampled_from([*SUBJECTS, "pain"]), max_size=4).map(" ".join)
ITEMS = st.builds(item, COSINES, COSINES, WORDS, WORDS)


@settings(deadline=None)
@given(st.lists(ITEMS, max_size=20), st.sampled_from(Mode))
def test_ranking_is_what_looking_at_every_passage_gives(items: list[Item], mode: Mode) -> None:
    view = view_of(*items)
    found = rank(view, QUESTION, VECTOR, mode)
    expected = reference(view, view.items, QUESTION, VECTOR, mode)

    assert pytest.approx(expected, abs=1e-5) == scores_of(found)
    assert sorted(found, key=lambda one: (-one.score, one.row)) == found


@settings(deadline=None)
@given(st.lists(ITEMS, max_size=20), st.integers(1, 6))
def test_every_signal_is_that_of_its_passage_however_it_was_found(
    items: list[Item], candidates: int
) -> None:
    view = view_of(*items)
    for one in rank(view, QUESTION, VECTOR, weights=RankingWeights(candidates=candidates)):
        held = view.items[one.row]
        assert pytest.approx(dot(held.passage, VECTOR)) == one.signals.dense
        assert pytest.approx(dot(held.heading, VECTOR)) == one.signals.heading


def permuted(items: list[Item]) -> st.SearchStrategy[tuple[list[Item], list[int]]]:
    return st.tuples(st.just(items), st.permutations(range(len(items))))


def by_item(items: Sequence[Item], order: Sequence[int], mode: Mode) -> Mapping[int, float]:
    """The score of each item, by its place in `items`, in a corpus that has them in this order."""
    view = view_of(*(items[n] for n in order))
    places = dict(zip(view.items, order, strict=True))
    return {places[one.row]: one.score for one in rank(view, QUESTION, VECTOR, mode)}


@settings(deadline=None)
@given(st.lists(ITEMS, max_size=15).flatmap(permuted), st.sampled_from(Mode))
def test_the_order_of_the_corpus_changes_no_score(
    pair: tuple[Sequence[Item], Sequence[int]], mode: Mode
) -> None:
    items, order = pair
    straight = by_item(items, range(len(items)), mode)
    shuffled = by_item(items, order, mode)

    assert pytest.approx(straight, abs=1e-5) == shuffled
