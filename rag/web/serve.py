"""Serving the application with gunicorn."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from rag.apart import AnsweringProcess, build_assistant_apart
from rag.errors import SettingsError
from rag.logs import log_as_json
from rag.settings import Settings
from rag.web.app import create_app, places_of, warm_up
from rag.web.buckets import remove_shared_file
from rag.web.policy import policy_of
from rag.web.turns import TURNS
from rag.wiring import safety_concerns

# Threads that hold connections. Slow clients occupy these; what is costly is bounded by
# `settings.threads` places (200 slow bodies left 128 threads at 371 requests/s).
_CONNECTIONS = 128
# Calls beside the questions at work, so that an article can be read meanwhile.
_READERS = 2
# Seconds without a sign of life after which a worker is replaced.
_TIMEOUT = 60
# Seconds for answers at work to end when the server stops.
_GRACE = 10

logger = logging.getLogger(__name__)

MakeApp = Callable[[Settings], Flask]


def served_app(settings: Settings) -> Flask:
    """The application with its index and model in a process beside it. Raises SettingsError.

    Called before this process has any other thread.
    """
    threads = places_of(settings) + _READERS
    process = AnsweringProcess(settings, threads, waiting=TURNS.given_up)
    process.start()
    return create_app(settings, build_assistant_apart(settings, process))


def run(settings: Settings, make_app: MakeApp = served_app) -> None:
    """Serve until stopped; leaves by SystemExit. Raises SettingsError for a taken address.

    Every worker makes its own application after the fork: an index or a model that was loaded
    before one hangs in the child, so gunicorn's `preload_app` stays off.
    """
    policy_of(settings)
    _check_address(settings.host, settings.port)
    log_as_json()
    for concern in safety_concerns():
        logger.warning("%s: see docs/safety/README.md", concern)
    if settings.workers >= (os.cpu_count() or 1):
        # As many workers as cores: with more threads each, they would only wait for one another.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    _Server(settings, make_app).run()


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn, configured from our settings alone."""

    def __init__(self, settings: Settings, make_app: MakeApp) -> None:
        self._settings = settings
        self._make_app = make_app
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn; called by it."""
        settings = self._settings
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        chosen = {
            "bind": f"{host}:{settings.port}",
            "workers": settings.workers,
            "worker_class": "rag.web.worker.ProblemWorker",
            "threads": max(_CONNECTIONS, settings.threads),
            "timeout": _TIMEOUT,
            "graceful_timeout": _GRACE,
            "preload_app": False,
            # It would wait for a client without end, and knows nothing of turns.
            "sendfile": False,
            "loglevel": "warning",
            "logger_class": "rag.web.worker.GunicornLog",
            "proc_name": "wellcited",
            "when_ready": _announce,
            "on_exit": lambda _: remove_shared_file(os.getpid()),
            "post_worker_init": _warm,
            # Newer versions would leave a socket in the home folder.
            "control_socket_disable": True,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one worker; called by gunicorn after the fork."""
        return self._make_app(self._settings)


def _announce(server: Any) -> None:
    """Say where to go; called by gunicorn once it listens."""
    host, port = server.LISTENERS[0].sock.getsockname()[:2]
    shown = "localhost" if host in ("0.0.0.0", "::") else host  # noqa: S104 # read, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    sys.stdout.write(f"Wellcited is listening: open http://{shown}:{port}/ (stop with Ctrl+C)\n")
    sys.stdout.flush()


def _warm(worker: Any) -> None:
    """Load in the background; called by gunicorn in each worker."""
    warm_up(worker.wsgi)


def _check_address(host: str, port: int) -> None:
    """Bind once, since gunicorn's own message names no setting. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(_address_trouble(host, port, error)) from error


def _address_trouble(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is already in use. Choose another with RAG_PORT or --port."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights. Choose one above 1023 with RAG_PORT or --port."
    return (
        f"Cannot listen on {host!r}: {error.strerror}. Choose an address with RAG_HOST or --host."
    )
