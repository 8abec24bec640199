"""What the answering process does."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from rag.errors import WellcitedError
from rag.logs import log_as_json, log_unexpected
from rag.settings import Settings
from rag.wiring import build_assistant

# They are sent to all processes of a service; answers at work are to end first.
_NOT_FOR_IT = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
)


def serve(connection: Connection, settings: Settings, threads: int) -> None:
    """Answer calls until whoever asks is gone; does not return.

    threads: how many calls are worked on at a time
    """
    signal.set_wakeup_fd(-1)
    for number in _NOT_FOR_IT:
        signal.signal(number, signal.SIG_IGN)
    log_as_json()
    assistant = build_assistant(settings)
    workers, lock = ThreadPoolExecutor(threads), Lock()
    while True:
        try:
            number, method, arguments = connection.recv()
        except EOFError:
            # Nobody waits for what is still at work.
            os._exit(0)
        future = workers.submit(getattr(assistant, method), *arguments)
        future.add_done_callback(partial(_reply, connection, lock, number))


def _reply(connection: Connection, lock: Lock, number: int, future: Future[Any]) -> None:
    error = future.exception()
    if error and not isinstance(error, WellcitedError | OSError):
        # Logged where it came from; others may not survive the way, and would say no more.
        log_unexpected(error)
        error = RuntimeError("the answering process failed")
    with lock:
        connection.send((number, error, None if error else future.result()))
