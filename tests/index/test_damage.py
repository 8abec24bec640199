from __future__ import annotations

import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rag.errors import IndexDamaged, IndexUnavailable
from rag.index.builds import DATABASE, lexical_folder, live_build
from rag.index.check import check_index
from rag.index.lexical import file_digests
from rag.index.view import load_view
from rag.types import Mode
from tests.making import (
    build_index,
    database_of,
    live_texts,
    make_article,
    reading,
    searched,
)

WALK = make_article("a", "Walk on. Rest.", "Sleep well.", headings=["Do", "Then"])
KNEE = make_article("b", "Knee pain heals.", title="Knee")
FALLBACK = "lexical index damaged"


def served(index: Path) -> dict[str, str]:
    """Everything that may reach a reader, as one who has just come finds it."""
    with reading(index) as opened:
        for question in ("walk and sleep", "knee"):
            searched(opened, question)
        for summary in opened.articles(None, 10).articles:
            opened.article(summary.article_id, summary.version)
        return dict(live_texts(opened))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index without damage; to be copied, not changed."""
    index = tmp_path_factory.mktemp("whole")
    build_index(index, WALK, KNEE)
    return index


@pytest.fixture
def index(whole: Path, tmp_path: Path) -> Path:
    """An index to do harm to."""
    return shutil.copytree(whole, tmp_path / "index")


def spoil(value: int | str | bytes) -> int | str | bytes:
    """A value that differs in the lowest bit of one byte, or by one."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    middle = len(value) // 2
    return value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]


GUARDED = {
    "recipe": ["json", "checksum"],
    "generations": ["generation", "created", "summary", "checksum"],
    "articles": ["article_id", "version", "record", "born", "checksum"],
    "sections": ["article", "vector", "heading", "checksum"],
    "passages": ["article", "section", "vector", "start", "end", "sentences", "checksum"],
    "vectors": ["input", "data", "checksum"],
    "sentence_vectors": ["vector", "data", "checksum"],
}


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, names in GUARDED.items() for column in names]
)
def test_a_changed_value_of_a_guarded_column_is_damage(
    index: Path, table: str, column: str
) -> None:
    with database_of(index) as database:
        last = f"FROM {table} ORDER BY rowid DESC LIMIT 1"
        rowid, value = database.execute(f'SELECT rowid, "{column}" {last}').fetchone()
        # A section may have no heading.
        changed = spoil(value) if value != "" else "x"
        database.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?', (changed, rowid))
    with pytest.raises(IndexDamaged):
        served(index)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE articles SET record = CAST(x'ff' AS TEXT)",
        "UPDATE vectors SET data = x''",
        "DELETE FROM vectors WHERE row = 1",
        "DELETE FROM sentence_vectors WHERE vector = 1",
        "DROP TABLE passages",
        "DELETE FROM recipe",
    ],
)
def test_what_is_lost_or_cannot_be_read_is_damage(index: Path, harm: str) -> None:
    with database_of(index) as database:
        database.execute(harm)
    with pytest.raises(IndexDamaged):
        served(index)


@pytest.mark.parametrize("content", [b"", b"not a database" * 500, b"SQLite format 3\x00"])
def test_a_database_file_that_holds_something_else_is_damage(index: Path, content: bytes) -> None:
    (live_build(index) / DATABASE).write_bytes(content)
    with pytest.raises(IndexDamaged):
        served(index)


def test_half_a_database_file_is_damage(index: Path) -> None:
    path = live_build(index) / DATABASE
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IndexDamaged):
        served(index)


def test_a_flipped_bit_anywhere_in_the_file_lets_no_other_text_through(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.library._LEXICAL_PAUSE", 0.001)
    with database_of(index) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = served(index)
    path = live_build(index) / DATABASE
    content = path.read_bytes()
    # Most of a small database is empty; an odd stride meets every kind of page.
    positions = [at for at in range(0, len(content), 11) if content[at]][::4]
    refused = 0
    for position in positions:
        flipped = content[position] ^ (1 << position % 7)
        path.write_bytes(content[:position] + bytes([flipped]) + content[position + 1 :])
        try:
            with reading(index) as opened:
                assert live_texts(opened).items() <= before.items()
        except IndexUnavailable:
            refused += 1
    assert refused > len(positions) / 4


def test_a_schema_that_is_no_longer_text_is_damage(index: Path) -> None:
    with database_of(index) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = live_build(index) / DATABASE
    path.write_bytes(path.read_bytes().replace(b"tablesources", b"tables\xefurces"))
    with pytest.raises(IndexDamaged):
        served(index)


def test_an_article_that_is_damaged_does_not_keep_others_from_being_read(index: Path) -> None:
    with database_of(index) as database:
        database.execute("UPDATE articles SET record = replace(record, 'heals', 'kills')")
    with reading(index) as opened:
        rows = {article: row for row, article in opened.article_ids().items()}
        assert ["Sleep well."] == [stored.text for stored in opened.passages([rows["a"]])]
        for read in (
            lambda: opened.passages([rows["b"]]),
            lambda: opened.article("b"),
            lambda: opened.articles(None, 10),
        ):
            with pytest.raises(IndexDamaged, match="article b"):
                read()


def test_a_damaged_passage_is_not_read_as_what_stands_before_the_next(tmp_path: Path) -> None:
    build_index(tmp_path, make_article("knee", "Rest the knee for a day. " * 14))
    with database_of(tmp_path) as database:
        assert (2,) == database.execute("SELECT count(*) FROM passages").fetchone()
        database.execute("UPDATE passages SET sentences = zeroblob(8) WHERE row = 1")
    with reading(tmp_path) as opened, pytest.raises(IndexDamaged, match="passage 1"):
        opened.passages([2])


def test_a_damaged_vector_keeps_everything_from_being_served(index: Path) -> None:
    with database_of(index) as database:
        database.execute("UPDATE vectors SET data = zeroblob(64) WHERE row = 1")
    with pytest.raises(IndexDamaged, match="vector 1"), reading(index):
        pytest.fail("something is served")


def test_damage_in_a_row_that_is_dead_disturbs_nobody(index: Path) -> None:
    build_index(index, WALK)
    with database_of(index) as database:
        database.execute("UPDATE articles SET record = '{}' WHERE died IS NOT NULL")
    assert {"a"} == {passage.partition("@")[0] for passage in served(index)}
    with reading(index) as opened, pytest.raises(IndexDamaged):
        opened.article("b")


def test_a_database_that_is_gone_is_damage_until_the_index_is_made_again(index: Path) -> None:
    before = served(index)
    (live_build(index) / DATABASE).unlink()
    with pytest.raises(IndexDamaged):
        served(index)
    # A build of its own second.
    [build] = (index / "builds").iterdir()
    build.rename(build.parent / "20000101T000000-00000000")
    build_index(index, WALK, KNEE)
    assert before == served(index)


def test_a_pointer_that_is_gone_is_made_again_without_encoding(index: Path) -> None:
    before, build = served(index), live_build(index)
    (index / "CURRENT").unlink()
    report = build_index(index, WALK, KNEE)
    assert (1, 0, build) == (report.generation, report.embedded_passages, live_build(index))
    assert before == served(index)


def _remove_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def _flip_a_bit(folder: Path) -> None:
    path = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def _remove_a_file(folder: Path) -> None:
    (folder / "meta.json").unlink()


@pytest.mark.parametrize("harm", [_remove_folder, _flip_a_bit, _remove_a_file])
def test_a_damaged_word_index_is_made_in_memory_until_it_is_mended(
    index: Path,
    harm: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.index.library._LEXICAL_PAUSE", 0.01)
    with reading(index) as opened:
        before = searched(opened, "knee pain and walking", Mode.LEXICAL)
    harm(lexical_folder(live_build(index)) / "1")

    with reading(index) as opened:
        found = searched(opened, "knee pain and walking", Mode.LEXICAL)
        assert 1 == opened.generation
        assert before == pytest.approx(found)
    assert FALLBACK in caplog.text

    caplog.clear()
    report = build_index(index, WALK, KNEE)
    assert (1, 0) == (report.generation, report.embedded_passages)
    with reading(index) as opened:
        found = searched(opened, "knee pain and walking", Mode.LEXICAL)
        assert 1 == opened.generation
        assert before == pytest.approx(found)
    assert FALLBACK not in caplog.text
    assert 1 == len(list(lexical_folder(live_build(index)).iterdir()))


def test_a_damaged_word_index_is_mended_by_an_update_that_changes_something_else(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _flip_a_bit(lexical_folder(live_build(index)) / "1")
    build_index(index, WALK, KNEE, make_article("c", "Swim with the knee."))
    with reading(index) as opened:
        found = searched(opened, "knee", Mode.LEXICAL)
    assert ["b", "c"] == sorted(passage.partition("@")[0] for passage in found)
    assert FALLBACK not in caplog.text


def test_no_view_is_loaded_with_a_changed_file_of_the_word_index(index: Path) -> None:
    build = live_build(index)
    folder = lexical_folder(build) / "1"
    with database_of(index) as database:
        for name in file_digests(folder):
            path = folder / name
            content = path.read_bytes()
            path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
            assert None is load_view(database, build, date.today(), in_memory=False)
            path.unlink()
            assert None is load_view(database, build, date.today(), in_memory=False)
            path.write_bytes(content)
        assert None is not load_view(database, build, date.today(), in_memory=False)


def test_a_word_index_that_is_only_being_written_is_waited_for(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    folder = lexical_folder(live_build(index)) / "1"
    aside = folder.rename(folder.parent / "aside")
    timer = threading.Timer(0.2, aside.rename, [folder])
    timer.start()
    with reading(index) as opened:
        assert ["b"] == [p.partition("@")[0] for p in searched(opened, "knee", Mode.LEXICAL)]
    timer.join()
    assert "" == caplog.text


def test_an_error_of_sqlite_within_a_reading_is_damage(index: Path) -> None:
    with pytest.raises(IndexDamaged, match="disk I/O"), reading(index):
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE articles SET died = 0 WHERE article_id = 'b'", "1 are live"),
        ("DELETE FROM passages WHERE row = 3", "2 are there"),
        ('UPDATE passages SET "end" = 5 WHERE row = 3', "passage 3"),
        ("UPDATE sections SET heading = 'Not' WHERE row = 1", "section 1"),
        ("UPDATE articles SET record = '{}' WHERE article_id = 'b'", "article b"),
    ],
)
def test_what_is_not_served_any_more_is_told(index: Path, harm: str, told: str) -> None:
    with database_of(index) as database:
        database.execute(harm)
    assert any(told in finding.what for finding in check_index(index, lambda _: True))
    with reading(index) as opened:
        assert any(told in what for what in opened.view.damage)


def test_a_sound_index_has_nothing_to_tell_after_many_generations(tmp_path: Path) -> None:
    for articles in ([WALK], [WALK, KNEE], [KNEE], [], [KNEE, WALK]):
        build_index(tmp_path, *articles)
        if articles:
            with reading(tmp_path) as opened:
                assert () == opened.view.damage
    assert [] == list(check_index(tmp_path, lambda _: True))


def test_a_damaged_index_on_a_table_is_found(index: Path) -> None:
    with database_of(index) as database:
        named = "SELECT rootpage FROM sqlite_master WHERE name = 'article_versions'"
        page = database.execute(named).fetchone()[0]
        size = database.execute("PRAGMA page_size").fetchone()[0]
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = live_build(index) / DATABASE
    content = bytearray(path.read_bytes())
    # The number of entries on its page.
    content[(page - 1) * size + 4] = 1
    path.write_bytes(content)
    findings = [finding.what for finding in check_index(index, lambda _: True)]
    assert any("article_versions" in what for what in findings)


@pytest.mark.parametrize("content", [b"", b"not JSON"])
def test_a_word_index_that_cannot_be_opened_is_mended(index: Path, content: bytes) -> None:
    """What only a writer reads of it has no digest."""
    (lexical_folder(live_build(index)) / "1" / ".managed.json").write_bytes(content)
    assert ["Run `rag index`"] == [
        finding.remedy[:15] for finding in check_index(index, lambda _: True)
    ]
    assert 0 == build_index(index, WALK, KNEE).embedded_passages
    assert [] == list(check_index(index, lambda _: True))
    build_index(index, WALK)
