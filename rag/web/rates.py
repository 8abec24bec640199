"""How many requests are allowed in how long, and what a client is told of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from rag.errors import SettingsError

_RATE = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,3})?(second|minute|hour|day)s?", re.ASCII)
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket that holds `quota` requests and fills up again within `window` seconds."""

    quota: int
    window: int

    @property
    def step(self) -> float:
        """Seconds in which one more request is allowed."""
        return self.window / self.quota


@dataclass(frozen=True, slots=True)
class Share:
    """What a bucket had for a request.

    wait: whole seconds until there is more than `remaining`.
    """

    allowed: bool
    remaining: int
    wait: int


def parse_rate(name: str, text: str) -> Rate | None:
    """The rate that a setting asks for; None for `off`. Raises SettingsError."""
    if text.strip().lower() == "off":
        return None
    match = _RATE.fullmatch(text.strip().lower())
    if match is None:
        raise SettingsError(
            f"RAG_{name.upper()} must be like 60/minute or 600/10minutes, or off, not {text!r}."
        )
    quota, several, unit = match.groups()
    return Rate(int(quota), int(several or 1) * _SECONDS[unit])


def share(rate: Rate, full: float, now: float, *, allowed: bool) -> Share:
    """A share by the time at which its bucket will be full again; both times in seconds."""
    level = (rate.window - max(0.0, full - now)) / rate.step
    # A request that came just in time leaves next to nothing, not less.
    remaining = max(0, math.floor(level + 1e-6)) if allowed else 0
    return Share(allowed, remaining, max(1, math.ceil((remaining + 1 - level) * rate.step)))
