"""Places at work: few, so that each question is answered soon, and few may wait for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from rag.web.problems import BUSY, Problem

# For each place, so many may wait. More would wait longer than they gain: a clear refusal at once
# is kinder than a long silence.
_WAITING = 2
# Seconds after which waiting ends anyhow; a place is free after some tens of milliseconds.
_PATIENCE = 2.0


class Places:
    """`count` places and a short queue before them."""

    def __init__(self, count: int) -> None:
        self._inside = Semaphore(count)
        self._most = count * (1 + _WAITING)
        self._present = 0
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place. Raises Problem (busy) at once where the queue is full.

        Slow clients occupy threads, which are many; what is costly happens in here, which is few.
        """
        with self._lock:
            if self._present >= self._most:
                raise _busy()
            self._present += 1
        try:
            if not self._inside.acquire(timeout=_PATIENCE):
                raise _busy()
            try:
                yield
            finally:
                self._inside.release()
        finally:
            with self._lock:
                self._present -= 1


def _busy() -> Problem:
    return Problem(BUSY, "Too many questions at once: try again in a moment.")
