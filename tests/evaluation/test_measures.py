"""Measures agree with hand-made values and with trec_eval itself."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.evaluation import MEASURES, Estimate, measure, measure_queries, rank
from rag.types import Qrels, Run

DOCUMENTS = [f"d{number:02}" for number in range(14)]
# Few distinct scores make ties; the last two differ as 64-bit floats and are equal as 32-bit ones.
SCORES = st.sampled_from([-1.0, 0.0, 0.5, 0.1, 0.1 + 1e-12])
RESULTS = st.dictionaries(st.sampled_from(DOCUMENTS), SCORES)
GRADES = st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 3), min_size=1)
QUERY_IDS = st.sampled_from(["q1", "q2", "q3", "q4"])
RUNS = st.dictionaries(QUERY_IDS, RESULTS)
QRELS = st.dictionaries(QUERY_IDS, GRADES).map(lambda qrels: {"q0": {"d00": 3}} | qrels)


def values(qrels: Qrels, run: Run, relevant: int = 1) -> dict[str, float]:
    """Each measure of the one query `q`."""
    return {name: found["q"] for name, found in measure_queries(qrels, run, relevant).items()}


def trec_eval(qrels: Qrels, run: Run, relevant: int) -> dict[str, dict[str, float]]:
    asked = {"ndcg_cut.10", "recall.10,100"}
    evaluator: Any = pytrec_eval.RelevanceEvaluator(qrels, asked, relevance_level=relevant)
    found: dict[str, dict[str, float]] = evaluator.evaluate(run)
    return found


def first_relevant(qrels: Qrels, run: Run, relevant: int) -> dict[str, float]:
    """trec_eval's reciprocal rank, zero beyond rank 10."""
    evaluator: Any = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}, relevance_level=relevant)
    found = {query: value["recip_rank"] for query, value in evaluator.evaluate(run).items()}
    return {query: value if value >= 1 / 10 else 0.0 for query, value in found.items()}


def test_a_graded_ranking_has_the_values_worked_out_by_hand() -> None:
    qrels = {"q": {"a": 3, "b": 1, "c": 0, "e": 2}}
    run = {"q": {"x": 5.0, "b": 4.0, "a": 3.0, "c": 2.0}}
    gain = 1 / math.log2(3) + 3 / math.log2(4)
    ideal = 3 + 2 / math.log2(3) + 1 / math.log2(4)
    assert values(qrels, run) == pytest.approx(
        {"nDCG@10": gain / ideal, "R@10": 2 / 3, "R@100": 2 / 3, "RR@10": 1 / 2, "Judged@10": 3 / 4}
    )


def test_a_higher_grade_asked_for_changes_recall_and_reciprocal_rank_but_not_ndcg() -> None:
    qrels = {"q": {"a": 3, "b": 1, "c": 0, "e": 2}}
    run = {"q": {"x": 5.0, "b": 4.0, "a": 3.0, "c": 2.0}}
    strict = values(qrels, run, relevant=2)
    assert strict["nDCG@10"] == values(qrels, run)["nDCG@10"]
    assert strict["R@10"] == pytest.approx(1 / 2)
    assert strict["RR@10"] == pytest.approx(1 / 3)
    assert strict["Judged@10"] == pytest.approx(3 / 4)


def test_gain_is_linear() -> None:
    found = values({"q": {"a": 1, "b": 3}}, {"q": {"a": 2.0, "b": 1.0}})
    assert found["nDCG@10"] == pytest.approx((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))


def test_results_with_one_score_rank_by_document_id_descending() -> None:
    run = {"q": {"a": 1.0, "b": 1.0, "c": 1.0}}
    assert values({"q": {"c": 1}}, run)["RR@10"] == 1
    assert values({"q": {"a": 1}}, run)["RR@10"] == pytest.approx(1 / 3)
    assert values({"q": {"a": 1}}, run)["nDCG@10"] == pytest.approx(1 / math.log2(4))


def test_every_measure_cuts_ties_at_rank_ten_alike() -> None:
    run = {"q": {f"d{number:02}": 1.0 for number in range(11)}}
    last = values({"q": {"d00": 1}}, run)
    assert last == {"nDCG@10": 0, "R@10": 0, "R@100": 1, "RR@10": 0, "Judged@10": 0}
    tenth = values({"q": {"d01": 1}}, run)
    assert tenth == pytest.approx(
        {"nDCG@10": 1 / math.log2(11), "R@10": 1, "R@100": 1, "RR@10": 0.1, "Judged@10": 0.1}
    )


def test_ids_rank_by_code_point_as_their_utf_8_bytes_do() -> None:
    assert rank({"z": 1.0, "é": 1.0, "Z": 1.0, "\U0001f600": 1.0, "": 1.0}) == [
        "\U0001f600",
        "é",
        "z",
        "Z",
        "",
    ]


def test_scores_count_as_32_bit_floats() -> None:
    assert rank({"a": 1.0 + 1e-12, "b": 1.0}) == ["b", "a"]
    assert rank({"a": 1.0 + 1e-6, "b": 1.0}) == ["a", "b"]
    assert rank({"a": 1e300, "b": 1e301, "c": -math.inf}) == ["b", "a", "c"]


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"Document 'b' has the score NaN"):
        measure({"q": {"a": 1}}, {"q": {"a": 1.0, "b": math.nan}})


def test_recall_at_100_counts_down_to_rank_100() -> None:
    run = {"q": {f"d{number:03}": -float(number) for number in range(1, 102)}}
    found = values({"q": {"d010": 1, "d011": 1, "d100": 1, "d101": 1}}, run)
    assert (found["R@10"], found["R@100"]) == (1 / 4, 3 / 4)


def test_a_query_without_results_counts_zero() -> None:
    qrels = {"q1": {"a": 1}, "q2": {"a": 1}, "q3": {"a": 1}}
    found = measure_queries(qrels, {"q1": {"a": 1.0}, "q2": {}})
    assert found == {name: {"q1": 1.0, "q2": 0.0, "q3": 0.0} for name in MEASURES}
    assert measure(qrels, {"q1": {"a": 1.0}})["RR@10"].mean == pytest.approx(1 / 3)


def test_queries_without_a_relevant_document_are_left_out() -> None:
    qrels = {"q1": {"a": 2}, "q2": {"a": 1}, "q3": {"a": 0}}
    run = {query: {"a": 1.0} for query in ("q1", "q2", "q3", "q4")}
    assert list(measure_queries(qrels, run)["R@10"]) == ["q1", "q2"]
    assert list(measure_queries(qrels, run, relevant=2)["Judged@10"]) == ["q1"]


def test_a_grade_below_zero_is_judged_but_neither_relevant_nor_a_loss() -> None:
    found = values({"q": {"a": 1, "spam": -2}}, {"q": {"spam": 2.0, "a": 1.0}})
    assert found["nDCG@10"] == pytest.approx(1 / math.log2(3))
    assert (found["RR@10"], found["Judged@10"]) == (0.5, 1.0)


@pytest.mark.parametrize("odd", ["a\0x", "\ud800", "a b", "'", ""])
def test_no_id_is_too_odd_to_be_measured(odd: str) -> None:
    found = values({"q": {odd: 1, "a\0y": 2}}, {"q": {odd: 2.0, "other": 1.0}})
    assert (found["RR@10"], found["R@10"]) == (1, 0.5)
    assert found["nDCG@10"] == pytest.approx(1 / (2 + 1 / math.log2(3)))


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(DatasetError, match=r"No query has a document of grade 2 or more"):
        measure({"q": {"a": 1}}, {"q": {"a": 1.0}}, relevant=2)
    with pytest.raises(ValueError, match=r"at least 1, not 0"):
        measure({"q": {"a": 1}}, {"q": {"a": 1.0}}, relevant=0)


def test_means_carry_their_interval() -> None:
    qrels = {f"q{number}": {"a": 1} for number in range(4)}
    run = {"q0": {"a": 1.0}, "q1": {"a": 1.0}, "q2": {"b": 1.0}}
    found = measure(qrels, run)
    assert tuple(found) == MEASURES
    assert found["R@10"] == Estimate(mean=0.5, low=0.0, high=1.0)


@settings(deadline=None)
@given(QRELS, RUNS, st.integers(1, 3))
def test_all_queries_agree_with_trec_eval(qrels: Qrels, run: Run, relevant: int) -> None:
    found = measure_queries(qrels, run, relevant)
    expected = trec_eval(qrels, run, relevant)
    ranks = first_relevant(qrels, run, relevant)
    for query in found["nDCG@10"]:
        values = expected.get(query, {})
        assert found["nDCG@10"][query] == pytest.approx(values.get("ndcg_cut_10", 0))
        assert found["R@10"][query] == pytest.approx(values.get("recall_10", 0))
        assert found["R@100"][query] == pytest.approx(values.get("recall_100", 0))
        assert found["RR@10"][query] == pytest.approx(ranks.get(query, 0))


@settings(deadline=None)
@given(QRELS, RUNS, st.integers(1, 3))
def test_every_value_lies_between_zero_and_one(qrels: Qrels, run: Run, relevant: int) -> None:
    found = measure_queries(qrels, run, relevant)
    relevant_queries = {
        query for query, grades in qrels.items() if max(grades.values()) >= relevant
    }
    for name in MEASURES:
        assert relevant_queries == set(found[name])
        assert all(0 <= value <= 1 for value in found[name].values())


@settings(deadline=None)
@given(QRELS, RUNS, st.randoms(use_true_random=False))
def test_the_order_of_queries_and_results_does_not_matter(
    qrels: Qrels, run: Run, random: Random
) -> None:
    def shuffled(outer: dict[str, Any]) -> dict[str, Any]:
        inner = [(key, list(value.items())) for key, value in outer.items()]
        random.shuffle(inner)
        return {key: dict(random.sample(items, len(items))) for key, items in inner}

    assert measure_queries(qrels, run) == measure_queries(shuffled(qrels), shuffled(run))


@settings(deadline=None)
@given(RUNS)
def test_what_was_given_is_left_as_it_was(run: Run) -> None:
    before = {query: dict(results) for query, results in run.items()}
    qrels = {"q1": {"d01": 1}}
    measure_queries(qrels, run)
    assert (qrels, run) == ({"q1": {"d01": 1}}, before)
