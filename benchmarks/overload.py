"""Five times as many questions as a server can answer, for a minute. Loopback only.

    python -m benchmarks.overload INDEX [SECONDS [WORKERS]]

`rag serve` as it is by default, with one worker, over the shipped articles, rate limits off. First
how many questions a second it answers, then half of that, then five times as many, at random times
whatever it answers.
The client runs beside it and takes part of the processor; both sides are measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.http import Client
from benchmarks.load import Load, calmly, p99
from benchmarks.processes import megabytes
from benchmarks.quiet import wait_until_quiet, watched
from benchmarks.results import save

ROOT = Path(__file__).resolve().parents[1]
_PORT = 8790
_CLIENTS = 8
_QUIET = 600.0


def main() -> None:
    """Measure, and write down what was seen."""
    index = Path(sys.argv[1])
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as stream:
            server = _server(index, workers, stream)
            try:
                found = {"workers": workers, **asyncio.run(_Run(server, log).all(seconds))}
                save("overload", found)
            finally:
                server.terminate()
                server.wait(timeout=30)


def _server(index: Path, workers: int, log: Any) -> subprocess.Popen[bytes]:
    variables = {name: value for name, value in os.environ.items() if name[:4] != "RAG_"}
    variables |= {"RAG_RATE_LIMIT": "off", "RAG_RATE_LIMIT_GLOBAL": "off"}
    variables |= {"RAG_CORPUS": str(ROOT / "corpus"), "RAG_INDEX": str(index)}
    options = ["--port", str(_PORT), "--workers", str(workers)]
    command = [sys.executable, "-m", "rag", "serve", *options]
    return subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=log)


class _Run:
    def __init__(self, server: subprocess.Popen[bytes], log: Path) -> None:
        self._server = server
        self._log = log
        client = Client(f"http://127.0.0.1:{_PORT}")
        client.wait()
        titles = [article["title"] for article in client.get("/v1/articles?limit=100")["articles"]]
        self._requests = [_request(title) for title in titles]

    async def all(self, seconds: float) -> dict[str, Any]:
        """Capacity, half of it, and five times it."""
        calmly()
        wait_until_quiet(_QUIET)
        with watched(self._server.pid) as others:
            await Load(_PORT).in_turn(self._requests, _CLIENTS, 5.0)
            capacity = await Load(_PORT).in_turn(self._requests, _CLIENTS, 15.0)
            half = await self._at(capacity / 2, seconds / 2)
            before = megabytes(self._server.pid)
            over = await self._at(capacity * 5, seconds)
            await asyncio.sleep(5.0)
        return {
            "capacity, answers a second": round(capacity, 1),
            "half the capacity": half,
            "five times the capacity": over,
            "seconds": seconds,
            "memory MB before, after": [before, megabytes(self._server.pid)],
            "share of the processor used by others": round(others.share, 2),
            "goals": {
                "refusals p99": "≤ 50 ms",
                "admitted p99": "≤ 2 × at half the capacity",
                "memory": "flat",
            },
        }

    async def _at(self, rate: float, seconds: float) -> dict[str, Any]:
        load, start = Load(_PORT), self._log.stat().st_size
        await load.at_rate(self._requests, rate, seconds)
        statuses = Counter(reply.status for reply in load.replies)
        logged = self._logged(start)
        return {
            "asked a second": round(rate, 1),
            "statuses": dict(statuses),
            "without a reply": load.lost + load.unsent,
            "client sent late by p99, ms": p99(load.late),
            "admitted p99, ms": p99([r.seconds for r in load.replies if r.status == 200]),
            "refused p99, ms": p99([r.seconds for r in load.replies if r.status == 503]),
            "in the server, admitted p99, ms": p99(logged.get(200, [])),
            "in the server, refused p99, ms": p99(logged.get(503, [])),
        }

    def _logged(self, start: int) -> dict[int, list[float]]:
        """Seconds that the server says it took, by status, since its log had `start` bytes."""
        found: dict[int, list[float]] = {}
        for line in self._log.read_bytes()[start:].splitlines():
            told = json.loads(line)
            if "ms" in told:
                found.setdefault(told["status"], []).append(told["ms"] / 1000)
        return found


def _request(message: str) -> bytes:
    body = json.dumps({"message": message}).encode()
    head = (
        "POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
