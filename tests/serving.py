"""A server of its own process over the shipped articles, as readers meet it. Loopback only."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
# Seconds for a server to load its index and model on a busy machine.
_PATIENCE = 60.0


@contextmanager
def serving(index: Path, log: Path | None = None, **settings: str) -> Iterator[str]:
    """Run `rag serve` over an index of corpus/ and give its address, such as http://127.0.0.1:4321.

    settings: by name without `RAG_`, such as `workers="2"`. The rate limit is off unless given.
    log: the file that its log is written to; thrown away without one.
    """
    chosen = {"corpus": str(ROOT / "corpus"), "index": str(index), "rate_limit": "off", "port": "0"}
    variables = {f"RAG_{name.upper()}": value for name, value in {**chosen, **settings}.items()}
    outside = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    with (log or Path(os.devnull)).open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "rag", "serve"],
            cwd=ROOT,
            env={**outside, **variables},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield _ready(server)
        finally:
            server.terminate()
            server.wait(timeout=30)
            assert server.stdout is not None
            server.stdout.close()


def _ready(server: subprocess.Popen[str]) -> str:
    """The address of a server, once it answers questions."""
    assert server.stdout is not None
    line = server.stdout.readline()
    match = re.search(r"http://[\d.a-z]+:(\d+)/", line)
    assert match, f"the server said {line!r} instead of where it listens"
    address = f"http://127.0.0.1:{match[1]}"
    started = time.monotonic()
    while time.monotonic() - started < _PATIENCE:
        try:
            with urlopen(f"{address}/readyz", timeout=10):
                return address
        except (HTTPError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"{address} did not become ready within {_PATIENCE:.0f} s")
