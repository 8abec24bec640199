"""Requests at fixed times to a server on this machine, however slowly it answers. Loopback only.

A light client of its own: on two cores, what a client uses is missing to the server.
"""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_MOST_CONNECTIONS = 900


@dataclass(frozen=True)
class Reply:
    """A reply: its status, and the seconds since the request was due."""

    status: int
    seconds: float


@dataclass
class Load:
    """Sends requests over connections that are kept; opens one where all are busy."""

    port: int
    idle: list[_Connection] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    open: int = 0
    unsent: int = 0
    lost: int = 0

    async def at_rate(self, requests: Sequence[bytes], rate: float, seconds: float) -> None:
        """Send requests in turn, so many a second on average, at random times (seed 7)."""
        chance = random.Random(7)
        started = due = time.perf_counter()
        number = 0
        while due < started + seconds:
            due += chance.expovariate(rate)
            delay = due - time.perf_counter()
            if delay > 0.0005:
                await asyncio.sleep(delay)
            self.late.append(max(0.0, time.perf_counter() - due))
            self.send(requests[number % len(requests)], due)
            number += 1
        await self._all_answered()

    async def in_turn(self, requests: Sequence[bytes], clients: int, seconds: float) -> float:
        """So many clients, each asking again once it is answered: replies with 200 a second."""
        before, started = len(self.replies), time.perf_counter()
        number = 0
        while time.perf_counter() < started + seconds:
            while self.open - len(self.idle) < clients:
                self.send(requests[number % len(requests)], time.perf_counter())
                number += 1
            await asyncio.sleep(0.001)
        took = time.perf_counter() - started
        answered = sum(reply.status == 200 for reply in self.replies[before:])
        await self._all_answered()
        return answered / took

    def send(self, request: bytes, due: float) -> None:
        """Send one request now."""
        while self.idle:
            connection = self.idle.pop()
            if connection.send(request, due):
                return
        if self.open >= _MOST_CONNECTIONS:
            self.unsent += 1
            return
        self.open += 1
        connection = _Connection(self)
        connection.waiting = (request, due)
        task = asyncio.get_running_loop().create_connection(
            lambda: connection, "127.0.0.1", self.port
        )
        connection.opening = asyncio.ensure_future(task)

    async def _all_answered(self) -> None:
        end = time.perf_counter() + 15.0
        while self.open > len(self.idle) and time.perf_counter() < end:
            await asyncio.sleep(0.02)


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self.load = load
        self.waiting: tuple[bytes, float] | None = None
        self.opening: asyncio.Future[Any] | None = None
        self.transport: asyncio.Transport | None = None
        self.due: float | None = None
        self.data = b""
        self.length: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.waiting:
            self.send(*self.waiting)

    def send(self, request: bytes, due: float) -> bool:
        if self.transport is None or self.transport.is_closing():
            return False
        self.due, self.data, self.length = due, b"", None
        self.transport.write(request)
        return True

    def data_received(self, data: bytes) -> None:
        self.data += data
        if self.length is None and b"\r\n\r\n" in self.data:
            head, _, _ = self.data.partition(b"\r\n\r\n")
            lengths = [
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line[:15].lower() == b"content-length:"
            ]
            self.length = len(head) + 4 + lengths[0]
        if self.length is not None and len(self.data) >= self.length and self.due is not None:
            self.load.replies.append(Reply(int(self.data[9:12]), time.perf_counter() - self.due))
            self.due = None
            self.load.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # asyncio's signature
        self.load.open -= 1
        if self.due is not None:
            self.load.lost += 1
        elif self in self.load.idle:
            self.load.idle.remove(self)


def p99(seconds: Sequence[float]) -> float:
    """The 99th percentile in milliseconds; 0 of nothing."""
    ordered = sorted(seconds)
    return round(ordered[int(len(ordered) * 0.99)] * 1000, 1) if ordered else 0.0


def calmly() -> None:
    """Keep this client's own garbage collection out of the figures."""
    gc.freeze()
    gc.disable()
