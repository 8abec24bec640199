"""Data sets in BEIR's layout are read as they are, and refused clearly where they are broken."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from rag.errors import DatasetError
from rag.evaluation import Document, iter_documents, load_dataset, select_queries
from rag.types import Notice

QUERIES: list[dict[str, object]] = [
    {"_id": "q1", "text": "What eases heel pain?"},
    {"_id": "q2", "text": "Is shingles catching?"},
    {"_id": "q3", "text": "How long does flu last?"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\theel\t2\nq1\tfoot\t0\nq2\tzoster\t1\n"


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def jsonl(rows: Sequence[Mapping[str, object]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "feet"
    write(folder / "queries.jsonl", jsonl(QUERIES))
    write(folder / "qrels" / "dev.tsv", QRELS)
    return folder


def test_a_data_set_is_read_with_its_name_split_queries_and_judgements(folder: Path) -> None:
    corpus = write(folder / "corpus.jsonl", "")
    dataset = load_dataset(folder)
    assert dataset.name == "feet"
    assert dataset.split == "dev"
    assert dataset.queries == {row["_id"]: row["text"] for row in QUERIES}
    assert dataset.qrels == {"q1": {"heel": 2, "foot": 0}, "q2": {"zoster": 1}}
    assert dataset.corpus_path == corpus
    assert dataset.warnings == ()


def test_a_data_set_without_documents_has_no_corpus_path(folder: Path) -> None:
    assert load_dataset(folder).corpus_path is None


def test_gzipped_files_read_the_same(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed" / "feet"
    write(packed / "queries.jsonl.gz", jsonl(QUERIES))
    write(packed / "qrels" / "dev.tsv.gz", QRELS)
    assert load_dataset(packed) == load_dataset(folder)


@pytest.mark.parametrize(
    "qrels",
    [
        QRELS.split("\n", 1)[1],
        QRELS.replace("\n", "\r\n"),
        "\ufeff" + QRELS,
        QRELS.replace("score", "Relevance"),
        QRELS.replace("\n", "\n\n"),
        QRELS + "q2\tzoster\t1\n",
    ],
    ids=["no header", "CRLF", "byte order mark", "other header", "blank lines", "repeated line"],
)
def test_judgements_read_the_same_in_every_usual_form(folder: Path, qrels: str) -> None:
    write(folder / "qrels" / "dev.tsv", qrels)
    assert load_dataset(folder).qrels == {"q1": {"heel": 2, "foot": 0}, "q2": {"zoster": 1}}


def test_ids_are_taken_as_they_are(folder: Path) -> None:
    odd = "Überbein/a b #1 "
    write(folder / "queries.jsonl", jsonl([{"_id": 7, "text": "Number"}, *QUERIES]))
    write(folder / "qrels" / "dev.tsv", f"7\t{odd}\t1\n")
    dataset = load_dataset(folder)
    assert dataset.qrels == {"7": {odd: 1}}
    assert dataset.queries["7"] == "Number"


def test_the_split_is_test_where_there_are_several_and_none_is_named(folder: Path) -> None:
    write(folder / "qrels" / "test.tsv", "q3\tflu\t1\n")
    assert load_dataset(folder).qrels == {"q3": {"flu": 1}}
    assert load_dataset(folder, "dev").split == "dev"


def test_files_that_are_no_judgements_do_not_count_as_splits(folder: Path) -> None:
    write(folder / "qrels" / "README.md", "notes")
    write(folder / "qrels" / ".hidden.tsv", "junk")
    assert load_dataset(folder).split == "dev"


def test_queries_without_a_relevant_document_are_skipped_and_counted(folder: Path) -> None:
    dataset = load_dataset(folder)
    lenient = select_queries(dataset)
    assert (list(lenient.queries), lenient.skipped) == (["q1", "q2"], 1)
    strict = select_queries(dataset, relevant=2)
    assert strict.queries == {"q1": "What eases heel pain?"}
    assert strict.qrels == {"q1": {"heel": 2, "foot": 0}}
    assert strict.skipped == 2


def test_queries_that_another_split_judges_are_not_part_of_this_one(folder: Path) -> None:
    write(folder / "qrels" / "test.tsv", "q3\tflu\t1\n")
    dataset = load_dataset(folder, "dev")
    assert list(dataset.queries) == ["q1", "q2"]
    assert select_queries(dataset).skipped == 0


def test_judged_queries_without_a_text_are_skipped_with_a_warning(folder: Path) -> None:
    write(folder / "qrels" / "dev.tsv", QRELS + "q9\theel\t1\n")
    dataset = load_dataset(folder)
    assert dataset.warnings == (
        Notice("qrels/dev.tsv", "judges 1 queries that queries.jsonl lacks, skipped: q9"),
    )
    selection = select_queries(dataset)
    assert (sorted(selection.qrels), selection.skipped) == (["q1", "q2"], 2)


def test_no_query_to_ask_is_an_error(folder: Path) -> None:
    with pytest.raises(DatasetError, match=r"No query of feet \(dev\).* grade 3 or more\. Lower"):
        select_queries(load_dataset(folder), relevant=3)


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("q1\theel\n", r"dev\.tsv:1 has 2 columns, not 3\. Write query-id"),
        ("q1 heel 1\n", r"dev\.tsv:1 has 1 columns"),
        ("q1\t0\theel\t1\n", r"dev\.tsv:1 has 4 columns"),
        ("q1\theel\thigh\n", r"dev\.tsv:1: grade 'high' is not a whole number"),
        ("q1\theel\t1\nq2\tx\t0.5\n", r"dev\.tsv:2: grade '0\.5' is not a whole number"),
        ("q1\theel\t20251122\n", r"dev\.tsv:1: grade 20251122 is beyond 1000"),
        ("q1\theel\t1\nq1\theel\t2\n", r"dev\.tsv:2: document 'heel' has grade 2 .* but 1 above"),
        ("query-id\tcorpus-id\tscore\n", r"dev\.tsv holds no judgement"),
        ("", r"dev\.tsv holds no judgement"),
    ],
)
def test_malformed_judgements_are_refused_by_line(folder: Path, qrels: str, message: str) -> None:
    write(folder / "qrels" / "dev.tsv", qrels)
    with pytest.raises(DatasetError, match=message):
        load_dataset(folder)


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ("{", r"queries\.jsonl:1 is not JSON: .* Write one JSON object per line"),
        ("[1]\n", r"queries\.jsonl:1 holds list, not an object"),
        ('{"text": "a"}\n', r"queries\.jsonl:1: '_id' is None, which is not an id"),
        ('{"_id": true, "text": "a"}\n', r"queries\.jsonl:1: '_id' is True"),
        ('{"_id": "q1"}\n', r"queries\.jsonl:1: the query has no 'text'"),
        ('{"_id": "q1", "text": ["a"]}\n', r"queries\.jsonl:1: 'text' is \['a'\]"),
        (
            '{"_id": "q1", "text": "a"}\n\n{"_id": "q1", "text": "b"}\n',
            r"queries\.jsonl:3: another query has the id 'q1' too",
        ),
    ],
)
def test_malformed_queries_are_refused_by_line(folder: Path, queries: str, message: str) -> None:
    write(folder / "queries.jsonl", queries)
    with pytest.raises(DatasetError, match=message):
        load_dataset(folder)


def test_what_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"There is no folder .*nowhere"):
        load_dataset(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"no split 'train'\. Choose with --split among: dev\."):
        load_dataset(folder, "train")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(DatasetError, match=r"feet has no queries\.jsonl\. Write one"):
        load_dataset(folder)
    (folder / "qrels" / "dev.tsv").unlink()
    with pytest.raises(DatasetError, match=r"qrels holds no judgements\. Put them there"):
        load_dataset(folder)


def test_several_splits_without_test_must_be_chosen_from(folder: Path) -> None:
    write(folder / "qrels" / "train.tsv", "q3\tflu\t1\n")
    with pytest.raises(DatasetError, match=r"no split 'test'\. .* dev, train"):
        load_dataset(folder)


def test_bytes_that_are_not_utf_8_are_refused_by_line(folder: Path) -> None:
    (folder / "queries.jsonl").write_bytes(b'{"_id": "q1", "text": "a"}\n{"_id": "\xff"}\n')
    with pytest.raises(DatasetError, match=r"queries\.jsonl:2 is not UTF-8: .* Save it as UTF-8"):
        load_dataset(folder)


@pytest.mark.parametrize("spoil", [lambda data: data[:-12], lambda data: b"plain" + data])
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(spoil(gzip.compress(b'{"_id": "a", "text": "b"}\n' * 50)))
    with pytest.raises(DatasetError, match=r"corpus\.jsonl\.gz cannot be read: .* complete"):
        list(iter_documents(path))


def test_documents_keep_their_ids_texts_and_metadata(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"_id": "../a b", "title": "Heel", "text": "One.", "metadata": {"url": "x"}, "more": 1},
        {"_id": "", "text": "Two."},
        {"_id": 12, "title": None, "text": None, "metadata": None},
        {"_id": "A", "text": "Three.", "metadata": ["odd"]},
        {"_id": "a", "text": "Four."},
    ]
    path = write(tmp_path / "corpus.jsonl.gz", jsonl(rows))
    assert list(iter_documents(path)) == [
        Document("corpus.jsonl.gz:1", "../a b", "Heel", "One.", {"url": "x"}),
        Document("corpus.jsonl.gz:2", "", "", "Two.", {}),
        Document("corpus.jsonl.gz:3", "12", "", "", {}),
        Document("corpus.jsonl.gz:4", "A", "", "Three.", {}),
        Document("corpus.jsonl.gz:5", "a", "", "Four.", {}),
    ]


def test_a_document_repeated_word_for_word_comes_once(tmp_path: Path) -> None:
    path = write(tmp_path / "corpus.jsonl", jsonl([{"_id": "a", "text": "One."}] * 2))
    assert [document.id for document in iter_documents(path)] == ["a"]


def test_two_different_documents_with_one_id_are_refused(tmp_path: Path) -> None:
    rows = [{"_id": "a", "text": "One."}, {"_id": "a", "text": "Two."}]
    path = write(tmp_path / "corpus.jsonl", jsonl(rows))
    with pytest.raises(DatasetError, match=r"corpus\.jsonl:2: another document has the id 'a'"):
        list(iter_documents(path))
