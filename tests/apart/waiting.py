"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

# Seconds that a process may take to start or to end on a busy machine.
_PATIENCE = 30.0


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within half a minute."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False
