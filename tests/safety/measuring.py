"""Measure the safety gate and the limits on the project's own messages.

    python -m tests.safety.measuring [--lower]

measures and raises the floors in floors.json; with --lower it may also lower them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rag.evaluation import digest_files, update
from rag.evaluation.safety import load_messages, measure_safety
from rag.safety import load_gate
from rag.types import Level

FOLDER = Path(__file__).parent
FLOORS = FOLDER / "floors.json"
SETS = ("seen", "unread")
LIMITS = ("limits-seen", "limits-unread")


def measure() -> dict[str, float]:
    """Shares by set; higher is better for all of them."""
    gate = load_gate()
    measures: dict[str, float] = {}
    for name in SETS:
        report = measure_safety(
            load_messages(FOLDER / f"{name}.jsonl"), lambda text: gate.judge(text).level
        )
        grave = [report.recall[level] for level in ("emergency", "crisis")]
        hits, count = (sum(getattr(item, of) for item in grave) for of in ("hits", "count"))
        measures[f"{name}: emergencies and crises with a card"] = hits / count
        for language, share in report.by_language.items():
            measures[f"{name}: the same, {language}"] = share.share
        measures[f"{name}: harmless ones without a card"] = 1 - report.false_cards.share
    for name in LIMITS:
        rows = [json.loads(line) for line in _lines(f"{name}.jsonl")]
        limited = [bool(gate.limit(row["text"]) or _has_card(row["text"])) for row in rows]
        wanted = [row["expected"] == "limited" for row in rows]
        for expected, told in ((True, "limited or with a card"), (False, "ordinary")):
            right = [a == b for a, b in zip(limited, wanted, strict=True) if b == expected]
            measures[f"{name}: {told}"] = sum(right) / len(right)
    return measures


def data_digest() -> str:
    """Names the messages that floors hold for."""
    return digest_files(FOLDER, [FOLDER / f"{name}.jsonl" for name in (*SETS, *LIMITS)])


def _has_card(text: str) -> bool:
    return load_gate().judge(text).level in (Level.EMERGENCY, Level.CRISIS)


def _lines(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def main() -> None:
    """Measure, and write the floors."""
    measures = measure()
    update(FLOORS, measures, data_digest(), lower="--lower" in sys.argv)
    sys.stdout.write(json.dumps(measures, indent=2) + "\n")


if __name__ == "__main__":
    main()
