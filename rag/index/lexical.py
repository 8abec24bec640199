"""BM25 over title, heading and body of passages, with tantivy.

The folder is append-only: documents of dead passages stay until it is made again, and are left
out by whoever knows which passages live. Scores are Lucene's BM25 (k1 = 1.2, b = 0.75) for each
field, added up with the fields' weights.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import tantivy

from rag.errors import IndexDamaged, IndexUnavailable
from rag.types import LexicalQuery

_ANALYZER = "wellcited"
_WRITER_BYTES = 64 << 20
# Longer tokens are not words anyone asks for: addresses, gene sequences.
_LONGEST_TOKEN = 40
# What only a writer reads; it changes when no document does.
_BOOKKEEPING = ".managed.json"
# How the words of a tantivy error tell of a full disk.
_NO_SPACE = f"os error {errno.ENOSPC}"


@dataclass(frozen=True, slots=True)
class LexicalDocument:
    """What is searched of one passage, under the row number of the passage."""

    row: int
    title: str
    heading: str
    body: str


def create_lexical(folder: Path | None) -> tantivy.Index:
    """An empty lexical index in a folder, or in memory. Raises as add_documents does."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=True, fast=True)
    for field in ("title", "heading", "body"):
        builder.add_text_field(field, tokenizer_name=_ANALYZER, index_option="freq")
    if folder:
        folder.mkdir(parents=True)
    with _writing():
        index = tantivy.Index(builder.build(), path=str(folder) if folder else None, reuse=False)
        return _prepared(index)


def open_lexical(folder: Path) -> tantivy.Index:
    """An existing lexical index. Raises IndexDamaged where tantivy cannot open it."""
    try:
        return _prepared(tantivy.Index.open(str(folder)))
    except (ValueError, OSError) as error:
        raise IndexDamaged(f"The lexical index cannot be opened ({error}).") from error


def add_documents(index: tantivy.Index, documents: Iterable[LexicalDocument]) -> None:
    """Append documents; they are on disk when this returns.

    Raises IndexUnavailable where tantivy cannot write, OSError where the disk is full.
    """
    with _writing():
        # One thread: the order of documents, and so that of equal scores, does not vary.
        writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
        for document in documents:
            writer.add_document(tantivy.Document.from_dict(asdict(document), index.schema))
        writer.commit()
        # Merges remove files; the list of files is only taken once they are done.
        writer.wait_merging_threads()
        index.reload()


@contextmanager
def _writing() -> Iterator[None]:
    """Tantivy's errors in words of ours: it has one type for all of them, a ValueError."""
    try:
        yield
    except ValueError as error:
        if _NO_SPACE in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise IndexUnavailable(
            f"The word index cannot be written ({error}). Run `rag index` to make it again."
        ) from error


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 by name of every file that a search depends on. Raises OSError."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != _BOOKKEEPING and not path.name.endswith(".lock")
    }


def analyze(text: str) -> list[str]:
    """The terms that a text is found by: lower-cased, accents folded, English stems."""
    return list(_analyzer().analyze(text))


def search_lexical(
    searcher: tantivy.Searcher, schema: tantivy.Schema, query: LexicalQuery, k: int
) -> list[tuple[int, float]]:
    """The best k documents as (row, score), best first; equal scores by row."""
    clauses = [
        (tantivy.Occur.Should, _weighted(schema, field, term, query.weights[field]))
        for field, words in query.words.items()
        for term in dict.fromkeys(term for word in words for term in analyze(word))
    ]
    if not clauses or not k:
        return []
    hits = _best(searcher, tantivy.Query.boolean_query(clauses), k)
    rows = searcher.fast_field_values("row", [address for _, address in hits])
    pairs = [(int(row or 0), float(score)) for row, (score, _) in zip(rows, hits, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


def _best(
    searcher: tantivy.Searcher, query: tantivy.Query, k: int
) -> list[tuple[float, tantivy.DocAddress]]:
    """The k best hits with all that score like the last: tantivy takes any of those."""
    wanted = k
    while True:
        wanted *= 2
        hits = searcher.search(query, limit=wanted, count=False).hits
        if len(hits) < wanted or hits[-1][0] < hits[k - 1][0]:
            return hits


def _weighted(schema: tantivy.Schema, field: str, term: str, weight: float) -> tantivy.Query:
    query = tantivy.Query.term_query(schema, field, term, index_option="freq")
    return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)


def _prepared(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(_ANALYZER, _analyzer())
    # Readers must not move on by themselves: a view is one generation.
    index.config_reader("manual", 1)
    index.reload()
    return index


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST_TOKEN))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )
