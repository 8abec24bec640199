from __future__ import annotations

import errno
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest
import tantivy

from rag.errors import IndexDamaged, IndexUnavailable
from rag.index.lexical import (
    LexicalDocument,
    add_documents,
    analyze,
    create_lexical,
    file_digests,
    open_lexical,
    search_lexical,
)
from rag.types import LexicalQuery

WEIGHTS = {"title": 1.0, "heading": 1.0, "body": 1.0}
BODIES = [
    "knee pain in the knee",
    "pain",
    "walk on the knee for an hour each day",
    "rest",
    "knee knee knee",
    "the hip and the knee",
]


def documents(*bodies: str, first: int = 1) -> list[LexicalDocument]:
    return [LexicalDocument(row, "", "", body) for row, body in enumerate(bodies, start=first)]


def index_of(*parts: Sequence[LexicalDocument], folder: Path | None = None) -> tantivy.Index:
    """An index whose parts were committed one after another."""
    index = create_lexical(folder)
    for part in parts:
        add_documents(index, part)
    return index


def search(
    index: tantivy.Index,
    *words: str,
    k: int = 100,
    fields: Sequence[str] = ("title", "heading", "body"),
    weights: Mapping[str, float] = WEIGHTS,
) -> list[tuple[int, float]]:
    query = LexicalQuery(dict.fromkeys(fields, words), weights)
    return search_lexical(index.searcher(), index.schema, query, k)


def bm25(texts: Sequence[str], word: str) -> dict[int, float]:
    """BM25 of one word by row from 1: k1 = 1.2, b = 0.75, the idf of Lucene."""
    split = [text.split() for text in texts]
    average = sum(map(len, split)) / len(split)
    having = sum(word in text for text in split)
    idf = math.log(1 + (len(split) - having + 0.5) / (having + 0.5))
    return {
        row: idf * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * len(text) / average))
        for row, text in enumerate(split, start=1)
        if (n := text.count(word))
    }


def test_scores_are_bm25_best_first() -> None:
    expected = bm25(BODIES, "knee")
    found = search(index_of(documents(*BODIES)), "knee")
    assert [5, 1, 6, 3] == [row for row, _ in found]
    assert expected == pytest.approx(dict(found), rel=1e-5)


def test_scores_of_words_add_up_and_a_word_counts_once() -> None:
    index = index_of(documents(*BODIES))
    knee, pain = bm25(BODIES, "knee"), bm25(BODIES, "pain")
    expected = {row: knee.get(row, 0) + pain.get(row, 0) for row in knee | pain}
    assert expected == pytest.approx(dict(search(index, "knee", "pain", "Knees")), rel=1e-5)


def test_scores_of_fields_add_up_with_their_weights() -> None:
    index = index_of(
        [
            LexicalDocument(1, "knee pain", "", "rest"),
            LexicalDocument(2, "hip", "the knee", "knee"),
        ]
    )
    weights = {"title": 2.0, "heading": 0.5, "body": 1.0}
    expected = {
        1: 2.0 * bm25(["knee pain", "hip"], "knee")[1],
        2: 0.5 * bm25(["", "the knee"], "knee")[2] + bm25(["rest", "knee"], "knee")[2],
    }
    assert expected == pytest.approx(dict(search(index, "knee", weights=weights)), rel=1e-5)


def test_a_word_is_looked_for_only_in_the_fields_it_is_asked_of() -> None:
    index = index_of([LexicalDocument(1, "knee", "hip", "foot")])
    assert [1] == [row for row, _ in search(index, "knee", fields=["title"])]
    assert [] == search(index, "knee", fields=["heading", "body"])


def test_equal_scores_go_by_row() -> None:
    index = index_of(documents("knee", "knee", "knee pain", "knee"))
    assert [1, 2, 4, 3] == [row for row, _ in search(index, "knee")]


def test_equal_scores_go_by_row_at_every_cut() -> None:
    index = index_of(*([document] for document in documents(*["knee"] * 15)))
    found = [[row for row, _ in search(index, "knee", k=k)] for k in range(1, 16)]
    assert [list(range(1, k + 1)) for k in range(1, 16)] == found


def test_documents_added_in_many_parts_score_as_if_added_at_once() -> None:
    """More parts than tantivy leaves alone: it merges some of them."""
    at_once = index_of(documents(*BODIES * 4))
    in_parts = index_of(*([document] for document in documents(*BODIES * 4)))
    assert 24 > in_parts.searcher().num_segments
    assert 24 == in_parts.searcher().num_docs
    for word in ("knee", "pain", "the"):
        assert dict(search(at_once, word)) == pytest.approx(dict(search(in_parts, word)))


@pytest.mark.parametrize("k", [0, 1, 3])
def test_there_are_no_more_than_asked_for(k: int) -> None:
    found = search(index_of(documents(*BODIES)), "knee", k=k)
    assert [5, 1, 6, 3][:k] == [row for row, _ in found]


def test_words_that_are_nowhere_find_nothing() -> None:
    index = index_of(documents(*BODIES))
    assert [] == search(index, "sciatica")
    assert [] == search(index)
    assert [] == search(index, "…")
    assert [] == search(create_lexical(None), "knee")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Knees, KNEE", ["knee", "knee"]),
        ("running runs", ["run", "run"]),
        ("Übelkeit café", ["ubelkeit", "cafe"]),
        ("COVID-19", ["covid", "19"]),
        ("2.5 mg", ["2", "5", "mg"]),
        ("don’t", ["don", "t"]),
        ("a " + "g" * 200, ["a"]),
        ("…", []),
    ],
)
def test_words_are_found_by_their_folded_stems(text: str, expected: list[str]) -> None:
    assert expected == analyze(text)


def test_an_index_on_disk_is_found_again_and_grows(tmp_path: Path) -> None:
    folder = tmp_path / "lexical" / "1"
    index_of(documents(*BODIES), folder=folder)
    add_documents(open_lexical(folder), documents("another knee", first=7))
    assert [1, 3, 5, 6, 7] == sorted(row for row, _ in search(open_lexical(folder), "knee"))


def test_a_searcher_stays_with_what_it_was_opened_with(tmp_path: Path) -> None:
    """Also when the files are gone: they are mapped."""
    folder = tmp_path / "1"
    index_of(documents(*BODIES), folder=folder)
    index = open_lexical(folder)
    before = search(index, "knee")
    add_documents(open_lexical(folder), documents("knee", first=7))
    for path in folder.iterdir():
        path.unlink()
    assert before == search(index, "knee")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff"])
def test_what_tantivy_cannot_open_is_damage(tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "1"
    index_of(documents(*BODIES), folder=folder)
    (folder / "meta.json").unlink()
    if content is not None:
        (folder / "meta.json").write_bytes(content)
    with pytest.raises(IndexDamaged):
        open_lexical(folder)


def test_a_digest_changes_with_every_file_a_search_depends_on(tmp_path: Path) -> None:
    index_of(documents(*BODIES), folder=tmp_path / "1")
    digests = file_digests(tmp_path / "1")
    assert {"meta.json"} < digests.keys()
    assert not {".managed.json", ".tantivy-meta.lock"} & digests.keys()
    for name in digests:
        path = tmp_path / "1" / name
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        changed = file_digests(tmp_path / "1")
        assert [name] == [other for other in digests if digests[other] != changed[other]]
        path.write_bytes(content)


def test_a_folder_that_cannot_be_written_is_no_traceback_of_tantivy(tmp_path: Path) -> None:
    index = create_lexical(tmp_path / "index")
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(IndexUnavailable, match="cannot be written"):
        add_documents(index, documents(*BODIES))


def test_a_full_disk_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    monkeypatch.setattr("tantivy.Index", refuse)
    with pytest.raises(OSError, match="No space left") as raised:
        create_lexical(None)
    assert errno.ENOSPC == raised.value.errno
