from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from rag.corpus import published_file, read_sources, split_sentences, understand
from rag.errors import (
    ArticleNotFound,
    ArticleRejected,
    CorpusError,
    IndexMissing,
    StorageFull,
    VersionConflict,
)
from rag.index import Library, schema
from rag.indexer import Indexer
from rag.publisher import Publisher
from rag.retrieval import rank
from rag.types import Edit, Filters, Status
from tests.doubles import HashingEncoder
from tests.making import RECIPE, live_texts, reading, update

TEXT = "Walk a little every day. Rest when it hurts."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "knee.md").write_text("# Knee pain\n\nMost knees get better with exercise.\n")
    (folder / "rows.jsonl").write_text('{"_id": "hip", "title": "Hip", "text": "Hips heal."}\n')
    return folder


@pytest.fixture
def indexer(tmp_path: Path, corpus: Path) -> Indexer:
    return Indexer(
        read=lambda: read_sources(corpus),
        understand=lambda source: understand(source, split_sentences),
        index=tmp_path / "index",
        recipe=RECIPE,
        encoder=HashingEncoder,
    )


@pytest.fixture
def publisher(tmp_path: Path, corpus: Path, indexer: Indexer) -> Publisher:
    update(indexer)
    return Publisher(
        corpus=corpus,
        index=tmp_path / "index",
        check=lambda _: None,
        encoder=lambda _: HashingEncoder(),
        understand=lambda source: understand(source, split_sentences),
        wait=0.0,
    )


def file_of(text: str, **fields: object) -> str:
    return published_file({"title": "Back pain", **fields}, text, "markdown")


def texts(publisher: Publisher) -> set[str]:
    with reading(publisher.index) as opened:
        return set(live_texts(opened).values())


def test_a_published_article_is_live_and_stands_in_the_corpus_folder(publisher: Publisher) -> None:
    edit = publisher.publish("back", file_of(TEXT), None)
    assert ("added", 1, 1, 2) == (edit.change, edit.passages, edit.embedded, edit.generation)
    assert TEXT in texts(publisher)
    assert TEXT in (publisher.corpus / "_published" / "back.md").read_text()


def test_the_same_article_again_changes_nothing(publisher: Publisher) -> None:
    first = publisher.publish("back", file_of(TEXT), None)
    second = publisher.publish("back", file_of(TEXT), None)
    assert Edit("back", first.version, "unchanged", 0, 0, first.generation) == second


def test_an_index_that_is_brought_up_to_date_finds_nothing_to_do_after_a_publication(
    publisher: Publisher, indexer: Indexer
) -> None:
    publisher.publish("back", file_of(TEXT), None)
    publisher.withdraw("hip", None)
    report = update(indexer)
    assert (0, 0, 0, 0) == (
        report.added,
        report.updated,
        report.withdrawn,
        report.embedded_passages,
    )
    assert 3 == report.generation


def test_a_published_article_takes_the_place_of_a_file_of_the_same_id(
    publisher: Publisher, indexer: Indexer
) -> None:
    assert "updated" == publisher.publish("knee", file_of(TEXT), None).change
    update(indexer)
    assert {TEXT, "Hips heal."} == texts(publisher)


def test_a_withdrawn_article_is_gone_and_can_come_back(
    publisher: Publisher, indexer: Indexer
) -> None:
    withdrawn = publisher.withdraw("hip", None)
    assert ("withdrawn", 2) == (withdrawn.change, withdrawn.generation)
    update(indexer)
    assert "Hips heal." not in texts(publisher)
    assert "withdrawn" == publisher.withdraw("hip", None).change
    assert "added" == publisher.publish("hip", file_of("Hips heal slowly."), None).change
    update(indexer)
    assert "Hips heal slowly." in texts(publisher)


def test_an_old_version_stays_readable(publisher: Publisher) -> None:
    old = publisher.publish("back", file_of(TEXT), None)
    publisher.publish("back", file_of("Rest is not best."), None)
    with reading(publisher.index) as opened:
        stored = opened.article("back", old.version)
    assert (Status.SUPERSEDED, TEXT) == (stored.status, stored.article.text)


@pytest.mark.parametrize("act", ["publish", "withdraw"])
def test_a_change_of_a_version_that_is_no_longer_live_is_refused(
    publisher: Publisher, act: str
) -> None:
    seen = publisher.publish("back", file_of(TEXT), None).version
    publisher.publish("back", file_of("A colleague's words."), seen)
    before = texts(publisher)
    changes = {
        "publish": lambda: publisher.publish("back", file_of("Mine."), seen),
        "withdraw": lambda: publisher.withdraw("back", seen),
    }
    with pytest.raises(VersionConflict):
        changes[act]()
    assert before == texts(publisher)
    assert "A colleague's words." in (publisher.corpus / "_published" / "back.md").read_text()


def test_any_version_will_do_for_a_star_but_there_must_be_one(publisher: Publisher) -> None:
    assert "updated" == publisher.publish("hip", file_of(TEXT), "*").change
    with pytest.raises(VersionConflict):
        publisher.publish("new", file_of(TEXT), "*")


def test_an_article_without_text_is_rejected_and_leaves_no_file(publisher: Publisher) -> None:
    with pytest.raises(ArticleRejected):
        publisher.publish("back", file_of("# Back pain"), None)
    assert not (publisher.corpus / "_published").exists()


def test_an_id_that_differs_in_case_only_is_rejected(publisher: Publisher) -> None:
    with pytest.raises(ArticleRejected, match="'hip'"):
        publisher.publish("HIP", file_of(TEXT), None)


def test_what_never_was_cannot_be_withdrawn(publisher: Publisher) -> None:
    with pytest.raises(ArticleNotFound):
        publisher.withdraw("neck", None)


def test_nothing_is_written_while_there_is_no_index(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "index" / "CURRENT").unlink()
    with pytest.raises(IndexMissing):
        publisher.publish("back", file_of(TEXT), None)
    assert not (publisher.corpus / "_published").exists()


def test_a_file_that_cannot_be_written_leaves_everything_as_it_was(publisher: Publisher) -> None:
    (publisher.corpus / "_published").write_text("in the way")
    before = texts(publisher)
    with pytest.raises(CorpusError):
        publisher.publish("back", file_of(TEXT), None)
    assert before == texts(publisher)


def test_a_publication_that_fails_leaves_the_file_of_before(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.publish("back", file_of(TEXT), None)

    def fail(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr("rag.publisher.publish", fail)
    with pytest.raises(OSError, match="disk full"):
        publisher.publish("back", file_of("Never."), None)
    assert TEXT in (publisher.corpus / "_published" / "back.md").read_text()
    assert TEXT in texts(publisher)


def test_a_reader_that_is_open_sees_every_change_as_one_that_opens_anew(
    publisher: Publisher,
) -> None:
    library = Library(publisher.index, lambda _: None)
    changes: list[Callable[[], Edit]] = [
        lambda: publisher.publish("a", file_of("Walk far. Walk often."), None),
        lambda: publisher.publish("b", file_of("Swim far. Swim often."), None),
        lambda: publisher.publish("a", file_of("Walk near. Walk often."), None),
        lambda: publisher.withdraw("b", None),
        lambda: publisher.withdraw("knee", None),
        lambda: publisher.publish("b", file_of("Cycle far."), None),
    ]
    for change in changes:
        change()
        found = []
        for opened in (library.reading(), Library(publisher.index, lambda _: None).reading()):
            with opened as now:
                vector = HashingEncoder().encode(["walk far"])[0]
                ranked = rank(now.view, "walk far", vector)
                found.append((now.generation, [(item.row, item.score) for item in ranked]))
        assert found[0][0] == found[1][0]
        assert [row for row, _ in found[0][1]] == [row for row, _ in found[1][1]]


def test_an_expired_and_a_superseded_article_are_not_found(publisher: Publisher) -> None:
    publisher.publish("old", file_of("Old advice on walking.", expires="2026-06-01"), None)
    publisher.publish("new", file_of("New advice on walking.", supersedes="knee"), None)
    days = {date(2026, 5, 31): {"old", "new", "hip"}, date(2026, 6, 1): {"new", "hip"}}
    for day, expected in days.items():
        library = Library(publisher.index, lambda _: None, lambda day=day: day)  # type: ignore[misc]
        with library.reading() as opened:
            names = opened.article_ids()
            vector = HashingEncoder().encode(["advice on walking knees"])[0]
            ranked = rank(opened.view, "advice on walking knees", vector)
            assert expected == {names[item.row] for item in ranked}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"knee", "hip", "one", "two"}),
        (Filters(("clinic A",)), {"one"}),
        (Filters(("Clinic A", "clinic b")), {"one", "two"}),
        (Filters((), "2025-01-01"), {"one", "two"}),
        (Filters((), "2025-01-02"), {"two"}),
        (Filters(("clinic a",), "2025-01-02"), set()),
    ],
)
def test_filters_leave_out_every_other_article(
    publisher: Publisher, filters: Filters, expected: set[str]
) -> None:
    one = file_of("Walk one.", publisher="Clinic A", published="2025-01-01")
    two = file_of("Walk two.", publisher="Clinic B", published="2025-06-01")
    publisher.publish("one", one, None)
    publisher.publish("two", two, None)
    with reading(publisher.index) as opened:
        names = opened.article_ids()
        view = opened.view.filtered(filters)
        ranked = rank(view, "walk", HashingEncoder().encode(["walk"])[0])
        assert expected == {names[item.row] for item in ranked}


def test_of_two_that_answer_alike_the_newer_comes_first_and_the_overdue_one_last(
    publisher: Publisher,
) -> None:
    for article_id, fields in {
        "a-overdue": {"published": "2026-01-01", "next_review": "2026-02-01"},
        "b-older": {"published": "2020-01-01"},
        "c-newer": {"published": "2026-01-01"},
    }.items():
        publisher.publish(article_id, file_of("Swim every day.", **fields), None)
    library = Library(publisher.index, lambda _: None, lambda: date(2026, 6, 1))
    with library.reading() as opened:
        names = opened.article_ids()
        ranked = rank(opened.view, "swim daily", HashingEncoder().encode(["swim daily"])[0])
        assert ["c-newer", "b-older", "a-overdue"] == [names[item.row] for item in ranked][:3]


def test_two_editors_at_once_are_served_one_after_the_other(publisher: Publisher) -> None:
    patient = Publisher(
        publisher.corpus,
        publisher.index,
        publisher.check,
        publisher.encoder,
        publisher.understand,
        wait=30.0,
    )
    edits: list[Edit] = []

    def work(number: int) -> None:
        edits.append(patient.publish(f"a{number}", file_of(f"Text number {number}."), None))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [2, 3, 4, 5] == sorted(edit.generation for edit in edits)
    assert {f"Text number {n}." for n in range(4)} <= texts(publisher)


def _fill_disk(monkeypatch: pytest.MonkeyPatch, pages: str) -> None:
    """Let every database have only so many pages from now on."""

    def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
        database = schema.connect(path, writing=writing)
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    monkeypatch.setattr("rag.index.builds.connect", connect)


@pytest.mark.parametrize("act", ["publish", "withdraw"])
def test_on_a_full_disk_nothing_is_changed_and_the_same_succeeds_with_space(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    publisher.publish("back", file_of(TEXT), None)
    before = texts(publisher)
    changes = {
        "publish": lambda: publisher.publish("back", file_of("Longer. " * 9_000), None),
        "withdraw": lambda: publisher.withdraw("back", None),
    }
    with monkeypatch.context() as patch:
        _fill_disk(patch, "1")
        if act == "withdraw":
            # The mark on a row needs no page of its own.
            patch.setattr("rag.publisher.publish", _raise_full)
        with pytest.raises(StorageFull, match="Free some"):
            changes[act]()
    assert before == texts(publisher)
    assert TEXT in (publisher.corpus / "_published" / "back.md").read_text()
    assert not list(publisher.corpus.glob("_withdrawn/*"))
    changes[act]()
    assert before != texts(publisher)


def _raise_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_first_run_on_a_full_disk_says_so(
    indexer: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill_disk(monkeypatch, "1")
    with pytest.raises(StorageFull, match="no space left"):
        update(indexer)


def test_a_corpus_folder_on_a_full_disk_is_told_from_one_that_may_not_be_written(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.durable.replace_text", _raise_full)
    with pytest.raises(StorageFull):
        publisher.publish("back", file_of(TEXT), None)


def test_an_interrupted_publication_can_be_withdrawn_before_it_is_taken_up(
    publisher: Publisher, indexer: Indexer
) -> None:
    (publisher.corpus / "_published").mkdir()
    (publisher.corpus / "_published" / "back.md").write_text(file_of(TEXT))
    assert "withdrawn" == publisher.withdraw("back", None).change
    update(indexer)
    assert TEXT not in texts(publisher)
