"""Few places at work: who may wait, who is refused at once, and what both cost the others."""

from __future__ import annotations

import threading
import time

import pytest

from rag.web import places
from rag.web.places import Places
from rag.web.problems import Problem
from rag.web.turns import Turns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that places see; to be moved by hand."""
    now = [100.0]
    monkeypatch.setattr(places, "monotonic", lambda: now[0])
    return now


def refused(one: Places) -> bool:
    try:
        with one.one():
            return False
    except Problem as problem:
        return problem.kind.status == 503


def may_wait(one: Places) -> bool:
    """Whether somebody may wait while the only place is taken."""
    with one.one():
        waiting = threading.Thread(target=refused, args=(one,))
        waiting.start()
        waiting.join(0.05)
        waits = waiting.is_alive()
    waiting.join()
    return waits


def crowd(one: Places, count: int, leave: threading.Event) -> list[threading.Thread]:
    """So many who take a place or wait for one, until all may leave."""

    def stay() -> None:
        with one.one():
            leave.wait(20)

    threads = [threading.Thread(target=stay) for _ in range(count)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 10
    while one._present < count and time.monotonic() < end:
        time.sleep(0.002)
    return threads


def test_a_few_may_wait_and_what_comes_beyond_is_refused(clock: list[float]) -> None:
    one, leave = Places(1), threading.Event()
    threads = crowd(one, 5, leave)
    assert refused(one)
    leave.set()
    for thread in threads:
        thread.join()
    clock[0] += 10
    assert not refused(one)


def test_a_chance_meeting_is_not_a_flood(clock: list[float]) -> None:
    one, leave = Places(1), threading.Event()
    threads = crowd(one, 5, leave)
    assert refused(one)
    assert refused(one)
    leave.set()
    for thread in threads:
        thread.join()
    assert not refused(one), "two refusals are none yet"
    assert may_wait(one)


def test_in_a_flood_nobody_waits_and_places_rest_after_their_work(
    clock: list[float],
) -> None:
    one, leave = Places(1), threading.Event()
    threads = crowd(one, 5, leave)
    assert all(refused(one) for _ in range(3))
    leave.set()
    for thread in threads:
        thread.join()
    with one.one():
        assert refused(one), "nobody may wait"
        clock[0] += 0.04
        assert all(refused(one) for _ in range(3))
    clock[0] += 0.05
    assert refused(one), "the place rests"
    clock[0] += 0.02
    assert not refused(one)
    clock[0] += 0.3
    assert may_wait(one), "the flood is over"


def test_a_failure_frees_the_place(clock: list[float]) -> None:
    one = Places(1)
    for _ in range(10):
        with pytest.raises(KeyError), one.one():
            raise KeyError
    assert one._present == 0
    assert not refused(one)


def test_one_at_a_time_and_others_while_one_waits() -> None:
    turns, seen = Turns(), list[str]()
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with turns.taken():
            seen.append("first")
            with turns.given_up():
                inside.set()
                go_on.wait(10)
            seen.append("first again")

    def second() -> None:
        inside.wait(10)
        with turns.taken():
            seen.append("second")
            go_on.set()
            time.sleep(0.05)
            seen.append("second still")

    threads = [threading.Thread(target=act) for act in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert seen == ["first", "second", "second still", "first again"]


def test_who_has_no_turn_has_none_to_give_up() -> None:
    turns = Turns()
    with turns.given_up(), turns.taken(), turns.given_up(), turns.given_up():
        assert not turns._lock.locked()
    assert not turns._lock.locked()


def test_a_turn_is_free_after_a_failure() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns.taken(), turns.given_up():
        raise KeyError
    assert not turns._lock.locked()
