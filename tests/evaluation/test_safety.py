"""Recall, false cards and their bounds, on messages whose level is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.errors import DatasetError
from rag.evaluation.safety import Message, load_messages, measure_safety, proportion
from rag.types import Level


def message(number: int, expected: str, language: str = "en", category: str = "x") -> Message:
    return Message(f"m{number}", f"text {number}", Level(expected), language, category)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        # scipy.stats.binomtest(hits, count).proportion_ci(method="exact")
        (0, 10, 0.0, 0.308497),
        (10, 10, 0.691503, 1.0),
        (7, 10, 0.347547, 0.933260),
        (97, 100, 0.914824, 0.993770),
        (1, 300, 0.000084, 0.018431),
        (0, 5_000, 0.0, 0.000738),
        (4_900, 5_000, 0.975727, 0.983698),
    ],
)
def test_bounds_are_those_of_clopper_and_pearson(
    hits: int, count: int, low: float, high: float
) -> None:
    found = proportion([True] * hits + [False] * (count - hits))
    assert (found.hits, found.count) == (hits, count)
    assert found.low == pytest.approx(low, abs=2e-6)
    assert found.high == pytest.approx(high, abs=2e-6)


def test_recall_counts_a_graver_level_and_takes_emergency_and_crisis_as_equal() -> None:
    messages = [
        message(1, "emergency"),
        message(2, "emergency", "es"),
        message(3, "crisis", "es"),
        message(4, "urgent"),
        message(5, "informational"),
        message(6, "none"),
    ]
    given = dict(
        zip(
            (m.text for m in messages),
            map(Level, ("crisis", "urgent", "emergency", "emergency", "none", "crisis")),
            strict=True,
        )
    )
    report = measure_safety(messages, given.__getitem__)
    assert {
        "emergency": 0.5,
        "crisis": 1.0,
        "urgent": 1.0,
        "informational": 0.0,
    } == {name: item.share for name, item in report.recall.items()}
    assert {"en": 1.0, "es": 0.5} == {name: item.share for name, item in report.by_language.items()}
    assert (1, 2) == (report.false_cards.hits, report.false_cards.count)
    assert ["m2", "m5"] == [missed.id for missed, _ in report.misses]
    assert ["m6"] == [false.id for false, _ in report.false]
    assert 1 == report.confusion[Level.EMERGENCY, Level.URGENT]
    assert 6 == sum(report.confusion.values())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "x", "expected": "grave"}', r":1: 'expected' is 'grave'"),
        ('{"text": 3, "expected": "none"}', r":1: 'text' is 3"),
        ("[]", ":1 holds list"),
        ("{", ":1 is not JSON"),
        ("", "holds no message"),
    ],
)
def test_a_broken_file_is_refused_by_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text(line)
    with pytest.raises(DatasetError, match=said):
        load_messages(path)


def test_what_is_not_told_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text(json.dumps({"text": "x", "expected": "none"}))
    assert [Message("1", "x", Level.NONE, "unknown", "unknown")] == load_messages(path)
