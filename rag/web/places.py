"""Places at work: few, so that each question is answered soon, and few may wait for one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from time import monotonic

from rag.web.problems import BUSY, Problem
from rag.web.turns import TURNS

# For each place so many may wait: readers who happen to ask at once are all answered. Where more
# come than can be answered for long, a queue makes everybody wait and helps nobody: it stays short.
_WAITING = 4
_WAITING_WHEN_BUSY = 0
# It counts as busy where so many were refused within so many seconds. With five times too many
# questions, one is refused every few milliseconds; a chance meeting of readers refuses one or two.
_REFUSALS = 3
_BUSY = 0.25
# A place then rests so many times as long as it worked: hearing every message, and refusing it,
# needs the processor too, and would otherwise wait behind the answers.
_REST = 1.5
_LONGEST_REST = 0.1
# Seconds after which waiting ends anyhow; a place is free after some tens of milliseconds.
_PATIENCE = 2.0


class Places:
    """`count` places and a short queue before them. Safe to use from several threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._inside = Semaphore(count)
        self._present = 0
        self._refused = deque([-_BUSY] * _REFUSALS, maxlen=_REFUSALS)
        self._rests_until = 0.0
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place. Raises Problem (busy) at once where the queue is full.

        Slow clients occupy threads, which are many; what is costly happens in here, which is few.
        """
        self._enter()
        try:
            with TURNS.given_up():
                free = self._inside.acquire(timeout=_PATIENCE)
            if not free:
                raise _busy()
            began = monotonic()
            try:
                yield
            finally:
                self._rest(monotonic() - began)
                self._inside.release()
        finally:
            with self._lock:
                self._present -= 1

    def _rest(self, worked: float) -> None:
        now = monotonic()
        if self._busy(now):
            self._rests_until = now + min(worked * _REST, _LONGEST_REST)

    def _enter(self) -> None:
        with self._lock:
            now = monotonic()
            busy = self._busy(now)
            waiting = _WAITING_WHEN_BUSY if busy else _WAITING
            full = self._present >= self._count * (1 + waiting)
            if full or (busy and now < self._rests_until):
                self._refused.append(now)
                raise _busy()
            self._present += 1

    def _busy(self, now: float) -> bool:
        return now < self._refused[0] + _BUSY


def _busy() -> Problem:
    return Problem(BUSY, "Too many questions at once: try again in a moment.")
