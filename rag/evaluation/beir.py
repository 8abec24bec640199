"""Data sets in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/<split>.tsv`.

Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information
Retrieval Models", NeurIPS 2021. Each file may be gzipped (`.gz`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import DatasetError
from rag.evaluation.lines import find_file, id_field, read_rows, text_field
from rag.evaluation.qrels import find_splits, judged_queries, read_qrels
from rag.types import Notice, Qrels

_DEFAULT_SPLIT = "test"
# As many ids as fit in a message that is still read.
_SHOWN_IDS = 5


@dataclass(frozen=True, slots=True)
class Dataset:
    """One split of a data set.

    queries:      id → text of the split's queries, and of those that no split judges
    qrels:        the split's judgements, also those of queries without a text
    corpus_path:  its documents, or None where it has none of its own
    warnings:     what is odd but does not stop a measurement
    """

    name: str
    split: str
    queries: dict[str, str]
    qrels: Qrels
    corpus_path: Path | None
    warnings: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """The queries to ask, their judgements, and the number of queries left out."""

    queries: dict[str, str]
    qrels: Qrels
    skipped: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document as its row has it; `path` names the row (`corpus.jsonl.gz:123`)."""

    path: str
    id: str
    title: str
    text: str
    metadata: Mapping[str, object]


def load_dataset(folder: Path, split: str | None = None) -> Dataset:
    """Read queries and judgements; `split` defaults to the only one, else `test`.

    Documents are left to `iter_documents`. Raises DatasetError, which names file and line, for
    everything that is missing or malformed.
    """
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder}. Give the folder of a BEIR data set.")
    splits = find_splits(folder / "qrels")
    chosen = _choose_split(folder, splits, split)
    qrels = read_qrels(splits[chosen])
    elsewhere = judged_queries(path for name, path in splits.items() if name != chosen)
    queries = {
        query: text
        for query, text in _read_queries(folder).items()
        if query in qrels or query not in elsewhere
    }
    return Dataset(
        name=folder.resolve().name,
        split=chosen,
        queries=queries,
        qrels=qrels,
        corpus_path=find_file(folder, "corpus.jsonl"),
        warnings=_warnings(queries, qrels, splits[chosen]),
    )


def select_queries(dataset: Dataset, relevant: int = 1) -> Selection:
    """The queries that have a text and a document of grade ≥ `relevant`; the rest is counted.

    Raises DatasetError if none is left.
    """
    asked = {
        query: text
        for query, text in dataset.queries.items()
        if any(grade >= relevant for grade in dataset.qrels.get(query, {}).values())
    }
    if not asked:
        raise DatasetError(
            f"No query of {dataset.name} ({dataset.split}) has both a text and a document of "
            f"grade {relevant} or more. Lower --relevant, or check that queries and qrels agree."
        )
    everyone = dataset.queries.keys() | dataset.qrels.keys()
    return Selection(
        queries=asked,
        qrels={query: dataset.qrels[query] for query in asked},
        skipped=len(everyone) - len(asked),
    )


def iter_documents(path: Path) -> Iterator[Document]:
    """The documents of a `corpus.jsonl[.gz]` in order, with whatever ids they have.

    Absent titles and texts are empty; metadata that is not an object counts as none. A row that
    repeats a document word for word is passed over. Raises DatasetError for a malformed row and
    for two different documents with one id.
    """
    seen: dict[str, int] = {}
    for number, row in read_rows(path):
        document = _document(row, path, number)
        content = hash((document.title, document.text))
        if document.id not in seen:
            seen[document.id] = content
            yield document
        elif seen[document.id] != content:
            raise DatasetError(
                f"{path}:{number}: another document has the id {document.id!r} too. "
                "Judgements could mean either: give each its own id."
            )


def _choose_split(folder: Path, splits: Mapping[str, Path], wanted: str | None) -> str:
    if not splits:
        raise DatasetError(
            f"{folder / 'qrels'} holds no judgements. Put them there as <split>.tsv."
        )
    split = wanted or (next(iter(splits)) if len(splits) == 1 else _DEFAULT_SPLIT)
    if split not in splits:
        raise DatasetError(
            f"{folder} has no split {split!r}. Choose with --split among: "
            f"{', '.join(sorted(splits))}."
        )
    return split


def _read_queries(folder: Path) -> dict[str, str]:
    path = find_file(folder, "queries.jsonl")
    if path is None:
        raise DatasetError(
            f'{folder} has no queries.jsonl. Write one with a row {{"_id", "text"}} per query.'
        )
    queries: dict[str, str] = {}
    for number, row in read_rows(path):
        place = f"{path}:{number}"
        text = text_field(row, "text", place)
        if not text.strip():
            raise DatasetError(f"{place}: the query has no 'text'. Give it one or remove it.")
        query = id_field(row, place)
        if queries.setdefault(query, text) != text:
            raise DatasetError(
                f"{place}: another query has the id {query!r} too. Give each its own id."
            )
    return queries


def _warnings(queries: Mapping[str, str], qrels: Qrels, path: Path) -> tuple[Notice, ...]:
    textless = sorted(qrels.keys() - queries.keys())
    if not textless:
        return ()
    shown = ", ".join(textless[:_SHOWN_IDS]) + (", …" if len(textless) > _SHOWN_IDS else "")
    reason = f"judges {len(textless)} queries that queries.jsonl lacks, skipped: {shown}"
    return (Notice(f"qrels/{path.name}", reason),)


def _document(row: dict[str, object], path: Path, number: int) -> Document:
    place = f"{path}:{number}"
    metadata = row.get("metadata")
    return Document(
        path=f"{path.name}:{number}",
        id=id_field(row, place),
        title=text_field(row, "title", place),
        text=text_field(row, "text", place),
        metadata=metadata if isinstance(metadata, dict) else {},
    )
