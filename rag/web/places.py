"""Places at work: few, so that each question is answered soon, and few may wait for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from time import monotonic, sleep

from rag.web.problems import BUSY, Problem

# For each place so many may wait: readers who happen to ask at once are all answered. Where more
# come than can be answered for long, a queue makes everybody wait and helps nobody: it stays short.
_WAITING = 4
_WAITING_WHEN_BUSY = 1
# Seconds since a refusal for which it counts as busy. With five times too many questions, one is
# refused every few milliseconds; after a chance meeting of readers it is soon over.
_BUSY = 0.15
# A place then rests for this share of the time it worked: hearing every message, and refusing it,
# needs the processor too, and would otherwise wait behind the answers.
_REST = 0.5
_LONGEST_REST = 0.1
# Seconds after which waiting ends anyhow; a place is free after some tens of milliseconds.
_PATIENCE = 2.0


class Places:
    """`count` places and a short queue before them. Safe to use from several threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._inside = Semaphore(count)
        self._present = 0
        self._refused = -_BUSY
        self._rests_until = 0.0
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place. Raises Problem (busy) at once where the queue is full.

        Slow clients occupy threads, which are many; what is costly happens in here, which is few.
        """
        self._enter()
        try:
            if not self._inside.acquire(timeout=_PATIENCE):
                raise _busy()
            sleep(max(0.0, self._rests_until - monotonic()))
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
        if now < self._refused + _BUSY:
            self._rests_until = now + min(worked * _REST, _LONGEST_REST)

    def _enter(self) -> None:
        with self._lock:
            now = monotonic()
            busy = now < self._refused + _BUSY
            waiting = min(_WAITING, _WAITING_WHEN_BUSY) if busy else _WAITING
            if self._present >= self._count * (1 + waiting):
                self._refused = now
                raise _busy()
            self._present += 1


def _busy() -> Problem:
    return Problem(BUSY, "Too many questions at once: try again in a moment.")
