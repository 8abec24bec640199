from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ArticleNotFound, IndexMissing, RecipeMismatch
from rag.index import Library, Recipe
from rag.index.builds import create_build, set_live_build
from rag.index.view import live_generation
from rag.types import Article, Mode, Status
from tests.doubles import HashingEncoder
from tests.making import (
    RECIPE,
    build_index,
    database_of,
    live_texts,
    make_article,
    reading,
    searched,
)

WALK = make_article("walk", "Walk on the knee.")
WALK_2 = make_article("walk", "Walk on the knee each day.")
REST = make_article("rest", "Rest the knee.")
SWIM = make_article("swim", "Swim with the knee.")
OTHER = replace(RECIPE, chunking="test-2")


def library_of(index: Path) -> Library:
    return Library(index, lambda _: None)


def passage_id(article: Article) -> str:
    """The id of the only passage of an article."""
    return f"{article.id}@{article.version}:0-{len(article.text)}"


def test_a_reader_sees_a_new_generation_without_opening_the_index_again(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    seen = []
    for articles in ([WALK], [WALK, REST], [REST]):
        build_index(tmp_path, *articles)
        with library.reading() as opened:
            ids = {passage_id(article) for article in articles}
            assert ids == live_texts(opened).keys()
            assert ids == searched(opened, "knee", Mode.LEXICAL).keys()
            assert ids == searched(opened, "knee", Mode.DENSE).keys()
            seen.append((opened.generation, opened.view.generation))
    assert [(1, 1), (2, 2), (3, 3)] == seen


def test_a_reading_stays_with_its_generation_whatever_is_published(tmp_path: Path) -> None:
    """Also when the word index is made anew and its old folder removed meanwhile."""
    library = library_of(tmp_path)
    build_index(tmp_path, WALK, REST)
    with library.reading() as old:
        for day in range(4):
            build_index(tmp_path, SWIM, make_article("walk", f"Walk the knee on day {day}."))
        with library.reading() as new:
            assert 5 == new.generation
            assert {"Swim with the knee.", "Walk the knee on day 3."} == set(
                live_texts(new).values()
            )
        assert 1 == old.generation
        expected = {passage_id(WALK): WALK.text, passage_id(REST): REST.text}
        assert expected == live_texts(old)
        for mode in Mode:
            assert expected.keys() == searched(old, "knee", mode).keys()
        assert (Status.LIVE, WALK) == (old.article("walk").status, old.article("walk").article)
        with pytest.raises(ArticleNotFound):
            old.article("swim")


def test_a_reading_that_was_open_does_not_hold_the_next_one_back(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    build_index(tmp_path, WALK)
    with library.reading():
        build_index(tmp_path, REST)
    with library.reading() as opened:
        assert (2, {passage_id(REST): REST.text}) == (opened.generation, live_texts(opened))


def test_a_transaction_older_than_the_newest_view_is_begun_again(tmp_path: Path) -> None:
    """Another question has loaded that view since the transaction began."""
    library = library_of(tmp_path)
    build_index(tmp_path, WALK)
    with library.reading() as old:
        build_index(tmp_path, REST)
        with library.reading() as new:
            assert 2 == new.generation
        assert library._open is not None
        assert 1 == live_generation(old.database)
        assert new.view is library._open.view(old.database, date.today())
        assert 2 == live_generation(old.database)


def test_a_withdrawn_article_is_not_found_but_its_versions_can_be_read(tmp_path: Path) -> None:
    build_index(tmp_path, WALK, REST)
    with reading(tmp_path) as opened:
        rows = sorted(opened.article_ids())
    build_index(tmp_path, REST)
    with reading(tmp_path) as opened:
        assert {passage_id(REST)} == live_texts(opened).keys()
        for mode in Mode:
            assert {passage_id(REST)} == searched(opened, "walk knee", mode).keys()
        assert ["rest"] == [s.article_id for s in opened.articles(None, 10).articles]
        # Rows found in an older generation are not read from a newer one.
        assert [passage_id(REST)] == [p.passage.id for p in opened.passages(rows)]
        stored = opened.article("walk")
        assert (WALK, Status.WITHDRAWN, None) == (
            stored.article,
            stored.status,
            stored.current_version,
        )


def test_each_version_of_an_article_can_be_read_with_its_standing(tmp_path: Path) -> None:
    build_index(tmp_path, WALK)
    build_index(tmp_path, WALK_2)
    with reading(tmp_path) as opened:
        old, new = opened.article("walk", WALK.version), opened.article("walk", WALK_2.version)
        assert (WALK, Status.SUPERSEDED, WALK_2.version) == (
            old.article,
            old.status,
            old.current_version,
        )
        assert (WALK_2, Status.LIVE, WALK_2.version) == (
            new.article,
            new.status,
            new.current_version,
        )
        assert new == opened.article("walk")
        for wanted in (("walk", "0" * 16), ("WALK", None), ("rest", WALK.version)):
            with pytest.raises(ArticleNotFound):
                opened.article(*wanted)


def test_a_version_that_comes_back_is_live_again(tmp_path: Path) -> None:
    for articles in ([WALK], [WALK_2], [], [WALK]):
        build_index(tmp_path, *articles)
    with reading(tmp_path) as opened:
        assert Status.LIVE == opened.article("walk").status
        assert Status.LIVE == opened.article("walk", WALK.version).status
        assert Status.SUPERSEDED == opened.article("walk", WALK_2.version).status
        assert {passage_id(WALK): WALK.text} == live_texts(opened)


def test_articles_are_listed_by_id_in_parts(tmp_path: Path) -> None:
    build_index(tmp_path, *(make_article(name, f"{name}.") for name in ("c", "a", "B", "d")))
    with reading(tmp_path) as opened:
        parts, cursor = [], None
        for _ in range(3):
            part = opened.articles(cursor, 2)
            parts.append([summary.article_id for summary in part.articles])
            cursor = part.next
        assert ["B", "a", "c", "d"] == [s.article_id for s in opened.articles(None, 4).articles]
        assert None is opened.articles(None, 4).next
        assert "c" == opened.articles(None, 3).next
    assert [["B", "a"], ["c", "d"], ["B", "a"]] == parts


def test_passages_are_read_in_the_order_of_the_rows_asked_for(tmp_path: Path) -> None:
    build_index(tmp_path, WALK, REST, SWIM)
    with reading(tmp_path) as opened:
        rows = sorted(opened.article_ids())
        for order in (rows, rows[::-1], [rows[1], 999, rows[1]]):
            expected = [row for row in order if row in rows]
            assert expected == [stored.row for stored in opened.passages(order)]


def test_a_passage_is_read_as_it_was_cut(tmp_path: Path) -> None:
    body = "Rest the knee for a day. " * 14 + "Then walk."
    article = make_article("knee", body, "Swim.", headings=["First", "Then"])
    build_index(tmp_path, article)
    encoder = HashingEncoder()
    with reading(tmp_path) as opened:
        first, second, swim = opened.passages(sorted(opened.article_ids()))
    assert ["First", "First", "Then"] == [p.passage.section for p in (first, second, swim)]
    assert [(), first.passage.sentences, ()] == [p.before for p in (first, second, swim)]
    assert body.strip() == f"{first.text} {second.text}"
    for stored in (first, second, swim):
        sentences = [article.text[s.start : s.end] for s in stored.passage.sentences]
        cosines = (encoder.encode(sentences) * stored.vectors).sum(axis=1)
        np.testing.assert_allclose(np.ones(len(sentences)), cosines, atol=0.001)


def test_without_an_index_nothing_can_be_read_until_there_is_one(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    with pytest.raises(IndexMissing), library.reading():
        pytest.fail("there is no index")
    set_live_build(tmp_path, create_build(tmp_path, RECIPE))
    with pytest.raises(IndexMissing, match="no articles yet"), library.reading():
        pytest.fail("there is no generation")
    build_index(tmp_path, WALK)
    with library.reading() as opened:
        assert {passage_id(WALK): WALK.text} == live_texts(opened)


def test_an_error_within_a_reading_does_not_disturb_the_next(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    build_index(tmp_path, WALK)
    with pytest.raises(KeyError), library.reading():
        raise KeyError
    build_index(tmp_path, REST)
    with library.reading() as opened:
        assert {passage_id(REST): REST.text} == live_texts(opened)


def test_a_reader_follows_to_another_build_and_checks_each_once(tmp_path: Path) -> None:
    checked: list[Recipe] = []
    library = Library(tmp_path, checked.append)
    build_index(tmp_path, WALK)
    with library.reading() as old:
        build_index(tmp_path, REST, recipe=OTHER)
        for _ in range(2):
            with library.reading() as new:
                assert (OTHER, 1) == (new.recipe, new.generation)
                assert {passage_id(REST): REST.text} == live_texts(new)
        assert RECIPE == old.recipe
        assert {passage_id(WALK): WALK.text} == live_texts(old)
    assert [RECIPE, OTHER] == checked


def test_a_build_of_another_recipe_is_refused_every_time_until_it_fits(tmp_path: Path) -> None:
    def check(recipe: Recipe) -> None:
        if recipe != OTHER:
            raise RecipeMismatch(recipe.chunking)

    library = Library(tmp_path, check)
    build_index(tmp_path, WALK)
    for _ in range(2):
        with pytest.raises(RecipeMismatch), library.reading():
            pytest.fail("another recipe is read")
    build_index(tmp_path, WALK, recipe=OTHER)
    with library.reading() as opened:
        assert {passage_id(WALK): WALK.text} == live_texts(opened)


def test_every_question_of_many_threads_sees_one_whole_generation(tmp_path: Path) -> None:
    """Articles come and go in step with the generation while all the others read."""
    library = library_of(tmp_path)
    last = 8
    day = [
        [make_article(name, f"The knee on day {n}.") for name in ("a", "b", f"c{n % 3}")]
        for n in range(last + 1)
    ]
    expected = {n: {passage_id(article): article.text for article in day[n]} for n in range(1, 9)}
    build_index(tmp_path, *day[1])
    done = threading.Event()

    def read() -> set[int]:
        seen = set()
        while True:
            final = done.is_set()
            with library.reading() as opened:
                assert expected[opened.generation] == live_texts(opened)
                found = searched(opened, "knee")
                assert expected[opened.generation].keys() == found.keys()
                seen.add(opened.generation)
            if final:
                return seen

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for n in range(2, last + 1):
                build_index(tmp_path, *day[n])
        finally:
            done.set()
        seen = [reader.result() for reader in readers]
    assert [True] * 3 == [last in generations for generations in seen]
    assert len(set.union(*seen)) > 2


def test_what_is_published_is_in_the_database_file_of_the_live_build(tmp_path: Path) -> None:
    build_index(tmp_path, WALK)
    with database_of(tmp_path) as database:
        assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
        assert [] == database.execute("PRAGMA foreign_key_check").fetchall()
