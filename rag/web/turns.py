"""One at a time: the threads of a process take turns instead of fighting for Python's own lock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that is given up while its holder waits for something. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn."""
        self._take()
        try:
            yield
        finally:
            self._give_up()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Let others have the turn, if this thread holds it, while it waits."""
        if not getattr(self._own, "held", False):
            yield
            return
        self._give_up()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        self._lock.acquire()
        self._own.held = True

    def _give_up(self) -> None:
        self._own.held = False
        self._lock.release()


TURNS = Turns()
"""Those of this process."""
