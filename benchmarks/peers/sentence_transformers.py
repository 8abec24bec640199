"""sentence-transformers alone: `encode` and the exact `semantic_search`, as its manual shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer, util

from benchmarks.peers.worker import TOP, Ranking, run


class SentenceTransformers:
    """One vector a document; what is saved is the matrix."""

    def __init__(self, model: str) -> None:
        self._model = SentenceTransformer(model)
        self._ids: list[str] = []
        self._vectors: Any = None

    def index(self, documents: Sequence[tuple[str, str]]) -> None:
        """Encode all documents."""
        self._ids = [id_ for id_, _ in documents]
        self._vectors = self._model.encode([text for _, text in documents])

    def save(self, store: Path) -> None:
        """Write ids and matrix."""
        np.save(store / "vectors.npy", self._vectors)
        (store / "ids.json").write_text(json.dumps(self._ids), encoding="utf-8")

    def load(self, store: Path) -> None:
        """Read ids and matrix."""
        self._vectors = np.load(store / "vectors.npy")
        self._ids = json.loads((store / "ids.json").read_text(encoding="utf-8"))

    def ask(self, question: str) -> Ranking:
        """The nearest documents by cosine."""
        vector: Any = self._model.encode(question)
        hits = util.semantic_search(vector, self._vectors, top_k=TOP)[0]
        return [(self._ids[int(hit["corpus_id"])], hit["score"]) for hit in hits]


if __name__ == "__main__":
    run(SentenceTransformers, ["sentence-transformers", "torch"])
