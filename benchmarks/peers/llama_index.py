"""LlamaIndex over an exact FAISS index, dense, with the splitter that it has by default."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
from llama_index.core import Document, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore

from benchmarks.peers.worker import TOP, Ranking, run

_DIMENSION = 384
# A long document has several nodes: so many that ten documents are among them.
_NODES = 3 * TOP


class LlamaIndex:
    """A vector store index; a document is as near as its nearest node."""

    def __init__(self, model: str) -> None:
        self._embedding = HuggingFaceEmbedding(model_name=model)
        self._index: Any = None
        self._retriever: Any = None

    def index(self, documents: Sequence[tuple[str, str]]) -> None:
        """Split, embed and add."""
        store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(_DIMENSION))
        self._index = VectorStoreIndex.from_documents(
            [Document(id_=id_, text=text) for id_, text in documents],
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=self._embedding,
        )

    def save(self, store: Path) -> None:
        """Persist vectors and nodes."""
        self._index.storage_context.persist(persist_dir=str(store))

    def load(self, store: Path) -> None:
        """Read both."""
        context = StorageContext.from_defaults(
            vector_store=FaissVectorStore.from_persist_dir(str(store)), persist_dir=str(store)
        )
        self._index = load_index_from_storage(context, embed_model=self._embedding)
        self._retriever = self._index.as_retriever(similarity_top_k=_NODES)

    def ask(self, question: str) -> Ranking:
        """Retrieve nodes. Their scores are squared distances: the nearest is the best."""
        nearest: dict[str, float] = {}
        for found in self._retriever.retrieve(question):
            nearest.setdefault(found.node.ref_doc_id, -float(found.score))
        return list(nearest.items())[:TOP]


if __name__ == "__main__":
    run(
        LlamaIndex,
        [
            "llama-index-core",
            "llama-index-embeddings-huggingface",
            "llama-index-vector-stores-faiss",
            "faiss-cpu",
            "torch",
        ],
    )
