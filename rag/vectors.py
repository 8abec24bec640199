"""Arithmetic on row vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rag.types import Vectors

# Keeps a zero vector zero where it is scaled to unit length.
_TINY = 1e-12


def unit(rows: NDArray[np.float32]) -> Vectors:
    """The rows scaled to length one; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, _TINY), np.float32)
