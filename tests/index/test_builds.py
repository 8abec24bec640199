from __future__ import annotations

import hashlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import pytest

from rag.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnavailable
from rag.index.builds import (
    DATABASE,
    Recipe,
    create_build,
    find_build,
    live_build,
    read_recipe,
    set_live_build,
    writer_lock,
    writing,
)
from tests.making import RECIPE

OTHER = replace(RECIPE, chunking="test-2")


def test_without_a_pointer_there_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        live_build(tmp_path)


def test_the_pointer_holds_the_name_of_the_live_build_and_its_check(tmp_path: Path) -> None:
    build = create_build(tmp_path, RECIPE)
    set_live_build(tmp_path, build)
    check = hashlib.sha256(build.name.encode()).hexdigest()[:16]
    assert f"{build.name} {check}\n" == (tmp_path / "CURRENT").read_text()
    assert build == live_build(tmp_path)


def test_the_pointer_moves_to_another_build(tmp_path: Path) -> None:
    first, second = create_build(tmp_path, RECIPE), create_build(tmp_path, OTHER)
    set_live_build(tmp_path, first)
    set_live_build(tmp_path, second)
    assert second == live_build(tmp_path)
    assert {"CURRENT", "builds"} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    "content",
    [b"", b"one", b"one two", b"one two three", b"\xff\xfe", b"../../etc 0123456789abcdef"],
)
def test_a_damaged_pointer_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamaged):
        live_build(tmp_path)


def test_every_changed_character_of_the_pointer_is_damage(tmp_path: Path) -> None:
    set_live_build(tmp_path, create_build(tmp_path, RECIPE))
    pointer = tmp_path / "CURRENT"
    content = pointer.read_bytes()
    for position in range(len(content) - 1):
        pointer.write_bytes(
            content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]
        )
        with pytest.raises(IndexDamaged):
            live_build(tmp_path)


def test_a_live_build_that_is_gone_is_damage(tmp_path: Path) -> None:
    build = create_build(tmp_path, RECIPE)
    set_live_build(tmp_path, build)
    (build / DATABASE).unlink()
    with pytest.raises(IndexDamaged, match="gone"):
        live_build(tmp_path)


def test_a_build_keeps_its_recipe(tmp_path: Path) -> None:
    recipe = read_recipe(create_build(tmp_path, RECIPE))
    assert (RECIPE, RECIPE.model) == (recipe, recipe.model)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECIPE, encoder="hashing-2"),
        replace(RECIPE, chunking="test-2"),
        replace(RECIPE, text="2"),
        replace(RECIPE, format=RECIPE.format + 1),
    ],
)
def test_a_build_is_found_by_everything_in_its_recipe(tmp_path: Path, other: Recipe) -> None:
    build = create_build(tmp_path, RECIPE)
    assert build == find_build(tmp_path, RECIPE)
    assert None is find_build(tmp_path, other)


def test_two_names_of_one_model_are_one_recipe(tmp_path: Path) -> None:
    build = create_build(tmp_path, RECIPE)
    assert build == find_build(tmp_path, replace(RECIPE, model="/srv/models/hashing"))


def test_the_newest_build_of_a_recipe_is_found_whichever_is_live(tmp_path: Path) -> None:
    newer = create_build(tmp_path, RECIPE)
    older = newer.rename(newer.parent / f"20000101T000000{newer.name[15:]}")
    newer = create_build(tmp_path, RECIPE)
    create_build(tmp_path, OTHER)
    set_live_build(tmp_path, older)
    assert newer == find_build(tmp_path, RECIPE)


def test_a_build_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    build = create_build(tmp_path, RECIPE)
    unreadable = build.parent / "99990101T000000-00000000"
    unreadable.mkdir()
    (unreadable / DATABASE).write_bytes(b"not a database" * 100)
    assert build == find_build(tmp_path, RECIPE)
    (build / DATABASE).unlink()
    assert None is find_build(tmp_path, RECIPE)


def test_a_build_that_a_killed_process_had_begun_is_not_found_but_removed(tmp_path: Path) -> None:
    unfinished = create_build(tmp_path, RECIPE)
    unfinished = unfinished.rename(unfinished.parent / ".making-0")
    assert None is find_build(tmp_path, RECIPE)
    build = create_build(tmp_path, OTHER)
    assert [build] == list(build.parent.iterdir())


class _Stopped(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> _Stopped:
        return cls(2026, 1, 1, tzinfo=UTC)


def test_a_build_that_cannot_be_read_is_made_again_within_the_same_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.builds.datetime", _Stopped)
    (create_build(tmp_path, RECIPE) / DATABASE).write_bytes(b"")
    build = create_build(tmp_path, RECIPE)
    assert build == find_build(tmp_path, RECIPE)


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM recipe",
        "DROP TABLE recipe",
        "UPDATE recipe SET checksum = x'00'",
        "UPDATE recipe SET json = replace(json, 'test-1', 'test-2')",
    ],
)
def test_a_damaged_recipe_is_damage(tmp_path: Path, harm: str) -> None:
    build = create_build(tmp_path, RECIPE)
    with writing(build) as database:
        database.execute(harm)
    with pytest.raises(IndexDamaged):
        read_recipe(build)


def test_where_sqlite_cannot_go_on_the_index_is_unavailable(tmp_path: Path) -> None:
    build = create_build(tmp_path, RECIPE)
    with pytest.raises(IndexUnavailable, match="disk is full"), writing(build):
        raise sqlite3.OperationalError("database or disk is full")
    (build / DATABASE).write_bytes(b"not a database" * 100)
    with pytest.raises(IndexUnavailable), writing(build):
        pytest.fail("nothing can be written here")


def test_only_one_may_write_at_once(tmp_path: Path) -> None:
    with (
        writer_lock(tmp_path / "index", 0),
        pytest.raises(IndexBusy),
        writer_lock(tmp_path / "index", 0),
    ):
        pytest.fail("two write at once")


def test_another_index_is_not_locked(tmp_path: Path) -> None:
    with writer_lock(tmp_path / "one", 0), writer_lock(tmp_path / "two", 0):
        assert {"one", "two"} == {path.name for path in tmp_path.iterdir()}


def test_who_waits_writes_as_soon_as_the_other_has_finished(tmp_path: Path) -> None:
    order: list[str] = []
    begun = threading.Event()

    def wait() -> None:
        begun.set()
        with writer_lock(tmp_path, 60):
            order.append("second")

    with ThreadPoolExecutor() as pool:
        with writer_lock(tmp_path, 0):
            waiting = pool.submit(wait)
            begun.wait()
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.25)
            order.append("first")
        waiting.result(timeout=30)
    assert ["first", "second"] == order


def test_the_lock_is_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writer_lock(tmp_path, 0):
        raise KeyError
    with writer_lock(tmp_path, 0):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file, not a folder")
    with (
        pytest.raises(IndexUnavailable, match=str(tmp_path / "index")),
        writer_lock(tmp_path / "index", 0),
    ):
        pytest.fail("there is nothing to lock")
