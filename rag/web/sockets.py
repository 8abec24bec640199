"""Connections that wait for a slow client only so long."""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Seconds for a request to arrive whole, and for one part of an answer to be taken.
_TO_SEND = 10.0
_TO_TAKE = 10.0
# Seconds for a client to leave after its last answer.
_TO_LEAVE = 1.0


class PatientSocket(socket.socket):
    """A socket whose client is given up on: it reads as ended once its time is over.

    gunicorn makes it blocking when a request begins to arrive; from then on the time runs.
    """

    _deadline = float("inf")
    _ending = False

    @classmethod
    def instead_of(cls, other: socket.socket) -> PatientSocket:
        """The same connection; `other` is not to be used any more."""
        return other if isinstance(other, cls) else cls(fileno=other.detach())

    def setblocking(self, flag: bool, /) -> None:
        """Begin or end to wait for a client."""
        super().setblocking(flag)
        if flag:
            self._deadline = monotonic() + _TO_SEND

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Bytes that have arrived; none when the time is over, as if the client had left."""
        left = self._deadline - monotonic()
        # At the end only what has come already is taken: the worker's main thread waits here.
        self.settimeout(0.0 if self._ending else min(self.gettimeout() or left, max(left, 0.001)))
        try:
            return super().recv(bufsize, flags)
        except (TimeoutError, BlockingIOError):
            return b""

    def sendall(self, data: ReadableBuffer, flags: int = 0, /) -> None:
        """Send all of the data. Raises TimeoutError for a client that does not take it."""
        self.settimeout(_TO_TAKE)
        try:
            super().sendall(data, flags)
        except TimeoutError as error:
            # As a client that went away, of which nothing is logged.
            raise BrokenPipeError(32, "the client takes nothing") from error

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
