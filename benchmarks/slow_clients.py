"""A healthy client beside a hundred idle and slow ones. Loopback only.

    python -m benchmarks.slow_clients INDEX

First against `rag serve` alone, then through nginx with docs/deploy/nginx.conf, where nginx is
installed. A third of the slow ones drip their headers, a third their bodies, and the rest asks and
does not read the answer, or says nothing at all. Each comes back as soon as it was closed.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.http import serving
from benchmarks.load import p99
from benchmarks.results import save

ROOT = Path(__file__).resolve().parents[1]
_PORT, _PROXY_PORT = 8791, 8792
_SLOW = 100
_SECONDS = 40.0
_DRIP = 1.0
# Seconds after which a slow one is taken for never closed.
_PATIENCE = 60.0
_BODY = json.dumps({"message": "How long does sciatica last?"}).encode()
_HEAD = (
    b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n" % len(_BODY)
)


def main() -> None:
    """Measure both, and write down what was seen."""
    index = sys.argv[1]
    variables = {"RAG_INDEX": index, "RAG_CORPUS": str(ROOT / "corpus"), "RAG_PROXY_HOPS": "1"}
    variables |= {"RAG_RATE_LIMIT": "off", "RAG_RATE_LIMIT_GLOBAL": "off"}
    with serving(_PORT, ["--workers", "2"], variables) as client:
        client.wait()
        result = {"rag serve": _beside_slow_ones(_PORT)}
        if shutil.which("nginx"):
            with _nginx():
                result["behind nginx"] = _beside_slow_ones(_PROXY_PORT)
    save("slow_clients", {**result, "goals": {"healthy p99": "≤ 500 ms"}})


def _beside_slow_ones(port: int) -> dict[str, Any]:
    """What a healthy client sees alone and beside slow ones, and how long those were held."""
    alone = _healthy(port, 5.0)
    ended = threading.Event()
    held: list[float] = []
    threads = [
        threading.Thread(target=_slow, args=(port, _KINDS[n % len(_KINDS)], ended, held))
        for n in range(_SLOW)
    ]
    for thread in threads:
        thread.start()
    time.sleep(3.0)
    beside = _healthy(port, _SECONDS)
    ended.set()
    for thread in threads:
        thread.join(timeout=_PATIENCE)
    return {
        "slow clients": _SLOW,
        "healthy alone, ms": alone,
        "healthy beside them, ms": beside,
        "slow ones closed": len(held),
        "held at most, seconds": round(max(held, default=0.0), 1),
    }


def _healthy(port: int, seconds: float) -> dict[str, Any]:
    """One client that asks ten times a second, each time over a new connection."""
    took: list[float] = []
    statuses: Counter[int] = Counter()
    end = time.perf_counter() + seconds
    while (begin := time.perf_counter()) < end:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/chat", _BODY, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                response.read()
                statuses[response.status] += 1
        except urllib.error.HTTPError as error:
            statuses[error.code] += 1
        except OSError:
            statuses[0] += 1
        took.append(time.perf_counter() - begin)
        time.sleep(max(0.0, 0.1 - took[-1]))
    median = sorted(took)[len(took) // 2] * 1000
    return {"median": round(median, 1), "p99": p99(took), "statuses": dict(statuses)}


def _slow(port: int, kind: Callable[[], Iterator[bytes]], ended: Any, held: list[float]) -> None:
    while not ended.is_set():
        begin = time.perf_counter()
        with suppress(OSError):
            _one_slow(port, kind, ended)
        if not ended.is_set():
            held.append(time.perf_counter() - begin)


def _one_slow(port: int, kind: Callable[[], Iterator[bytes]], ended: Any) -> None:
    """Send slowly until the other side closes."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        connection.settimeout(_PATIENCE)
        connection.connect(("127.0.0.1", port))
        connection.setblocking(False)
        for part in kind():
            if ended.wait(_DRIP if part else 0.0) or _is_closed(
                connection, read=kind is not _unread
            ):
                return
            if part:
                connection.sendall(part)
        while not ended.wait(_DRIP) and not _is_closed(connection, read=True):
            pass


def _is_closed(connection: socket.socket, *, read: bool) -> bool:
    if not read:
        return False
    try:
        return connection.recv(16) == b""
    except BlockingIOError:
        return False


def _headers() -> Iterator[bytes]:
    yield _HEAD
    for number in range(100):
        yield b"X-Slow-%d: a\r\n" % number


def _body() -> Iterator[bytes]:
    yield _HEAD + b"\r\n"
    for byte in _BODY:
        yield bytes([byte])


def _silent() -> Iterator[bytes]:
    yield b""


def _unread() -> Iterator[bytes]:
    """Ask for many answers and take none for a while."""
    for _ in range(5):
        yield b"GET /v1/articles?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n"


_KINDS = (_headers, _body, _headers, _body, _unread, _silent)


@contextmanager
def _nginx() -> Iterator[None]:
    """The proxy with the documented configuration, for this machine's ports."""
    with tempfile.TemporaryDirectory() as folder:
        text = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        text = text.replace("server app:8000;", f"server 127.0.0.1:{_PORT};")
        text = re.sub(r"listen 80;", f"listen 127.0.0.1:{_PROXY_PORT};", text)
        text = text.replace("pid /run/nginx.pid;", f"pid {folder}/pid;")
        text = text.replace("access_log /dev/stdout discreet;", "access_log off;")
        conf = Path(folder) / "nginx.conf"
        conf.write_text(text, encoding="utf-8")
        command = ["nginx", "-e", "stderr", "-g", "daemon off;", "-c", str(conf)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            time.sleep(1.0)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


if __name__ == "__main__":
    main()
