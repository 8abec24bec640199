"""A data set, from top to bottom: index its documents, ask its queries, measure the ranking."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.corpus import Entry, format_of, split_sentences, understand
from rag.evaluation import Dataset, Estimate, iter_documents, measure, select_queries
from rag.index import Library, Reading, Recipe
from rag.indexer import Indexer, IndexOptions
from rag.protocols import Encoder, PassageEncoder, Progress
from rag.retrieval import rank
from rag.types import Mode, Run, SourceFile

# Deep enough for recall at 100, the deepest measure.
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well and how fast documents are found; times in seconds, latencies in milliseconds."""

    dataset: str
    split: str
    mode: Mode
    queries: int
    skipped_queries: int
    documents: int
    measures: dict[str, Estimate]
    index_seconds: float
    search_seconds: float
    latency_p50: float
    latency_p95: float
    cached: bool
    run: Run


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Measures retrieval with indexes of its own below `folder`; `RAG_INDEX` is never touched.

    `encoder` gives the encoder for an index, `question_encoder` the one for its queries;
    `read_corpus` serves data sets without documents.
    """

    folder: Path
    recipe: Recipe
    encoder: Callable[[Path], Callable[[], PassageEncoder]]
    question_encoder: Callable[[Path], Encoder]
    read_corpus: Callable[[], Iterable[Entry]]
    fresh: bool

    def run(self, dataset: Dataset, mode: Mode, relevant: int, progress: Progress) -> Evaluation:
        """Measure one split. A document's score is that of its best passage.

        relevant: the lowest grade that recall and reciprocal rank count. Raises DatasetError.
        """
        selection = select_queries(dataset, relevant)
        index = self.folder / self._name(dataset)
        if self.fresh:
            shutil.rmtree(index, ignore_errors=True)
        cached = index.exists()
        started = time.monotonic()
        report = self._indexer(dataset, index).update(IndexOptions(allow_withdraw=True), progress)
        index_seconds = time.monotonic() - started
        library = Library(index, lambda _: None)
        encoder = self.question_encoder(index)
        run: Run = {}
        seconds: list[float] = []
        with library.reading() as reading:
            documents = reading.article_ids()
            for done, (query, text) in enumerate(selection.queries.items(), start=1):
                begin = time.perf_counter()
                run[query] = _search(reading, documents, encoder, text, mode)
                seconds.append(time.perf_counter() - begin)
                progress("asking", done, len(selection.queries))
        p50, p95 = (float(np.percentile(seconds, q)) * 1_000 for q in (50, 95))
        return Evaluation(
            dataset=dataset.name,
            split=dataset.split,
            mode=mode,
            queries=len(selection.queries),
            skipped_queries=selection.skipped,
            documents=report.articles,
            measures=measure(selection.qrels, run, relevant),
            index_seconds=index_seconds,
            search_seconds=sum(seconds),
            latency_p50=p50,
            latency_p95=p95,
            cached=cached,
            run=run,
        )

    def _name(self, dataset: Dataset) -> str:
        """Names the index of a data set by its documents, or the articles, and the recipe."""
        digest = hashlib.sha256(repr(self.recipe).encode())
        if dataset.corpus_path:
            with dataset.corpus_path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        else:
            for entry in self.read_corpus():
                if isinstance(entry, SourceFile):
                    digest.update(f"{entry.id} {entry.digest}\n".encode())
        return digest.hexdigest()[:24]

    def _indexer(self, dataset: Dataset, index: Path) -> Indexer:
        path = dataset.corpus_path
        read = functools.partial(_documents, path) if path else self.read_corpus
        return Indexer(
            read=read,
            # The rules about bylines and boilerplate are for articles, not for test documents.
            understand=functools.partial(understand, split=split_sentences, clean=path is None),
            index=index,
            recipe=self.recipe,
            encoder=self.encoder(index),
        )


def _documents(path: Path) -> Iterator[SourceFile]:
    """Documents as articles: none is left out for its id, its metadata or an empty text."""
    for document in iter_documents(path):
        body = document.text if document.text.strip() else document.title
        content = json.dumps([document.title, body, document.metadata], sort_keys=True)
        yield SourceFile(
            path=document.path,
            id=document.id,
            format=format_of(body),
            body=body,
            digest=hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest(),
            title=document.title or None,
            metadata={k: v for k, v in document.metadata.items() if k != "format"},
        )


def _search(
    reading: Reading, documents: dict[int, str], encoder: Encoder, text: str, mode: Mode
) -> dict[str, float]:
    vector = encoder.encode([text])[0]
    found: dict[str, float] = {}
    for item in rank(reading.view, text, vector, mode):
        found.setdefault(documents[item.row], item.score)
        if len(found) == _DEPTH:
            break
    return found
