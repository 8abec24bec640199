from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import IndexDamaged
from rag.index.schema import SCHEMA, Value, checksum, connect, verify

VALUES: st.SearchStrategy[list[Value]] = st.lists(
    st.one_of(st.text(), st.integers(), st.binary(), st.none()), max_size=4
)


def test_a_checksum_is_eight_bytes_over_each_value_with_its_type_and_length() -> None:
    guarded = b"str3:\xc3\xa9!int2:12bytes1:\x00NoneType4:None"
    expected = hashlib.blake2b(guarded, digest_size=8).digest()
    assert expected == checksum("é!", 12, b"\x00", None)


@given(VALUES, VALUES)
def test_values_that_differ_have_different_checksums(
    first: list[Value], second: list[Value]
) -> None:
    assert (first == second) == (checksum(*first) == checksum(*second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a", ""), ("a",)),
        (("12",), (12,)),
        (("a",), (b"a",)),
        (("None",), (None,)),
        (("int1:2",), (2,)),
    ],
)
def test_what_only_looks_alike_has_different_checksums(
    first: tuple[Value, ...], second: tuple[Value, ...]
) -> None:
    assert checksum(*first) != checksum(*second)


def test_what_matches_its_checksum_is_let_through() -> None:
    verify("row 1", checksum("text", 1), "text", 1)


def test_what_does_not_match_its_checksum_is_damage_and_named() -> None:
    with pytest.raises(IndexDamaged, match="passage 7 does not match its checksum"):
        verify("passage 7", checksum("text", 1), "text", 2)


@pytest.mark.parametrize("writing", [True, False])
def test_commits_go_through_the_log_and_are_on_disk_when_they_return(
    tmp_path: Path, writing: bool
) -> None:
    path = tmp_path / "a.sqlite"
    path.touch()
    with closing(connect(path, writing=writing)) as database:
        modes = [
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
    full = 2
    assert ["wal", full] == modes


def test_only_a_writer_makes_a_database_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a #%?.sqlite"
    with pytest.raises(sqlite3.OperationalError):
        connect(path, writing=False)
    assert not path.exists()
    connect(path, writing=True).close()
    assert path.exists()


def test_two_versions_of_one_article_cannot_live_at_once(tmp_path: Path) -> None:
    insert = (
        "INSERT INTO articles (article_id, version, record, born, died, checksum)"
        " VALUES ('a', ?, '', 1, ?, x'')"
    )
    with closing(connect(tmp_path / "a.sqlite", writing=True)) as database:
        database.executescript(SCHEMA)
        database.execute(insert, ("1", 2))
        database.execute(insert, ("2", None))
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(insert, ("3", None))
