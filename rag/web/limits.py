"""Who may ask how often: one rate for each client, and one for all together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv6Address, ip_address

from rag.web.buckets import Buckets, OwnBuckets, shared_buckets
from rag.web.problems import RATE_LIMITED, Problem
from rag.web.rates import Rate, Share

# A key of so few bytes stands for at least 256 addresses of the older kind, so that nobody can
# tell from a key who asked, not even with the salt; among a thousand clients two hardly ever meet.
_KEY_BYTES = 3
# The bucket of all together; those of clients are numbered from 0.
_TOTAL = -1


@dataclass(frozen=True, slots=True)
class Standing:
    """How a client stands after a request.

    own: what is left to it, None without a limit for clients; problem: why the request is refused
    """

    rate: Rate | None
    own: Share | None
    problem: Problem | None = None

    def headers(self) -> dict[str, str]:
        """What the client is told: draft-ietf-httpapi-ratelimit-headers-11."""
        if self.own is None or self.rate is None:
            return {}
        return {
            "RateLimit-Policy": f'"client";q={self.rate.quota};w={self.rate.window}',
            "RateLimit": f'"client";r={self.own.remaining};t={self.own.wait}',
        }

    def openai_headers(self) -> dict[str, str]:
        """The same for clients that were made for OpenAI's service."""
        if self.own is None or self.rate is None:
            return {}
        return {
            "x-ratelimit-limit-requests": str(self.rate.quota),
            "x-ratelimit-remaining-requests": str(self.own.remaining),
            "x-ratelimit-reset-requests": f"{self.own.wait}s",
        }


@dataclass(frozen=True, slots=True)
class Limiter:
    """Counts requests. Safe to use from several threads.

    own: buckets where this process serves alone; shared: gives those of several processes
    """

    per_client: Rate | None
    in_total: Rate | None
    own: Buckets = field(default_factory=OwnBuckets)
    shared: Callable[[], Buckets] = field(default_factory=lambda: cache(shared_buckets))

    def take(self, address: str | None, *, several: bool = False) -> Standing:
        """Count a request of a client; what its own limit refuses takes nothing from the others.

        several: whether several processes serve
        """
        own = None
        counters = self.shared() if several else self.own
        if self.per_client:
            own = counters.take(_key(address, counters.salt()), self.per_client)
            if not own.allowed:
                return Standing(self.per_client, own, _refusal("from this address", own.wait))
        if self.in_total:
            everybody = counters.take(_TOTAL, self.in_total)
            if not everybody.allowed:
                return Standing(self.per_client, own, _refusal("altogether", everybody.wait))
        return Standing(self.per_client, own)


def _refusal(whose: str, wait: int) -> Problem:
    return Problem(
        RATE_LIMITED,
        f"Too many requests came {whose}: try again after {wait} s.",
        headers={"Retry-After": str(wait)},
    )


def _key(address: str | None, salt: bytes) -> int:
    """The number of a client's bucket."""
    digest = hashlib.blake2b(_network(address).encode(), key=salt, digest_size=_KEY_BYTES)
    return int.from_bytes(digest.digest(), "big")


def _network(address: str | None) -> str:
    """What one client has for itself: an address, of the newer kind the first half of it."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or int(found) >> 64)
