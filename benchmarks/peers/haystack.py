"""Haystack's in-memory store: dense and BM25 retrievers, joined by reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from benchmarks.peers.worker import TOP, Ranking, run


class Haystack:
    """A store and the hybrid pipeline of its manual, with the retrievers' own depth of ten."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._store = InMemoryDocumentStore()
        self._pipeline: Pipeline | None = None

    def index(self, documents: Sequence[tuple[str, str]]) -> None:
        """Embed and write."""
        embedder = SentenceTransformersDocumentEmbedder(model=self._model, progress_bar=False)
        embedder.warm_up()
        embedded = embedder.run([Document(id=id_, content=text) for id_, text in documents])
        self._store.write_documents(embedded["documents"])

    def save(self, store: Path) -> None:
        """Write the store as JSON."""
        self._store.save_to_disk(str(store / "store.json"))

    def load(self, store: Path) -> None:
        """Read it, and put the pipeline together."""
        self._store = InMemoryDocumentStore.load_from_disk(str(store / "store.json"))
        pipeline = Pipeline()
        pipeline.add_component(
            "embedder", SentenceTransformersTextEmbedder(model=self._model, progress_bar=False)
        )
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(self._store))
        pipeline.add_component("lexical", InMemoryBM25Retriever(self._store))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("embedder.embedding", "dense.query_embedding")
        pipeline.connect("dense", "joiner")
        pipeline.connect("lexical", "joiner")
        pipeline.warm_up()
        self._pipeline = pipeline

    def ask(self, question: str) -> Ranking:
        """Run the pipeline."""
        assert self._pipeline
        given = {"embedder": {"text": question}, "lexical": {"query": question}}
        found = self._pipeline.run(given)["joiner"]["documents"]
        return [(document.id, document.score) for document in found[:TOP]]


if __name__ == "__main__":
    run(Haystack, ["haystack-ai", "sentence-transformers-haystack", "torch"])
