"""Train what hears requests for personal decisions from a question's vector.

    python -m tests.safety.personal_training

prints what five-fold cross-validation gives and writes rag/safety/data/personal.bin and
personal.toml. It needs the default model.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from rag.embedding import encoder_digest, find_model, prepare_question_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.evaluation import digest_files
from rag.safety.personal import Personal
from rag.types import Reason, Vectors

FOLDER = Path(__file__).parent
DATA = FOLDER.parents[1] / "rag" / "safety" / "data"
# Questions of other subjects and about graver matters, none of them a request.
_ORDINARY = FOLDER / "training" / "ordinary.jsonl"
_REQUESTS = (
    FOLDER / "limits-seen.jsonl",
    FOLDER / "limits-training.jsonl",
    FOLDER / "limits-training-2.jsonl",
)
REASONS = (
    Reason.PERSONAL_DOSING,
    Reason.DIAGNOSIS,
    Reason.STOP_MEDICATION,
    Reason.INTERACTION,
    Reason.RESULTS,
    Reason.OVERDOSE_AMOUNT,
    Reason.EATING_DISORDER,
    Reason.PROCUREMENT,
    Reason.SELF_CARE,
    Reason.PROGNOSIS,
    Reason.MINOR,
)
# Log odds above which a question is limited: some 2 % of the ordinary training messages are, when
# they are judged by weights that had not seen them (many were written to be taken for requests).
THRESHOLD = 1.5
_FOLDS = 5
# Unit vectors vary little in each dimension; scaled so, the usual penalty fits.
_SCALE = 4.0
_HEAD = """\
# What personal.bin holds: float32 weights for the vectors of one encoder, a row for each of the
# reasons. Made by a command from messages written for it (see docs/safety/README.md); do not edit.

"""

_CARDS = ("emergency", "crisis")
Labels = NDArray[np.int64]


def main() -> None:
    """Cross-validate, train, and write the files."""
    texts, labels = messages()
    digest = encoder_digest(find_model(DEFAULT_MODEL))
    with TemporaryDirectory() as folder:
        encoder = prepare_question_encoder(find_model(DEFAULT_MODEL), Path(folder), None)
        vectors = encoder.encode(texts)
    scores = cross_validated(vectors, labels)
    json.dump(shares(scores, labels), sys.stdout, indent=2)
    weights, biases = fit(vectors, labels)
    raw = weights.tobytes()
    (DATA / "personal.bin").write_bytes(raw)
    (DATA / "personal.toml").write_text(_described(raw, biases, digest), encoding="utf-8")


def data_digest() -> str:
    """Names the messages that weights were made from."""
    return digest_files(FOLDER, [*_REQUESTS, _ORDINARY])


def messages() -> tuple[list[str], Labels]:
    """English training messages, and 0 for an ordinary one or else 1 + the place of its reason."""
    rows = [
        json.loads(line)
        for path in (*_REQUESTS, _ORDINARY)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    # Gate levels that need a card are decided before; the vectors know English alone.
    rows = [row for row in rows if row["lang"] == "en" and row["expected"] not in _CARDS]
    labels = [1 + REASONS.index(row["kind"]) if row["expected"] == "limited" else 0 for row in rows]
    return [row["text"] for row in rows], np.array(labels, np.int64)


def fit(vectors: Vectors, labels: Labels) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Weights (limits, dimension) and biases (limits,) against an ordinary question."""
    model = LogisticRegression(max_iter=3000).fit(vectors * _SCALE, labels)
    weights = (model.coef_[1:] - model.coef_[0]) * _SCALE
    return weights.astype(np.float32), model.intercept_[1:] - model.intercept_[0]


def cross_validated(vectors: Vectors, labels: Labels) -> NDArray[np.float64]:
    """Log odds of any limit for each message, by weights that had not seen it."""
    odds = np.zeros(len(labels))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(vectors, labels):
        weights, biases = fit(vectors[seen], labels[seen])
        personal = Personal("", REASONS, weights, biases, THRESHOLD)
        for number in unseen:
            odds[number] = np.logaddexp.reduce(personal.scores(vectors[number]))
    return odds


def shares(odds: NDArray[np.float64], labels: Labels) -> dict[str, float]:
    """What is held back at the threshold."""
    held = odds > THRESHOLD
    return {
        "requests": int((labels > 0).sum()),
        "requests held back": round(float(held[labels > 0].mean()), 4),
        "ordinary": int((labels == 0).sum()),
        "ordinary held back": round(float(held[labels == 0].mean()), 4),
    }


def _described(raw: bytes, biases: NDArray[np.float64], digest: str) -> str:
    names = ", ".join(f'"{reason.value}"' for reason in REASONS)
    values = ", ".join(f"{value:.6f}" for value in biases)
    return (
        f'{_HEAD}sha256 = "{hashlib.sha256(raw).hexdigest()}"\nencoder = "{digest}"\n'
        f'messages = "{data_digest()}"\n'
        f"threshold = {THRESHOLD}\nreasons = [{names}]\nbiases = [{values}]\n"
    )


if __name__ == "__main__":
    main()
