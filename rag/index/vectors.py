"""Exact nearest vectors, with a flat FAISS index in memory.

It holds them in half precision, as they are stored: a search takes as long as reading them does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.types import Rows, Vectors

# One question is searched for by one thread: several wait longer for one another than they save.
faiss.omp_set_num_threads(1)

Mask = NDArray[np.bool_]
"""For each vector of an index, whether it may be found."""


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Unit vectors under ascending row numbers. Never changed once made."""

    rows: Rows
    index: faiss.IndexScalarQuantizer

    def search(
        self, vector: Vectors, k: int, allowed: Mask | None = None
    ) -> tuple[Rows, NDArray[np.float32]]:
        """The k nearest rows and their cosines, best first; equal cosines by row."""
        most = len(self.rows) if allowed is None else int(np.count_nonzero(allowed))
        k = min(k, most)
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, positions = self._ranked(vector, k, most, _parameters(allowed))
        order = np.lexsort((positions, -scores))[:k]
        return self.rows[positions[order]], scores[order]

    def _ranked(
        self, vector: Vectors, k: int, most: int, parameters: faiss.SearchParameters | None
    ) -> tuple[NDArray[np.float32], Rows]:
        """The k nearest with all that are as near as the last: FAISS takes any of those."""
        wanted = k
        while True:
            wanted = min(2 * wanted, most)
            scores, positions = self.index.search(vector.reshape(1, -1), wanted, params=parameters)
            if wanted == most or scores[0, -1] < scores[0, k - 1]:
                return scores[0], positions[0]

    def cosines(self, vector: Vectors, rows: Rows) -> NDArray[np.float32]:
        """The cosine of each of the given rows, all of which must be in the index."""
        if len(rows) == 0:
            return np.empty(0, np.float32)
        positions = np.searchsorted(self.rows, rows)
        found: NDArray[np.float32] = self.index.reconstruct_batch(positions) @ vector
        return found

    def has(self, rows: Rows, allowed: Mask | None = None) -> Mask:
        """For each of the given rows, whether it is in the index and may be found."""
        if len(self.rows) == 0:
            return np.zeros(len(rows), np.bool_)
        positions = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        there = self.rows[positions] == rows
        return np.asarray(there if allowed is None else there & allowed[positions], np.bool_)


def build_dense(rows: Rows, vectors: Vectors) -> DenseIndex:
    """An index over vectors of shape (n, dimension) under ascending rows of shape (n,)."""
    index = faiss.IndexScalarQuantizer(
        vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    )
    index.add(np.ascontiguousarray(vectors, np.float32))
    return DenseIndex(rows=rows, index=index)


def _parameters(allowed: Mask | None) -> faiss.SearchParameters | None:
    if allowed is None or allowed.all():
        return None
    # Untyped, because FAISS's own stubs know the signatures of SWIG only.
    selector: Any = faiss.IDSelectorBitmap
    parameters: Any = faiss.SearchParameters
    made: faiss.SearchParameters = parameters(sel=selector(np.packbits(allowed, bitorder="little")))
    return made
