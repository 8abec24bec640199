"""ROUGE of selected sentences has the values worked out by hand."""

from __future__ import annotations

import pytest

from rag.errors import DatasetError
from rag.evaluation.answers import Prf, score_answers


def scores(found: Prf) -> tuple[float, float, float]:
    return found.precision, found.recall, found.f


def test_precision_is_of_the_selected_text_and_recall_of_the_reference() -> None:
    found = score_answers([("rest the knee today", "rest the knee")])
    assert scores(found["rouge1"]) == pytest.approx((3 / 4, 1, 6 / 7))
    assert scores(found["rouge2"]) == pytest.approx((2 / 3, 1, 4 / 5))


def test_the_longest_common_subsequence_keeps_the_order() -> None:
    found = score_answers([("the knee rest now", "rest the knee")])
    assert found["rouge1"].recall == pytest.approx(1)
    assert scores(found["rougeL"]) == pytest.approx((2 / 4, 2 / 3, 4 / 7))


def test_words_meet_by_their_stems() -> None:
    found = score_answers([("Stretching helped.", "stretches help")])
    assert found["rouge2"] == Prf(1, 1, 1)


def test_scores_are_means_over_questions() -> None:
    found = score_answers([("heel", "heel"), ("heel", "heel bone"), ("", "heel bone")])
    assert scores(found["rouge1"]) == pytest.approx((2 / 3, (1 + 1 / 2) / 3, (1 + 2 / 3) / 3))


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(DatasetError, match="no question to score"):
        score_answers([])
