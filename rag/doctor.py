"""Can this machine run it? Each thing that is needed, and what to do where it is missing."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.settings import Settings

# An encoder has 90 MB, and SQLite wants room to work in.
_LEAST_FREE = 500_000_000


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that is needed; remedy: what to do, or to know."""

    what: str
    fine: bool
    remedy: str = ""


def examine(settings: Settings, model: str | None, concerns: Sequence[str]) -> Iterator[Examined]:
    """Everything that is needed, in the order in which it is needed.

    model: what is wrong with the model, or None; concerns: what is not reviewed.
    """
    python = ".".join(map(str, sys.version_info[:3]))
    modern = sys.version_info >= (3, 11)
    yield Examined(f"Python {python}", modern, "" if modern else "Install Python 3.11 or newer.")
    yield Examined(f"The model {settings.model}", model is None, model or "")
    yield Examined(
        f"The corpus folder {settings.corpus}",
        settings.corpus.is_dir(),
        "" if settings.corpus.is_dir() else "Create it, or name another with --corpus.",
    )
    yield _writable(settings.index)
    yield _space(settings.index)
    yield _port(settings)
    for concern in concerns:
        told = f"{concern[0].upper()}{concern[1:]}"
        yield Examined(told, True, "Have it done before the public uses it: docs/safety/README.md.")


def _writable(index: Path) -> Examined:
    there = _existing(index)
    fine = os.access(there, os.W_OK)
    remedy = "" if fine else "Give it to the user who runs `rag index`."
    return Examined(f"The index folder {index} can be written", fine, remedy)


def _space(index: Path) -> Examined:
    free = shutil.disk_usage(_existing(index)).free
    fine = free >= _LEAST_FREE
    wanted = f"Free at least {_LEAST_FREE / 1e6:.0f} MB, or put the index elsewhere."
    remedy = "" if fine else wanted
    return Examined(f"{free / 1e9:.1f} GB free for the index", fine, remedy)


def _port(settings: Settings) -> Examined:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return Examined(
                f"Port {settings.port} is in use",
                True,
                "Fine if that is `rag serve`; else choose another with RAG_PORT or --port.",
            )
    return Examined(f"Port {settings.port} is free", True)


def _existing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
