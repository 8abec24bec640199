"""Calls of the assistant in another process, and the replies to them.

Both sides are this program and talk over a pair of sockets that nobody else can reach; that is why
pickle may be used.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any

from rag.apart.answering import serve
from rag.errors import IndexUnavailable
from rag.logs import log_unexpected
from rag.settings import Settings

_LOGGER = logging.getLogger(__name__)

# Seconds for a reply: index and model are loaded at the first call, on a slow disk too.
_PATIENCE = 60.0

Reply = tuple[int, BaseException | None, Any]
"""The number of the call, and what its method raised or returned."""


@dataclass(slots=True)
class AnsweringProcess:
    """A process with index and model; started at the first call, and anew once it has ended.

    threads: how many calls it works on at a time; waiting: entered while a reply is awaited.
    Safe to use from several threads.
    """

    settings: Settings
    threads: int
    waiting: Callable[[], AbstractContextManager[None]] = nullcontext
    _calls: _Calls | None = None
    _lock: Lock = field(default_factory=Lock)

    def start(self) -> None:
        """Start it as a copy of this process, with all that is loaded; before any thread is."""
        # Where the system refuses a copy, the first call tries it another way.
        with self._lock, suppress(OSError):
            self._calls = _copied(self.settings, self.threads)

    def call(self, method: str, *arguments: Any, patience: float = _PATIENCE) -> Any:
        """What a method of the assistant over there returns. Raises what it does.

        Raises IndexUnavailable where no reply comes within `patience` seconds, or none will come.
        """
        future = self._running().send(method, arguments)
        try:
            with self.waiting():
                return future.result(patience)
        except TooLate as error:
            raise IndexUnavailable(f"No reply within {patience:g} s: try again later.") from error

    def _running(self) -> _Calls:
        with self._lock:
            if self._calls is None or self._calls.over:
                if self._calls:
                    _LOGGER.error("the answering process has ended: it is started anew")
                try:
                    self._calls = _started(self.settings, self.threads)
                except OSError as error:
                    raise IndexUnavailable("The process that answers does not start.") from error
            return self._calls


@dataclass(slots=True)
class _Calls:
    """The calls to one process; `over` once it has ended."""

    connection: Connection
    pid: int
    over: bool = False
    _numbers: count[int] = field(default_factory=count)
    _waiting: dict[int, Future[Any]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        Thread(target=self._receive, name="replies", daemon=True).start()

    def send(self, method: str, arguments: tuple[Any, ...]) -> Future[Any]:
        """Call a method; its reply will be in the future."""
        future: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            try:
                self.connection.send((number, method, arguments))
            except OSError:
                self.over = True
            if self.over:
                future.set_exception(_ended())
            else:
                self._waiting[number] = future
        return future

    def _receive(self) -> None:
        while reply := self._next():
            number, error, value = reply
            with self._lock:
                future = self._waiting.pop(number)
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)
        with self._lock:
            self.over = True
            left, self._waiting = list(self._waiting.values()), {}
        for future in left:
            future.set_exception(_ended())
        self.connection.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _next(self) -> Reply | None:
        try:
            reply: Reply = self.connection.recv()
        except (EOFError, OSError):
            return None
        return reply


def _copied(settings: Settings, threads: int) -> _Calls:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            end = theirs.detach()
            # Also the address that is listened on, which would stay taken.
            os.closerange(3, end)
            os.closerange(end + 1, os.sysconf("SC_OPEN_MAX"))
            serve(Connection(end), settings, threads)
        finally:
            # What was raised would be lost with the process.
            if error := sys.exception():
                log_unexpected(error)
            os._exit(1)
    theirs.close()
    return _Calls(Connection(ours.detach()), pid)


def _started(settings: Settings, threads: int) -> _Calls:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        # Not copied: where a thread holds a lock, the copy would wait for it for ever.
        process = subprocess.Popen(  # noqa: S603 # this program, and a number
            [sys.executable, "-m", "rag.apart", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        connection = Connection(ours.detach())
    connection.send((settings, threads))
    # It is waited for by its number, as a copy is.
    process.returncode = 0
    return _Calls(connection, process.pid)


def _ended() -> IndexUnavailable:
    return IndexUnavailable("The process that answers has ended. It is started anew: try again.")
