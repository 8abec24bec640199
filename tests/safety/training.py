"""Train the classifier of the safety gate on the messages in training/ and seen.jsonl.

    python -m tests.safety.training

writes rag/safety/data/classifier.bin and classifier.toml. The same messages give the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.safety.classifier import BUCKETS, Buckets, features, notes
from rag.safety.frames import apply_frames
from rag.safety.lexicon import Lexicon, build_lexicon
from rag.safety.reading import read
from rag.safety.tables import load_tables

FOLDER = Path(__file__).parent / "training"
DATA = Path(__file__).parents[2] / "rag" / "safety" / "data"
_ALSO = (FOLDER.parent / "messages.jsonl", FOLDER.parent / "seen.jsonl")
GRAVE = ("emergency", "crisis")
# Scores above which a text needs a card, by what the rules made of it. Chosen on the training
# messages and on ordinary questions of other collections: as low as few cards on those allow.
# What they give is told by `python -m tests.safety.crossvalidation`.
THRESHOLDS = {
    "none": -0.25,
    "informational": 0.25,
    "urgent": -0.75,
    "doubted": -1.5,
    "resolved": 0.75,
}
_ROUNDS = 12
_STEP = 0.3
_DECAY = 1e-3
_HEAD = """\
# What classifier.bin holds: the weights of two decisions, one byte each. Made by a command from
# messages written for it (see docs/safety/README.md); do not edit.

"""

Rows = list[dict[str, str]]
Fitted = tuple[NDArray[np.float64], float]


def main() -> None:
    """Train, and write the files."""
    raw, description = trained(messages())
    (DATA / "classifier.bin").write_bytes(raw)
    (DATA / "classifier.toml").write_text(description, encoding="utf-8")


def messages() -> Rows:
    """All training messages, by file and line."""
    return [
        json.loads(line)
        for path in [*sorted(FOLDER.glob("*.jsonl")), *_ALSO]
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def trained(rows: Rows) -> tuple[bytes, str]:
    """The two files for some messages."""
    tables = load_tables()
    lexicon = build_lexicon(tables.lists, tables.wording)
    whole = [np.concatenate(_features(row["text"], lexicon)) for row in rows]
    grave = [number for number, row in enumerate(rows) if row["expected"] in GRAVE]
    fitted = {
        "grave": fit(whole, [row["expected"] in GRAVE for row in rows]),
        "crisis": fit(
            [whole[number] for number in grave],
            [rows[number]["expected"] == "crisis" for number in grave],
        ),
    }
    scales = {name: float(np.abs(weights).max()) / 127 for name, (weights, _) in fitted.items()}
    raw = b"".join(
        np.rint(weights / scales[name]).astype(np.int8).tobytes()
        for name, (weights, _) in fitted.items()
    )
    lines = [
        f"messages = {len(rows)}",
        f'sha256 = "{hashlib.sha256(raw).hexdigest()}"',
        "thresholds = { " + ", ".join(f"{k} = {v}" for k, v in THRESHOLDS.items()) + " }",
        *(
            f"{name} = {{ scale = {scales[name]:.9f}, bias = {bias:.6f} }}"
            for name, (_, bias) in fitted.items()
        ),
    ]
    return raw, _HEAD + "\n".join(lines) + "\n"


def _features(text: str, lexicon: Lexicon) -> list[Buckets]:
    reading = read(text, lexicon.wording.aliases)
    found = lexicon.find(reading.words)
    return features(reading, notes(found, apply_frames(reading, found)))


def fit(examples: Sequence[Buckets], wanted: Sequence[bool]) -> Fitted:
    """Logistic regression by AdaGrad (Duchi et al. 2011), one example after the other."""
    weights, bias = np.zeros(BUCKETS), 0.0
    squares, bias_squares = np.full(BUCKETS, 1e-6), 1e-6
    order = np.arange(len(examples))
    random = np.random.default_rng(7)
    for _ in range(_ROUNDS):
        random.shuffle(order)
        for number in order:
            example = examples[int(number)]
            value = 1 / np.sqrt(max(1, len(example)))
            score = weights[example].sum() * value + bias
            slope = 1 / (1 + np.exp(-score)) - wanted[int(number)]
            gradient = slope * value + _DECAY * weights[example]
            squares[example] += gradient * gradient
            weights[example] -= _STEP * gradient / np.sqrt(squares[example])
            bias_squares += slope * slope
            bias -= _STEP * slope / np.sqrt(bias_squares)
    return weights, float(bias)


if __name__ == "__main__":
    main()
