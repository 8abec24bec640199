from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.durable import appearing, remove_unfinished, replace_text, replaced


def test_a_folder_appears_whole_under_its_name(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "folder"
    with appearing(target) as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_text("content")
        assert not target.exists()
    assert "content" == (target / "sub" / "file").read_text()
    assert [target] == list(target.parent.iterdir())


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_while_a_folder_is_filled_leaves_nothing(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def fill() -> None:
        with appearing(tmp_path / "folder") as folder:
            (folder / "half").write_text("of it")
            raise error

    with pytest.raises(error):
        fill()
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_there_already_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").write_text("kept")
    with pytest.raises(OSError, match="folder"), appearing(target) as folder:
        (folder / "new").write_text("lost")
    assert ["old"] == [path.name for path in target.iterdir()]
    assert [target] == list(tmp_path.iterdir())


def test_a_text_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "CURRENT"
    replace_text(path, "first\n")
    replace_text(path, "zweiter ✓\n")
    assert "zweiter ✓\n" == path.read_text(encoding="utf-8")
    assert [path] == list(tmp_path.iterdir())


def test_an_error_while_a_text_is_replaced_leaves_the_old_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "CURRENT"
    replace_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "new \ud800")
    assert "old" == path.read_text()
    assert [path] == list(tmp_path.iterdir())


def test_a_text_cannot_replace_a_folder_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_text(tmp_path / "folder", "text")
    assert [tmp_path / "folder"] == list(tmp_path.iterdir())


def test_what_appears_may_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with appearing(tmp_path / "folder"):
            replace_text(tmp_path / "file", "text")
    finally:
        os.umask(before)
    assert 0o755 == (tmp_path / "folder").stat().st_mode & 0o777
    assert 0o644 == (tmp_path / "file").stat().st_mode & 0o777


def test_what_a_killed_process_had_begun_is_removed_and_nothing_else(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    with appearing(whole):
        pass
    begun = appearing(tmp_path / "other")
    half = begun.__enter__()
    (half / "file").write_text("half")
    remove_unfinished(tmp_path)
    assert [whole] == list(tmp_path.iterdir())


def test_a_file_is_as_it_was_where_what_follows_fails_and_that_needs_no_space(
    tmp_path: Path,
) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    same = path.stat().st_ino
    for text in ("after", None):
        with pytest.raises(KeyError), replaced(path, text):
            raise KeyError
        assert ("before", same) == (path.read_text(), path.stat().st_ino)
    assert [path] == list(tmp_path.iterdir())


def test_a_file_that_was_not_there_is_gone_again_where_what_follows_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), replaced(tmp_path / "deep" / "file", "text"):
        raise KeyError
    assert [] == list((tmp_path / "deep").iterdir())


def test_a_replaced_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    for text in ("first", "second"):
        with replaced(tmp_path / "file", text):
            pass
        assert text == (tmp_path / "file").read_text()
        assert [tmp_path / "file"] == list(tmp_path.iterdir())


def test_in_a_shared_folder_what_another_is_making_stays(tmp_path: Path) -> None:
    (tmp_path / ".making-abandoned").mkdir()
    with appearing(tmp_path / "folder"):
        remove_unfinished(tmp_path, shared=True)
    assert [tmp_path / "folder"] == list(tmp_path.iterdir())


def test_what_is_finished_while_the_unfinished_is_removed_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / ".making-gone"
    monkeypatch.setattr(Path, "glob", lambda *_: iter([gone]))
    remove_unfinished(tmp_path, shared=True)
    assert not gone.exists()
