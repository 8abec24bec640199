"""How much of the processor others use: figures of speed are worth little where they use much."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import processor_seconds

_LOOK = 3.0
_QUIET = 0.15
_TICKS_PER_SECOND = 100


class Others:
    """Share of all cores, 0 to 1, that other processes used; known when the block is left."""

    share = 0.0


def wait_until_quiet(patience: float) -> None:
    """Wait until others use hardly anything, at most so many seconds; then go on anyhow."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with watched() as others:
            time.sleep(_LOOK)
        if others.share <= _QUIET:
            return


@contextmanager
def watched(server: int | None = None) -> Iterator[Others]:
    """Watch while the block runs; what ended child processes used is taken for our own.

    server: a process that runs all the while, and is ours too with all that it has started
    """
    others = Others()
    busy, every, own = _now(server)
    yield others
    busy_then, every_then, own_then = _now(server)
    used = busy_then - busy - (own_then - own)
    others.share = max(0.0, used / max(1.0, every_then - every))


def _now(server: int | None) -> tuple[float, float, float]:
    """Ticks that the cores were busy, all their ticks, and ticks of ours."""
    first = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0]
    ticks = [float(value) for value in first.split()[1:9]]
    idle = ticks[3] + ticks[4]
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(usage.ru_utime + usage.ru_stime for usage in usages) * _TICKS_PER_SECOND
    if server:
        own += processor_seconds(server) * _TICKS_PER_SECOND
    return sum(ticks) - idle, sum(ticks), own
