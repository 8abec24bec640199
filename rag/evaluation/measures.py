"""Retrieval measures with trec_eval's semantics, per query and as means with intervals."""

from __future__ import annotations

from collections.abc import Mapping

import ir_measures
import numpy as np
from ir_measures import RR, Judged, R, nDCG

from rag.errors import DatasetError
from rag.evaluation.bootstrap import Estimate, estimate
from rag.types import Qrels, Run

MEASURES = ("nDCG@10", "R@10", "R@100", "RR@10", "Judged@10")
"""The names of the measures, in the order of every report."""

# Named one by one: the library's own choice depends on what else is installed.
_PROVIDER = ir_measures.providers.FallbackProvider(  # type: ignore[no-untyped-call]
    [ir_measures.pytrec_eval, ir_measures.msmarco, ir_measures.judged]
)


def measure(qrels: Qrels, run: Run, relevant: int = 1) -> dict[str, Estimate]:
    """Mean and 95 % interval of each measure over the queries with a relevant document.

    Arguments and errors are those of `measure_queries`.
    """
    return {
        name: estimate(values[query] for query in sorted(values))
        for name, values in measure_queries(qrels, run, relevant).items()
    }


def measure_queries(qrels: Qrels, run: Run, relevant: int = 1) -> dict[str, dict[str, float]]:
    """Measure → query id → value, 0 to 1, for every query with a document of grade ≥ `relevant`.

    - nDCG@10 is trec_eval's `ndcg_cut`: the grades themselves are the gains, those below zero
      count as zero, and `relevant` does not matter.
    - R@10, R@100 and RR@10 count documents of grade ≥ `relevant`.
    - Judged@10 is the share of the first ten results, or of all where there are fewer, that has
      any grade.

    A query without results has zero everywhere; results for other queries are ignored. Raises
    DatasetError if no query has a relevant document, ValueError if `relevant` is below 1.

    Järvelin and Kekäläinen, "Cumulated Gain-based Evaluation of IR Techniques", TOIS 2002.
    """
    if relevant < 1:
        raise ValueError(f"A relevant grade is at least 1, not {relevant}.")
    judged = {query: grades for query, grades in qrels.items() if _has(grades, relevant)}
    if not judged:
        raise DatasetError(
            f"No query has a document of grade {relevant} or more. Lower --relevant."
        )
    asked = {
        "nDCG@10": nDCG @ 10,
        "R@10": R(rel=relevant) @ 10,
        "R@100": R(rel=relevant) @ 100,
        "RR@10": RR(rel=relevant) @ 10,
        "Judged@10": Judged @ 10,
    }
    names = {wanted: name for name, wanted in asked.items()}
    values: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    for found in _PROVIDER.iter_calc(list(names), _plain_qrels(judged), _plain_run(run, judged)):
        values[names[found.measure]][found.query_id] = float(found.value)
    return values


def rank(results: Mapping[str, float]) -> list[str]:
    """Document ids, best first, in trec_eval's order.

    It keeps scores as 32-bit floats, and ranks equal ones by document id descending. Raises
    DatasetError for a score that is not a number.
    """
    ids = sorted(results, reverse=True)
    with np.errstate(over="ignore"):
        scores = np.array([results[id_] for id_ in ids], dtype=np.float64).astype(np.float32)
    if np.isnan(scores).any():
        unranked = ids[int(np.isnan(scores).argmax())]
        raise DatasetError(f"Document {unranked!r} has the score NaN. Give every result a number.")
    return [ids[position] for position in np.argsort(-scores, kind="stable")]


def _has(grades: Mapping[str, int], relevant: int) -> bool:
    return any(grade >= relevant for grade in grades.values())


def _plain_qrels(qrels: Qrels) -> Qrels:
    return {
        query: {_plain(document): grade for document, grade in grades.items()}
        for query, grades in qrels.items()
    }


def _plain_run(run: Run, qrels: Qrels) -> Run:
    """The judged queries' results with descending ranks for scores.

    The providers disagree on ties (pytrec_eval ranks ids descending, the others ascending), so
    there are none left for them.
    """
    return {
        query: {_plain(document): -float(place) for place, document in enumerate(rank(results))}
        for query, results in run.items()
        if query in qrels and results
    }


def _plain(document: str) -> str:
    """A one-to-one name in printable ASCII.

    trec_eval is C: it ends an id at a NUL, and an id that has no UTF-8 form crashes it.
    """
    return ascii(document)
