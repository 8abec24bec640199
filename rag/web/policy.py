"""What settings allow on the public web, checked before anything is served."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask.helpers import get_debug_flag

from rag.errors import SettingsError
from rag.settings import Settings
from rag.web.rates import Rate, parse_rate

_HOST = re.compile(r"\.?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,20}", re.ASCII)
_PORTS = {"http": 80, "https": 443}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 # compared, not bound


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may ask, how often, and by which name.

    origins: of other sites whose pages may ask; hosts: names of this service beside loopback's,
    where `.news.example` is all below it
    """

    per_client: Rate | None
    in_total: Rate | None
    origins: frozenset[str]
    hosts: frozenset[str]


def policy_of(settings: Settings) -> Policy:
    """The policy that settings describe. Raises SettingsError for what cannot be meant."""
    if get_debug_flag():
        raise SettingsError(
            "FLASK_DEBUG is set: errors would show code and data to readers. Unset it."
        )
    return Policy(
        per_client=parse_rate("rate_limit", settings.rate_limit),
        in_total=parse_rate("rate_limit_global", settings.rate_limit_global),
        origins=frozenset(map(_origin, settings.allowed_origins)),
        hosts=_hosts(settings),
    )


def hostname(netloc: str) -> str:
    """The host of `host:port` in small letters; empty where it is none."""
    try:
        return (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _hosts(settings: Settings) -> frozenset[str]:
    named = {_host(name.lower()) for name in settings.trusted_hosts}
    public = hostname(urlsplit(settings.public_url or "").netloc)
    own = settings.host.lower()
    return frozenset({*named, public, own} - _EVERYWHERE)


def _host(name: str) -> str:
    try:
        return str(ip_address(name.strip("[]")))
    except ValueError:
        if _HOST.fullmatch(name):
            return name
    raise SettingsError(
        f"RAG_TRUSTED_HOSTS: {name!r} is not the name of a host. Write ask.news.example, or "
        ".news.example for all below it: no scheme, port or *."
    )


def _origin(origin: str) -> str:
    """An origin as browsers send it."""
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    shown = f"[{host}]" if ":" in host else host
    whole = f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}") if host else ""
    if whole != origin or parts.scheme not in _PORTS or not (":" in host or _HOST.fullmatch(host)):
        raise SettingsError(
            f"RAG_ALLOWED_ORIGINS: {origin!r} is not an origin. Write it as browsers send it, such "
            "as https://news.example or http://localhost:3000: no path, no *, small letters."
        )
    if port == _PORTS[parts.scheme]:
        raise SettingsError(f"RAG_ALLOWED_ORIGINS: leave out :{port} in {origin!r}; browsers do.")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise SettingsError(
            f"RAG_ALLOWED_ORIGINS: {origin!r} is not encrypted, so anybody on the way could change "
            "its pages. Use https."
        )
    return origin
