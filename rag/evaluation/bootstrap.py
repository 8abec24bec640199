"""Means with the uncertainty that comes from having asked only so many queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The usual number: the ends of a 95 % interval then move by about a hundredth of its width.
RESAMPLES = 10_000
# Fixed, so that a measurement can be repeated to the last digit.
_SEED = 20_251_122
_PERCENTILES = (2.5, 97.5)
# Draws held at once, 8 bytes each: 8 MB for the draws and as much for their values.
_CHUNK = 1_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the ends of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def estimate(values: Iterable[float]) -> Estimate:
    """The mean of per-query values with its 95 % percentile bootstrap interval over queries.

    Deterministic for values in the same order, and lists of equal length are resampled alike.
    For a paired comparison pass the differences. Raises ValueError without values.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    observed = np.array(list(values), dtype=np.float64)
    if not observed.size:
        raise ValueError("There is no mean of no values; pass at least one.")
    low, high = np.percentile(_resampled_means(observed), _PERCENTILES)
    return Estimate(float(observed.mean()), float(low), float(high))


def _resampled_means(observed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of `RESAMPLES` samples drawn with replacement, each as large as the original."""
    rng = np.random.default_rng(_SEED)
    means = np.empty(RESAMPLES)
    step = max(1, _CHUNK // observed.size)
    for start in range(0, RESAMPLES, step):
        rows = min(step, RESAMPLES - start)
        draws = rng.integers(observed.size, size=(rows, observed.size))
        means[start : start + rows] = observed[draws].mean(axis=1)
    return means
