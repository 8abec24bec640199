"""Coverage, false answers and the risk over thresholds have the values worked out by hand."""

from __future__ import annotations

import math
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.evaluation import accepted_share, aurc, excess_aurc, measure_support

SCORES = st.lists(st.sampled_from([-math.inf, -1.0, 0.0, 0.25, 0.5, 2.0]), min_size=1, max_size=12)


def test_a_score_at_the_threshold_is_accepted() -> None:
    assert accepted_share([0.9, 0.5, 0.49, 0.1], 0.5) == 0.5


def test_a_question_refused_whatever_its_score_is_never_accepted() -> None:
    assert accepted_share([-math.inf, 0.0], -math.inf) == 0.5


def test_risk_is_averaged_over_the_threshold_of_each_question() -> None:
    # Accepted from the top: good, bad, good, bad; the share of bad is 0, 1/2, 1/3, 1/2.
    assert aurc([0.9, 0.5], [0.7, 0.1]) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equal_scores_are_accepted_together() -> None:
    # At 0.9 one good; at 0.5 all four, which holds for the three questions there.
    assert aurc([0.9, 0.5], [0.5, 0.5]) == pytest.approx((0 + 3 * 2 / 4) / 4)


def test_a_perfect_ranking_has_no_excess_and_the_worst_the_most() -> None:
    assert aurc([4, 3], [2, 1]) == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)
    assert excess_aurc([4, 3], [2, 1]) == 0
    worst = (1 + 1 + 2 / 3 + 1 / 2) / 4
    assert excess_aurc([2, 1], [4, 3]) == pytest.approx(worst - (1 / 3 + 1 / 2) / 4)


def test_refused_questions_set_no_threshold() -> None:
    assert aurc([0.9, -math.inf], [0.5, -math.inf]) == pytest.approx((0 + 1 / 2) / 2)
    assert aurc([-math.inf], [-math.inf]) == 0


def test_a_report_holds_all_of_it() -> None:
    found = measure_support([0.9, 0.5, 0.2], [0.7, 0.1], 0.5)
    assert asdict(found) == pytest.approx(
        {
            "answerable": 3,
            "unanswerable": 2,
            "coverage": 2 / 3,
            "false_answers": 1 / 2,
            "aurc": (0 + 1 / 2 + 1 / 3 + 1 / 4 + 2 / 5) / 5,
            "excess_aurc": (1 / 2 + 1 / 3) / 5,
            "threshold": 0.5,
        }
    )


@pytest.mark.parametrize(("answerable", "unanswerable"), [([], [0.1]), ([0.1], [])])
def test_both_kinds_of_questions_are_needed(
    answerable: list[float], unanswerable: list[float]
) -> None:
    with pytest.raises(DatasetError, match="no question to score"):
        measure_support(answerable, unanswerable, 0.5)


@given(SCORES, SCORES)
def test_risk_agrees_with_its_definition(
    answerable: list[float], unanswerable: list[float]
) -> None:
    thresholds = [score for score in answerable + unanswerable if score > -math.inf]
    risks = [
        sum(score >= threshold for score in unanswerable)
        / sum(score >= threshold for score in answerable + unanswerable)
        for threshold in thresholds
    ]
    assert aurc(answerable, unanswerable) == pytest.approx(
        sum(risks) / len(risks) if risks else 0.0
    )


@given(SCORES, SCORES)
def test_no_ranking_beats_the_perfect_one(
    answerable: list[float], unanswerable: list[float]
) -> None:
    assert excess_aurc(answerable, unanswerable) >= -1e-12


@given(SCORES, SCORES)
def test_only_the_order_of_scores_counts(
    answerable: list[float], unanswerable: list[float]
) -> None:
    assert aurc(answerable, unanswerable) == pytest.approx(
        aurc([3 * score + 1 for score in answerable], [3 * score + 1 for score in unanswerable])
    )
