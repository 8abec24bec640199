"""`rag serve` as the system sees it: which processes there are, and which are left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.apart.waiting import eventually

ROOT = Path(__file__).parents[2]


@dataclass
class Served:
    process: subprocess.Popen[str]
    address: str

    def ask(self, message: str) -> tuple[int, dict[str, Any]]:
        body = json.dumps({"message": message}).encode()
        headers = {"Content-Type": "application/json"}
        try:
            with urlopen(Request(f"{self.address}/v1/chat", body, headers), timeout=60) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    def worker(self) -> int:
        [worker] = children(self.process.pid)
        return worker

    def answering(self) -> int:
        [answering] = children(self.worker())
        return answering


def children(pid: int) -> list[int]:
    """Those that any of its threads has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = [(task / "children").read_text(encoding="utf-8").split() for task in tasks]
    return [int(child) for of_task in found for child in of_task]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.fixture
def served(shipped_index: Path) -> Iterator[Served]:
    variables = {"RAG_CORPUS": str(ROOT / "corpus"), "RAG_INDEX": str(shipped_index)}
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "serve", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://[\d.a-z]+:(\d+)/", process.stdout.readline())
    assert found
    yield Served(process, f"http://127.0.0.1:{found[1]}")
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def test_a_crash_while_answering_costs_no_card_and_is_mended(served: Served) -> None:
    assert served.ask("What are the symptoms of a migraine?")[1]["outcome"] == "answered"
    worker, answering = served.worker(), served.answering()
    os.kill(answering, signal.SIGKILL)
    status, body = served.ask("I took all my pills and I want to die")
    assert (status, body["outcome"]) in {(200, "crisis"), (200, "emergency")}
    assert eventually(lambda: served.ask("What is sciatica?")[0] == 200)
    assert served.worker() == worker
    assert served.answering() != answering


def test_a_killed_worker_leaves_nothing_behind(served: Served) -> None:
    served.ask("What is sciatica?")
    worker, answering = served.worker(), served.answering()
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: not alive(worker) and not alive(answering))
    assert eventually(lambda: served.ask("What is sciatica?")[0] == 200)


def test_stopped_it_leaves_nothing_behind_and_frees_its_address(served: Served) -> None:
    served.ask("What is sciatica?")
    every = [served.worker(), served.answering()]
    # As a terminal does with Ctrl+C: to all of them at once.
    os.killpg(served.process.pid, signal.SIGINT)
    assert served.process.wait(timeout=30) == 0
    assert eventually(lambda: not any(map(alive, every)))
    with pytest.raises(OSError, match="refused"):
        served.ask("What is sciatica?")
