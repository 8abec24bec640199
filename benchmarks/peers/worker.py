"""What every compared system is asked to do, measured alike: index a folder, answer its queries.

    python -m benchmarks.peers.NAME index MODEL STORE DATA    index, save to STORE
    python -m benchmarks.peers.NAME ask MODEL STORE DATA      load from STORE, ask all queries

Standard library only, since it runs in environments that hold nothing of ours. `ask` writes a
line as soon as the first query is answered: whoever started the process can take the time from
its start. The last line is one JSON object. Everything else that is printed goes to stderr.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

TOP = 10
"""Documents ranked for a query: as deep as nDCG@10 looks."""

Ranking = list[tuple[str, float]]


class System(Protocol):
    """A retrieval system over whole documents, with its own documented defaults."""

    def index(self, documents: Sequence[tuple[str, str]]) -> None:
        """Index documents, each an id and its text."""

    def save(self, store: Path) -> None:
        """Keep the index in a folder."""

    def load(self, store: Path) -> None:
        """Take the index from that folder."""

    def ask(self, question: str) -> Ranking:
        """The ten best documents and their scores, best first."""


def run(make: Callable[[str], System], packages: Sequence[str]) -> None:
    """Do what the command line says; `make` loads the model from its folder."""
    command, model, store, data = sys.argv[1:]
    shown, sys.stdout = sys.stdout, sys.stderr
    system = make(model)
    if command == "index":
        result = _index(system, Path(store), Path(data))
    else:
        system.load(Path(store))
        result = _ask(system, Path(data), lambda: print("answered", file=shown, flush=True))
    versions = {package: metadata.version(package) for package in packages}
    print(json.dumps({**result, "packages": versions}), file=shown, flush=True)


def resident_megabytes() -> int:
    """What this process holds in memory now."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def _index(system: System, store: Path, data: Path) -> dict[str, Any]:
    # A title and a text are joined as BEIR's own code does it.
    documents = [
        (row["_id"], f"{row.get('title') or ''} {row['text']}".strip())
        for row in _rows(data, "corpus.jsonl")
    ]
    started = time.perf_counter()
    system.index(documents)
    seconds = time.perf_counter() - started
    store.mkdir(parents=True, exist_ok=True)
    system.save(store)
    return {"documents": len(documents), "seconds": seconds}


def _ask(system: System, data: Path, answered: Callable[[], None]) -> dict[str, Any]:
    run: dict[str, dict[str, float]] = {}
    milliseconds: list[float] = []
    for row in _rows(data, "queries.jsonl"):
        started = time.perf_counter()
        ranking = system.ask(row["text"])
        milliseconds.append((time.perf_counter() - started) * 1_000)
        if not run:
            answered()
        run[row["_id"]] = {document: float(score) for document, score in ranking}
    return {
        "median": statistics.median(milliseconds),
        "p95": sorted(milliseconds)[int(len(milliseconds) * 0.95)],
        "resident": resident_megabytes(),
        "run": run,
    }


def _rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    zipped = data / f"{name}.gz"
    if zipped.exists():
        text = gzip.decompress(zipped.read_bytes()).decode("utf-8")
    else:
        text = (data / name).read_text(encoding="utf-8")
    # Not splitlines: a JSON string may hold other line ends than this one.
    yield from (json.loads(line) for line in text.split("\n") if line.strip())
