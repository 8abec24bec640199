"""Measure the safety gate and the limits on the project's own messages.

    python -m tests.safety.measuring [--lower]

measures and raises the floors in floors.json; with --lower it may also lower them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rag.answering import refusal
from rag.embedding import find_model, prepare_question_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.evaluation import digest_files, update
from rag.evaluation.safety import load_messages, measure_safety
from rag.protocols import Encoder
from rag.safety import load_gate
from rag.settings import load_settings
from rag.types import Level

FOLDER = Path(__file__).parent
FLOORS = FOLDER / "floors.json"
SETS = ("seen", "unread", "unread-2")
LIMITS = ("limits-seen", "limits-unread", "limits-unread-2")


def measure(encoder: Encoder) -> dict[str, float]:
    """Shares by set; higher is better for all of them. The encoder is the default model's."""
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
        limited = [is_held_back(encoder, row["text"]) for row in rows]
        wanted = [row["expected"] == "limited" for row in rows]
        for expected, told in ((True, "limited or with a card"), (False, "ordinary")):
            right = [a == b for a, b in zip(limited, wanted, strict=True) if b == expected]
            measures[f"{name}: {told}"] = sum(right) / len(right)
    return measures


def data_digest() -> str:
    """Names the messages that floors hold for."""
    return digest_files(FOLDER, [FOLDER / f"{name}.jsonl" for name in (*SETS, *LIMITS)])


def is_held_back(encoder: Encoder, text: str) -> bool:
    """Whether a message gets a limit or a card; a language that is not spoken has no vector."""
    gate = load_gate()
    if gate.limit(text) or gate.judge(text).level in (Level.EMERGENCY, Level.CRISIS):
        return True
    if refusal(text):
        return False
    return gate.limit_by_meaning(encoder.encode([text])[0], encoder.info.digest) is not None


def _lines(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def main() -> None:
    """Measure, and write the floors."""
    encoders = load_settings()[0].cache_folder / "encoders"
    measures = measure(prepare_question_encoder(find_model(DEFAULT_MODEL), encoders, None))
    update(FLOORS, measures, data_digest(), lower="--lower" in sys.argv)
    sys.stdout.write(json.dumps(measures, indent=2) + "\n")


if __name__ == "__main__":
    main()
