"""Wellcited itself, by the evaluator that `rag eval run` uses, with the output of the others.

    python -m benchmarks.peers.wellcited index|ask MODEL STORE DATA

Run by our own environment. The index lies below STORE. Its time of indexing holds all that
`rag index` does: reading, passages, vectors of passages, sentences and headings, two commits to
disk. `rag ask` is what a start is measured with, so `ask` writes no line at the first answer.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from benchmarks.peers.worker import resident_megabytes
from rag import __version__
from rag.embedding.model import DEFAULT_MODEL
from rag.evaluation import load_dataset
from rag.settings import load_settings
from rag.types import Mode
from rag.wiring import build_evaluator


def main() -> None:
    """Index or ask, and print one JSON object."""
    command, _, store, data = sys.argv[1:]
    settings = replace(load_settings()[0], model=DEFAULT_MODEL, cache=Path(store))
    evaluator = build_evaluator(settings, fresh=command == "index")
    result = evaluator.run(load_dataset(Path(data)), Mode.HYBRID, 1, lambda *_: None)
    found = {
        "documents": result.documents,
        "seconds": result.index_seconds,
        "median": result.latency_p50,
        "p95": result.latency_p95,
        "resident": resident_megabytes(),
        "run": {} if command == "index" else result.run,
        "packages": {
            "wellcited": __version__,
            **{name: metadata.version(name) for name in ("onnxruntime", "faiss-cpu", "tantivy")},
        },
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
