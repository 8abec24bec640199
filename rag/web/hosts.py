"""Which names this service goes by, and whether a form was sent from its own page."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import request

from rag.web.policy import hostname
from rag.web.problems import CROSS_SITE, UNKNOWN_HOST, Problem
from rag.web.site import site

_LOGGER = logging.getLogger(__name__)

# Whoever watches the service does not know what it is called.
_FOR_ALL = frozenset({"/healthz", "/readyz"})
_OWN = frozenset({"same-origin", "none"})


def only_trusted_hosts() -> None:
    """Refuse a request for another host: links and caches would be made for its sender."""
    if request.path in _FOR_ALL:
        return
    host = hostname(request.host)
    if not (_is_loopback(host) or _is_among(host, site().policy.hosts)):
        raise Problem(
            UNKNOWN_HOST,
            "The Host header names none of this service's hosts: whoever runs it can add the name "
            "to RAG_TRUSTED_HOSTS.",
        )


def only_from_here() -> None:
    """Refuse a form that a page of another site had the browser send."""
    site_of_page, origin = (request.headers.get(name) for name in ("Sec-Fetch-Site", "Origin"))
    if site_of_page is not None:
        own = site_of_page in _OWN
    else:
        # Our own page has no referrer, so that older browsers send the form as from `null`.
        own = origin in (None, "null") or urlsplit(origin or "").netloc == request.host
    if not own:
        raise Problem(CROSS_SITE, "Send the form from this service's own page.")


def tell_of_proxy() -> None:
    """Say once where a proxy's header is ignored: all readers behind it would share one limit."""
    if "X-Forwarded-For" in request.headers and not site().settings.proxy_hops:
        _say_so()


@cache
def _say_so() -> None:
    _LOGGER.warning(
        "a request names a client that it was forwarded for, which is not believed: behind a proxy "
        "of yours set RAG_PROXY_HOPS, or all readers share one rate limit"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_among(host: str, names: Iterable[str]) -> bool:
    return any(host == name or (name[:1] == "." and host.endswith(name)) for name in names)
