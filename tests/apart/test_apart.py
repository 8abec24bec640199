"""Index and model in a process beside the one that hears readers, which goes on without it."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import rag.errors
from rag.apart import AnsweringProcess, build_assistant_apart
from rag.apart.assistant import AssistantApart
from rag.errors import ArticleNotFound, IndexDamaged, IndexUnavailable, WellcitedError
from rag.settings import Settings
from rag.types import Filters, Level, Mode, Outcome, Question
from rag.wiring import build_assistant
from tests.apart.waiting import eventually

ROOT = Path(__file__).parents[2]
QUESTION = Question("What are the symptoms of a migraine?")
EMERGENCY = Question("My father has crushing chest pain and cannot breathe")


@pytest.fixture(scope="module")
def settings(shipped_index: Path) -> Settings:
    return Settings(corpus=ROOT / "corpus", index=shipped_index)


@pytest.fixture
def process(settings: Settings) -> Iterator[AnsweringProcess]:
    made = AnsweringProcess(settings, threads=3)
    yield made
    if made._calls and not made._calls.over:
        os.kill(made._calls.pid, signal.SIGKILL)


@pytest.fixture
def apart(settings: Settings, process: AnsweringProcess) -> AssistantApart:
    return build_assistant_apart(settings, process)


def pid(apart: AssistantApart) -> int:
    apart.check_ready()
    assert apart.process._calls is not None
    return apart.process._calls.pid


def test_it_says_what_an_assistant_in_this_process_says(
    apart: AssistantApart, settings: Settings
) -> None:
    here = build_assistant(settings)
    answer = apart.answer(QUESTION)
    assert answer.outcome is Outcome.ANSWERED
    assert replace(answer, id="") == replace(here.answer(QUESTION), id="")
    assert apart.search("migraine", 3, Mode.HYBRID) == here.search("migraine", 3, Mode.HYBRID)
    nobody = Filters(("Nobody",))
    assert apart.search("migraine", 3, Mode.HYBRID, nobody).found == ()
    listed = apart.articles(None, 5)
    assert listed == here.articles(None, 5)
    article_id = listed.articles[0].article_id
    assert apart.article(article_id) == here.article(article_id)
    assert apart.overview() == here.overview()
    assert apart.damage() == here.damage() == ()
    card = apart.answer(EMERGENCY)
    assert replace(card, id="") == replace(here.answer(EMERGENCY), id="")


def test_nothing_is_started_before_it_is_needed(apart: AssistantApart) -> None:
    assert apart.safety(EMERGENCY).level is Level.EMERGENCY
    assert apart.disclaimer("es").locale == "es"
    assert apart.process._calls is None


def test_what_it_raises_arrives_as_it_was(apart: AssistantApart, tmp_path: Path) -> None:
    with pytest.raises(ArticleNotFound, match="no-such-article"):
        apart.article("no-such-article")
    without = replace(apart.settings, index=tmp_path / "none")
    nowhere = build_assistant_apart(without, AnsweringProcess(without, threads=1))
    with pytest.raises(IndexUnavailable, match="rag index"):
        nowhere.answer(QUESTION)
    with pytest.raises(RuntimeError, match="the answering process failed"):
        apart.process.call("search")


@pytest.mark.parametrize(
    "kind", [e for e in vars(rag.errors).values() if isinstance(e, type)], ids=lambda e: e.__name__
)
def test_every_error_survives_the_way(kind: type[WellcitedError]) -> None:
    arrived = pickle.loads(pickle.dumps(kind("told")))
    assert type(arrived) is kind
    assert str(arrived) == "told"


def test_what_is_damaged_survives_the_way() -> None:
    assert pickle.loads(pickle.dumps(IndexDamaged("told", "words"))).what == "words"


def test_several_are_answered_at_a_time(apart: AssistantApart) -> None:
    ids = [summary.article_id for summary in apart.articles(None, 20).articles]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(apart.article, ids))
    assert [stored.article.id for stored in found] == ids


def test_killed_it_is_started_anew(apart: AssistantApart) -> None:
    first = pid(apart)
    os.kill(first, signal.SIGKILL)
    calls = apart.process._calls
    assert calls is not None
    assert eventually(lambda: calls.over)
    assert apart.answer(QUESTION).outcome is Outcome.ANSWERED
    assert pid(apart) != first
    assert eventually(lambda: not Path(f"/proc/{first}").exists()), "a zombie is left"


def test_a_call_at_work_fails_when_it_is_killed(apart: AssistantApart) -> None:
    os.kill(pid(apart), signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(apart.answer, QUESTION)
        assert eventually(lambda: bool(apart.process._calls and apart.process._calls._waiting))
        os.kill(pid_of(apart), signal.SIGKILL)
        with pytest.raises(IndexUnavailable, match="try again"):
            asked.result(timeout=20)


def pid_of(apart: AssistantApart) -> int:
    assert apart.process._calls is not None
    return apart.process._calls.pid


def test_a_card_comes_whatever_has_become_of_it(
    apart: AssistantApart, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = apart.answer(EMERGENCY)
    os.kill(pid(apart), signal.SIGSTOP)
    began = time.monotonic()
    hanging = apart.answer(EMERGENCY)
    assert time.monotonic() - began < 5
    os.kill(pid_of(apart), signal.SIGKILL)
    calls = apart.process._calls
    assert calls is not None
    assert eventually(lambda: calls.over)
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    gone = apart.answer(EMERGENCY)
    for answer in (hanging, gone):
        assert answer.outcome is Outcome.EMERGENCY
        assert (answer.text, answer.safety) == (whole.text, whole.safety)
    with pytest.raises(IndexUnavailable, match="does not start"):
        apart.answer(QUESTION)


def test_who_waits_too_long_is_told(apart: AssistantApart) -> None:
    os.kill(pid(apart), signal.SIGSTOP)
    with pytest.raises(IndexUnavailable, match=r"No reply within 0\.1 s"):
        apart.process.call("overview", patience=0.1)


def test_waiting_is_told_to_who_wants_to_know(settings: Settings) -> None:
    entered: list[str] = []

    @contextmanager
    def waiting() -> Iterator[None]:
        entered.append("in")
        yield
        entered.append("out")

    process = AnsweringProcess(settings, 1, waiting)
    build_assistant_apart(settings, process).check_ready()
    assert entered == ["in", "out"]


def test_it_ends_with_who_asks_and_not_before(apart: AssistantApart) -> None:
    number = pid(apart)
    for signal_sent_to_all in (signal.SIGINT, signal.SIGTERM):
        os.kill(number, signal_sent_to_all)
    assert apart.answer(QUESTION).outcome is Outcome.ANSWERED
    assert pid(apart) == number
    calls = apart.process._calls
    assert calls is not None
    # As the system does when the process that asks is killed.
    with socket.socket(fileno=os.dup(calls.connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)
    assert eventually(lambda: not Path(f"/proc/{number}").exists())


FAILING = """
import os, sys
from rag.apart import calls
from rag.logs import log_as_json
from rag.settings import Settings

def fail(*_):
    raise KeyError("what a reader wrote")

calls.serve = fail
log_as_json()
process = calls.AnsweringProcess(Settings(), 1)
process.start()
os.waitpid(process._calls.pid, 0)
"""


def test_a_copy_that_fails_says_where_and_not_what() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    told = [line for line in done.stderr.splitlines() if "unexpected" in line]
    assert len(told) == 1
    assert "KeyError" in told[0]
    assert "what a reader wrote" not in done.stderr
