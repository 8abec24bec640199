"""Exact nearest vectors, with a flat FAISS index in memory."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.types import Rows, Vectors


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Unit vectors under ascending row numbers. Never changed once made."""

    rows: Rows
    index: faiss.IndexFlatIP

    def search(self, vector: Vectors, k: int) -> tuple[Rows, NDArray[np.float32]]:
        """The k nearest rows and their cosines, best first; equal cosines by row."""
        k = min(k, len(self.rows))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, positions = self._ranked(vector, k)
        order = np.lexsort((positions, -scores))[:k]
        return self.rows[positions[order]], scores[order]

    def _ranked(self, vector: Vectors, k: int) -> tuple[NDArray[np.float32], Rows]:
        """The k nearest with all that are as near as the last: FAISS takes any of those."""
        wanted = k
        while True:
            wanted = min(2 * wanted, len(self.rows))
            scores, positions = self.index.search(vector.reshape(1, -1), wanted)
            if wanted == len(self.rows) or scores[0, -1] < scores[0, k - 1]:
                return scores[0], positions[0]

    def cosines(self, vector: Vectors, rows: Rows) -> NDArray[np.float32]:
        """The cosine of each of the given rows, all of which must be in the index."""
        if len(rows) == 0:
            return np.empty(0, np.float32)
        positions = np.searchsorted(self.rows, rows)
        found: NDArray[np.float32] = self.index.reconstruct_batch(positions) @ vector
        return found

    def has(self, rows: Rows) -> NDArray[np.bool_]:
        """For each of the given rows, whether it is in the index."""
        if len(self.rows) == 0:
            return np.zeros(len(rows), np.bool_)
        positions = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.asarray(self.rows[positions] == rows, np.bool_)


def build_dense(rows: Rows, vectors: Vectors) -> DenseIndex:
    """An index over vectors of shape (n, dimension) under ascending rows of shape (n,)."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, np.float32))
    return DenseIndex(rows=rows, index=index)
