"""How the gate would do with a classifier that had not seen the messages it is asked about.

    python -m tests.safety.crossvalidation

Trains on four fifths of the training messages and asks about the fifth, five times. The rules were
mended with the same messages, so their part of it is told too well: unread.jsonl tells more.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import replace

from rag.evaluation.safety import Message, Proportion, measure_safety
from rag.safety import load_gate
from rag.safety.classifier import load_classifier
from rag.types import Level
from tests.safety.training import messages, trained

_FOLDS = 5


def main() -> None:
    """Print recall and false cards, of messages written about grave things and of ordinary ones."""
    rows = messages()
    levels: dict[str, Level] = {}
    for fold in range(_FOLDS):
        kept = [row for number, row in enumerate(rows) if number % _FOLDS != fold]
        raw, description = trained(kept)
        classifier = load_classifier(raw, tomllib.loads(description))
        gate = replace(load_gate(), classifier=classifier)
        levels |= {
            row["text"]: gate.judge(row["text"]).level
            for number, row in enumerate(rows)
            if number % _FOLDS == fold
        }
    ordinary = [row for row in rows if row["id"].startswith("o")]
    told = {
        "about grave things": [row for row in rows if not row["id"].startswith("o")],
        "ordinary": ordinary,
    }
    for name, of in told.items():
        report = measure_safety([_message(row) for row in of], levels.__getitem__)
        found = {
            "emergencies": _share(report.recall["emergency"]),
            "crises": _share(report.recall["crisis"]),
            "harmless with a card": _share(report.false_cards),
        }
        sys.stdout.write(f"{name}, {len(of)} messages: {json.dumps(found)}\n")


def _message(row: dict[str, str]) -> Message:
    level = Level(row["expected"])
    return Message(row["id"], row["text"], level, row["lang"], row["category"])


def _share(item: Proportion) -> str:
    return f"{item.share:.3f} of {item.count}" if item.count else "none"


if __name__ == "__main__":
    main()
