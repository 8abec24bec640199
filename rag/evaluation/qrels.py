"""Relevance judgements in BEIR's form: `qrels/<split>.tsv`, one judgement a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rag.errors import DatasetError
from rag.evaluation.lines import read_lines
from rag.types import Qrels

_COLUMNS = 3
_FORM = "Write query-id, corpus-id and score, separated by tabs."
# What the third column of a header line is called; anything else there is a grade.
_HEADINGS = frozenset({"score", "grade", "relevance", "rel", "label"})
# trec_eval keeps a table with a place for every grade up to the highest, so a slip such as a
# document number in the grade's column would cost gigabytes.
_HIGHEST_GRADE = 1_000


def find_splits(folder: Path) -> dict[str, Path]:
    """Split → file of a `qrels` folder, by name; `.tsv` goes before `.tsv.gz`."""
    found: dict[str, Path] = {}
    for suffix in (".tsv", ".tsv.gz"):
        for path in sorted(folder.glob(f"[!.]*{suffix}")):
            found.setdefault(path.name.removesuffix(suffix), path)
    return found


def read_qrels(path: Path) -> Qrels:
    """The judgements of a file, with or without a header line.

    Raises DatasetError for a malformed line, two grades for one document, or no judgement.
    """
    qrels: Qrels = {}
    for number, line in read_lines(path):
        if not qrels and _is_header(line):
            continue
        query, document, grade = _judgement(line, f"{path}:{number}")
        known = qrels.setdefault(query, {}).setdefault(document, grade)
        if known != grade:
            raise DatasetError(
                f"{path}:{number}: document {document!r} has grade {grade} for query {query!r}, "
                f"but {known} above. Keep one of them."
            )
    if not qrels:
        raise DatasetError(f"{path} holds no judgement. {_FORM}")
    return qrels


def judged_queries(paths: Iterable[Path]) -> frozenset[str]:
    """The ids of every query that the files judge, whatever else their lines hold."""
    return frozenset(line.split("\t", 1)[0] for path in paths for _, line in read_lines(path))


def _is_header(line: str) -> bool:
    return line.split("\t")[-1].strip().lower() in _HEADINGS


def _judgement(line: str, place: str) -> tuple[str, str, int]:
    columns = line.split("\t")
    if len(columns) != _COLUMNS:
        raise DatasetError(f"{place} has {len(columns)} columns, not {_COLUMNS}. {_FORM}")
    query, document, grade = columns
    return query, document, _grade(grade, place)


def _grade(raw: str, place: str) -> int:
    try:
        grade = int(raw)
    except ValueError:
        raise DatasetError(f"{place}: grade {raw!r} is not a whole number. {_FORM}") from None
    if abs(grade) > _HIGHEST_GRADE:
        raise DatasetError(
            f"{place}: grade {grade} is beyond {_HIGHEST_GRADE}. Use a small scale such as 0 to 3."
        )
    return grade
