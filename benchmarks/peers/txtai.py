"""txtai with `hybrid=True`: dense vectors and BM25, in the proportions that are its default."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from txtai import Embeddings

from benchmarks.peers.worker import TOP, Ranking, run


class Txtai:
    """An embeddings database."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._embeddings = Embeddings(path=model, hybrid=True)

    def index(self, documents: Sequence[tuple[str, str]]) -> None:
        """Build the index."""
        self._embeddings.index(documents)

    def save(self, store: Path) -> None:
        """Save it."""
        self._embeddings.save(str(store))

    def load(self, store: Path) -> None:
        """Load it."""
        self._embeddings.load(str(store))

    def ask(self, question: str) -> Ranking:
        """Search it."""
        return [(id_, score) for id_, score in self._embeddings.search(question, TOP)]


if __name__ == "__main__":
    run(Txtai, ["txtai", "torch"])
