"""Evaluation: data sets, measures and floors (ROUGE, slow to load, is in `answers`)."""

from rag.evaluation.beir import (
    Dataset,
    Document,
    Selection,
    iter_documents,
    load_dataset,
    select_queries,
)
from rag.evaluation.bootstrap import Estimate, estimate
from rag.evaluation.floors import Floors, check, digest_files, load_floors, update
from rag.evaluation.lines import read_rows
from rag.evaluation.measures import MEASURES, measure, measure_queries, rank
from rag.evaluation.support import (
    SupportReport,
    accepted_share,
    aurc,
    excess_aurc,
    measure_support,
)

__all__ = [
    "MEASURES",
    "Dataset",
    "Document",
    "Estimate",
    "Floors",
    "Selection",
    "SupportReport",
    "accepted_share",
    "aurc",
    "check",
    "digest_files",
    "estimate",
    "excess_aurc",
    "iter_documents",
    "load_dataset",
    "load_floors",
    "measure",
    "measure_queries",
    "measure_support",
    "rank",
    "read_rows",
    "select_queries",
    "update",
]
