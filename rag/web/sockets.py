"""Connections that wait for a slow client only so long."""

from __future__ import annotations

import select
import socket
from time import monotonic
from typing import TYPE_CHECKING

from rag.web.turns import TURNS

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Seconds for a request to arrive whole, and for one part of an answer to be taken.
_TO_SEND = 10.0
_TO_TAKE = 10.0
# Seconds for a client to leave after its last answer.
_TO_LEAVE = 1.0
_FOR_EVER = float("inf")


class PatientSocket(socket.socket):
    """A socket whose client is given up on: it reads as ended once its time is over.

    gunicorn makes it blocking when a request begins to arrive; from then on the time runs.
    """

    _deadline = _FOR_EVER
    _bound = _FOR_EVER
    _ending = False

    @classmethod
    def instead_of(cls, other: socket.socket) -> PatientSocket:
        """The same connection; `other` is not to be used any more."""
        if isinstance(other, cls):
            return other
        made = cls(fileno=other.detach())
        socket.socket.setblocking(made, False)
        return made

    def setblocking(self, flag: bool, /) -> None:
        """Begin or end to wait for a client."""
        self.settimeout(None if flag else 0.0)
        if flag:
            self._deadline = monotonic() + _TO_SEND

    def settimeout(self, value: float | None, /) -> None:
        """Bound the time to wait for what the client sends; None for no bound but the deadline."""
        self._bound = _FOR_EVER if value is None else value

    def gettimeout(self) -> float | None:
        """What was set last."""
        return None if self._bound == _FOR_EVER else self._bound

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Bytes that have arrived; none when the time is over, as if the client had left."""
        try:
            return super().recv(bufsize, flags)
        except BlockingIOError:
            # At the end only what has come already is taken: the worker's main thread waits here.
            left = 0.0 if self._ending else min(self._deadline - monotonic(), self._bound, _TO_SEND)
        if not self._wait(select.POLLIN, left):
            return b""
        try:
            return super().recv(bufsize, flags)
        except BlockingIOError:
            return b""

    def sendall(self, data: ReadableBuffer, flags: int = 0, /) -> None:
        """Send all of the data. Raises BrokenPipeError for a client that does not take it."""
        left, end = memoryview(data).cast("B"), None
        while left:
            try:
                left = left[super().send(left, flags) :]
            except BlockingIOError:
                end = end or monotonic() + _TO_TAKE
                if not self._wait(select.POLLOUT, end - monotonic()):
                    # As a client that went away, of which nothing is logged.
                    raise BrokenPipeError(32, "the client takes nothing") from None

    def _wait(self, event: int, seconds: float) -> bool:
        if seconds <= 0:
            return False
        poll = select.poll()
        poll.register(self, event)
        with TURNS.given_up():
            return bool(poll.poll(seconds * 1000))

    def linger(self) -> None:
        """End the answer, and take what the client still sends, for a while.

        Otherwise it might be told of a reset instead of the answer. Called by a thread that may
        wait, unlike the worker's main one.
        """
        try:
            super().shutdown(socket.SHUT_WR)
            self._deadline = monotonic() + _TO_LEAVE
            self.settimeout(None)
            while self.recv(1 << 16):
                pass
        except OSError:
            # It has left already.
            self._ending = True

    def shutdown(self, how: int, /) -> None:
        """End one direction."""
        self._ending = True
        super().shutdown(how)
