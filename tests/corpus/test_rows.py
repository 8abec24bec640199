from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.corpus import Entry, Rejection, read_rows
from rag.types import Notice, SourceFile


def paths(entries: list[Entry]) -> list[str]:
    return [entry.path for entry in entries if isinstance(entry, SourceFile)]


def read(tmp_path: Path, content: bytes | str) -> list[Entry]:
    path = tmp_path / "c.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_rows(path, "c.jsonl"))


def row(**fields: object) -> str:
    return json.dumps({"_id": "a", "text": "Rest helps.", **fields}) + "\n"


def test_a_row_becomes_an_article_with_its_title_and_metadata(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, row(title="Knee", metadata={"url": "https://e.org"}, extra=1))
    assert isinstance(entry, SourceFile)
    assert (entry.path, entry.id, entry.title) == ("c.jsonl:1", "a", "Knee")
    assert (entry.body, entry.metadata) == ("Rest helps.", {"url": "https://e.org"})


@pytest.mark.parametrize(
    "fields", [{}, {"title": "", "metadata": {}}, {"title": None, "metadata": None}]
)
def test_title_and_metadata_may_be_absent_or_empty(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    (entry,) = read(tmp_path, row(**fields))
    assert isinstance(entry, SourceFile)
    assert (entry.title, entry.metadata) == (None, {})


@pytest.mark.parametrize(
    ("text", "metadata", "expected"),
    [
        ("Plain words.", {}, "text"),
        ("#1 cause. Not # a heading", {}, "text"),
        ("Lead.\n## Causes\nWear.", {}, "markdown"),
        ("####### seven", {}, "text"),
        ("Plain *words*.", {"format": "markdown"}, "markdown"),
        ("# Heading", {"format": "text"}, "text"),
        ("<p>Hello</p>", {"format": "html"}, "html"),
        ("# Heading", {"format": "docx"}, "markdown"),
        ("# Heading", {"format": ["text"]}, "markdown"),
    ],
)
def test_text_is_markdown_where_a_line_is_a_heading_unless_metadata_says_else(
    tmp_path: Path, text: str, metadata: dict[str, object], expected: str
) -> None:
    (entry,) = read(tmp_path, row(text=text, metadata=metadata))
    assert isinstance(entry, SourceFile)
    assert entry.format == expected


@pytest.mark.parametrize(
    ("line", "reason", "article_id"),
    [
        (b"[1, 2]", "is not a JSON object but a list", None),
        (b'"text"', "is not a JSON object but 'text'", None),
        (b'{"text": "x"}', "has no `_id`", None),
        (b'{"_id": 7, "text": "x"}', "`_id` is not text but 7; put it in quotes", None),
        (b'{"_id": "k"}', "has no `text`", "k"),
        (b'{"_id": "k", "text": null}', "`text` is not text but null; put it in quotes", "k"),
        (b'{"_id": "k", "text": ["x"]}', "`text` is not text but a list; put it in quotes", "k"),
    ],
)
def test_a_row_of_another_shape_is_rejected_by_its_line(
    tmp_path: Path, line: bytes, reason: str, article_id: str | None
) -> None:
    bad, good = read(tmp_path, line + b"\n" + row().encode())
    assert bad == Rejection("c.jsonl:1", reason, article_id)
    assert isinstance(good, SourceFile)
    assert good.path == "c.jsonl:2"


@pytest.mark.parametrize(
    "line",
    [
        b'{"_id": "k", "text": "cut',
        b'{"_id": "k", "text": "x"} more',
        b'{"_id": "k", "text": "\xff"}',
    ],
)
def test_a_row_that_cannot_be_parsed_is_rejected_and_still_names_its_article(
    tmp_path: Path, line: bytes
) -> None:
    bad, good = read(tmp_path, line + b"\n" + row().encode())
    assert isinstance(bad, Rejection)
    assert (bad.path, bad.article_id) == ("c.jsonl:1", "k")
    assert bad.reason.startswith(("is not JSON (", "is not UTF-8 ("))
    assert isinstance(good, SourceFile)


def test_nesting_without_end_is_a_rejected_row(tmp_path: Path) -> None:
    (bad,) = read(tmp_path, b'{"_id": "k", "text": ' + b"[" * 100_000)
    assert isinstance(bad, Rejection)


def test_blank_lines_are_skipped_but_counted(tmp_path: Path) -> None:
    entries = read(tmp_path, "\n  \n" + row() + "\r\n" + row(_id="b"))
    assert paths(entries) == [
        "c.jsonl:3",
        "c.jsonl:5",
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, b"\xef\xbb\xbf" + row().encode())
    assert isinstance(entry, SourceFile)


@pytest.mark.parametrize(
    ("fields", "name"), [({"metadata": [1]}, "metadata"), ({"title": 5}, "title")]
)
def test_metadata_or_a_title_of_another_shape_is_a_warning_only(
    tmp_path: Path, fields: dict[str, object], name: str
) -> None:
    notice, entry = read(tmp_path, row(**fields))
    assert isinstance(notice, Notice)
    assert notice.path == "c.jsonl:1"
    assert notice.reason.startswith(f"{name} is not ")
    assert isinstance(entry, SourceFile)
    assert (entry.title, entry.metadata) == (None, {})


def compressed(rows: int) -> bytes:
    # Not compressible, so that a cut loses rows rather than only the end mark.
    lines = [row(_id=f"a{i}", text=random.Random(i).randbytes(80).hex()) for i in range(rows)]
    return gzip.compress("".join(lines).encode())


def test_a_compressed_file_is_read_by_line(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(compressed(3))
    entries = list(read_rows(path, "c.jsonl.gz"))
    assert paths(entries) == [f"c.jsonl.gz:{n}" for n in (1, 2, 3)]


def test_a_file_cut_short_is_rejected_and_its_whole_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    content = compressed(2_000)
    path.write_bytes(content[: len(content) // 2])
    *entries, last = read_rows(path, "c.jsonl.gz")
    assert len(entries) > 500
    assert all(isinstance(entry, SourceFile) for entry in entries)
    assert isinstance(last, Rejection)
    assert (last.path, last.article_id) == ("c.jsonl.gz", None)
    assert last.reason.startswith("is damaged or cut short (")
    assert f"rows up to line {len(entries)} are kept" in last.reason


def test_a_file_damaged_in_the_middle_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    content = bytearray(compressed(2_000))
    content[len(content) // 2 : len(content) // 2 + 8] = b"\x00" * 8
    path.write_bytes(content)
    last = list(read_rows(path, "c.jsonl.gz"))[-1]
    assert isinstance(last, Rejection)
    assert last.path == "c.jsonl.gz"


def test_a_file_that_is_not_compressed_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_text(row())
    (last,) = read_rows(path, "c.jsonl.gz")
    assert isinstance(last, Rejection)
    assert last.reason.endswith("no row was read. Copy the file again")


@given(st.lists(st.binary(max_size=60)))
def test_bytes_of_any_kind_end_in_entries(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    entries = read(tmp_path_factory.mktemp("rows"), b"\n".join(lines))
    assert all(isinstance(entry, SourceFile | Rejection | Notice) for entry in entries)
