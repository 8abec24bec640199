"""A real server is started and stopped, as a service manager does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

_READY = "Wellcited is listening: open "


def test_workers_end_in_peace_when_the_server_is_stopped(
    tmp_path: Path, encoder_cache: Path
) -> None:
    """A library that was loaded before the fork may abort the worker at its end."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "knee.md").write_text("# Knee pain\n\nMost knee pain passes.\n")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "encoders").symlink_to(encoder_cache)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    variables = {
        **kept,
        "RAG_CORPUS": str(tmp_path / "corpus"),
        "RAG_INDEX": str(tmp_path / "index"),
        "RAG_CACHE": str(tmp_path / "cache"),
    }
    rag = [sys.executable, "-m", "rag"]
    subprocess.run([*rag, "index", "--json"], env=variables, check=True, capture_output=True)
    log = tmp_path / "log"
    with (
        log.open("w") as stream,
        subprocess.Popen(
            [*rag, "serve", "--port", "0", "--workers", "2"],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        address = process.stdout.readline().removeprefix(_READY).split()[0]
        _wait_until_ready(address)
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(timeout=30)
    told = log.read_text()
    assert [word for word in ("SIGABRT", "terminate called", "SIGKILL") if word in told] == []


def _wait_until_ready(address: str) -> None:
    """Wait until a worker has loaded index and model; with one more second so has the other."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"{address}readyz", timeout=5):
                time.sleep(1.0)
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("The server did not get ready.")
