"""Ask an index over HTTP: start to first answer, time of a question, and every citation checked.

    python -m benchmarks.serving INDEX [ANSWERS]

Questions are those of the development sets, then "What is …?" and the like made from the titles
of the indexed articles until ANSWERS (1,000) of them were answered. Each citation is compared with
the text that `/v1/articles/{id}?version=` returns, each statement with its quotes.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.processes import maps, megabytes
from benchmarks.results import DATA, save
from rag.evaluation import load_dataset

_PORT = 8765
_BASE = f"http://127.0.0.1:{_PORT}"
_FORMS = ("What is {}?", "What causes {}?", "How is {} treated?", "What are the symptoms of {}?")
_TIMED = 300
_PATIENCE = 60.0


def main() -> None:
    """Start a server of one worker, ask, check, and write down what was seen."""
    index, wanted = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    with _server(index) as (process, started):
        first = _first_answer(started)
        seconds, outcomes, checked = _ask_all(wanted)
        torch, memory = maps(process.pid, "libtorch"), megabytes(process.pid)
    ordered = sorted(seconds[:_TIMED])
    save(
        "serving",
        {
            "start to first answer, seconds": round(first, 2),
            "question over HTTP, ms": {
                "questions": len(ordered),
                "median": round(statistics.median(ordered) * 1000, 1),
                "p95": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
            },
            "outcomes": dict(outcomes),
            "citations": checked,
            "torch in a process": torch,
            "memory of all processes, MB": memory,
            "goals": {"first answer": "≤ 4 s", "median": "≤ 50 ms", "citations": "100 %"},
        },
    )


@contextmanager
def _server(index: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    command = [sys.executable, "-m", "rag", "serve", "--port", str(_PORT), "--index", str(index)]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, "RAG_RATE_LIMIT": "off", "RAG_RATE_LIMIT_GLOBAL": "off"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, started
    finally:
        process.terminate()
        process.wait(timeout=30)


def _first_answer(started: float) -> float:
    while time.monotonic() - started < _PATIENCE:
        try:
            _chat("What is a stroke?")
        except OSError:
            time.sleep(0.05)
        else:
            return time.monotonic() - started
    raise SystemExit("The server did not answer.")


def _ask_all(wanted: int) -> tuple[list[float], Counter[str], dict[str, int]]:
    seconds: list[float] = []
    outcomes: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    for question in _questions():
        begin = time.perf_counter()
        body = _chat(question)
        seconds.append(time.perf_counter() - begin)
        outcomes[body["outcome"]] += 1
        checked.update(_check(body))
        if outcomes["answered"] >= wanted:
            break
    return seconds, outcomes, dict(checked)


def _questions() -> Iterator[str]:
    for name in ("mediqa", "medquad", "covid-faq"):
        yield from load_dataset(DATA / name).queries.values()
    cursor = ""
    while True:
        listed = _get(f"/v1/articles?limit=100&cursor={urllib.parse.quote(cursor)}")
        for number, article in enumerate(listed["articles"]):
            yield _FORMS[number % len(_FORMS)].format(article["title"])
        if listed["next"] is None:
            return
        cursor = listed["next"]


def _check(body: dict[str, Any]) -> Counter[str]:
    checked: Counter[str] = Counter()
    quotes = {}
    for citation in body["citations"]:
        place = urllib.parse.quote(citation["article_id"], safe="")
        article = _get(f"/v1/articles/{place}?version={citation['article_version']}")
        true = article["text"][citation["start"] : citation["end"]] == citation["quote"]
        checked["citations true" if true else "citations false"] += 1
        quotes[citation["number"]] = " ".join(citation["quote"].split())
    for statement in body["statements"]:
        text = " ".join(quotes[number] for number in statement["citations"])
        true = bool(statement["citations"]) and statement["text"] == text
        checked["statements true" if true else "statements false"] += 1
    return checked


def _chat(message: str) -> dict[str, Any]:
    data = json.dumps({"message": message[:2_000]}).encode()
    request = urllib.request.Request(
        f"{_BASE}/v1/chat", data, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return dict(json.load(response))


def _get(path: str) -> dict[str, Any]:
    with urllib.request.urlopen(_BASE + path, timeout=30) as response:
        return dict(json.load(response))


if __name__ == "__main__":
    main()
