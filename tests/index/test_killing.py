"""A process that is killed while it writes leaves the old generation or the new one, whole."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from rag.errors import IndexMissing
from rag.index import Reading
from rag.index.builds import live_build
from rag.types import Article, Mode
from tests.making import (
    RECIPE,
    build_index,
    database_of,
    live_texts,
    make_article,
    reading,
    searched,
)

OTHER = replace(RECIPE, chunking="test-2")
OLD = [make_article(f"a{n}", f"The knee on the old day {n}.") for n in range(12)]
NEW = [make_article(f"a{n}", f"The knee on the new day {n}.") for n in range(6, 18)]
STATES = [(OLD, RECIPE), (NEW, RECIPE), (NEW, OTHER), (OLD, OTHER)]


def keep_updating(index: Path, begun: Connection) -> None:
    """Change the index over and over, until killed."""
    begun.send(True)
    for articles, recipe in itertools.cycle(STATES):
        build_index(index, *articles, recipe=recipe)


@contextmanager
def being_written(index: Path) -> Iterator[None]:
    """Another process changes the index meanwhile; it is killed in the end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.index.test_killing"])
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=keep_updating, args=(index, sending))
    process.start()
    sending.close()
    try:
        with receiving:
            receiving.recv()
        yield
    finally:
        process.kill()
        process.join()
        process.close()


def whole_texts(articles: list[Article]) -> set[str]:
    return {article.text for article in articles}


def check_whole(opened: Reading) -> None:
    """Compare texts and both kinds of search with one of the states."""
    texts = live_texts(opened)
    assert set(texts.values()) in (whole_texts(OLD), whole_texts(NEW))
    for mode in (Mode.LEXICAL, Mode.DENSE):
        assert texts.keys() == searched(opened, "knee", mode).keys()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is writing any more once the writer is killed."""
    monkeypatch.setattr("rag.index.library._LEXICAL_PAUSE", 0.001)


def test_a_killed_update_leaves_the_old_or_the_new_generation_whole(tmp_path: Path) -> None:
    build_index(tmp_path, *OLD)
    for _ in range(6):
        with being_written(tmp_path):
            time.sleep(random.uniform(0.02, 0.4))
        with reading(tmp_path) as opened:
            check_whole(opened)
        with database_of(tmp_path) as database:
            assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
    build_index(tmp_path, *NEW)
    with reading(tmp_path) as opened:
        check_whole(opened)
        assert whole_texts(NEW) == set(live_texts(opened).values())


def test_a_killed_first_run_leaves_no_index_or_a_whole_one(tmp_path: Path) -> None:
    for number in range(4):
        index = tmp_path / str(number)
        with being_written(index):
            time.sleep(random.uniform(0.0, 0.1))
        try:
            live_build(index)
        except IndexMissing:
            pass
        else:
            with reading(index) as opened:
                check_whole(opened)
        build_index(index, *OLD)
        with reading(index) as opened:
            assert whole_texts(OLD) == set(live_texts(opened).values())
