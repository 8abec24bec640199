"""Index the 5,486 medquad articles from nothing: time, peak memory, bytes on disk.

    python -m benchmarks.indexing FOLDER     the index is left in FOLDER for the other benchmarks

Takes the better part of an hour on two cores without AVX-512.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.results import DATA, save


def main() -> None:
    """Run `rag index` as its users do, twice: from nothing, and again unchanged."""
    folder = Path(sys.argv[1])
    corpus, index = folder / "corpus", folder / "index"
    corpus.mkdir(parents=True, exist_ok=True)
    shutil.copy(DATA / "medquad" / "corpus.jsonl.gz", corpus)
    first, seconds = _index(corpus, index)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    again, unchanged_seconds = _index(corpus, index)
    save(
        "indexing",
        {
            "report": {key: value for key, value in first.items() if key not in _LISTS},
            "rejected": len(first["rejected"]),
            "warnings": len(first["warnings"]),
            "seconds": round(seconds, 1),
            "passages per second": round(first["embedded_passages"] / seconds, 1),
            "peak memory MB": round(peak),
            "disk MB": {path.name: _megabytes(path) for path in sorted(index.iterdir())},
            "again unchanged": {
                "seconds": round(unchanged_seconds, 1),
                "embedded_passages": again["embedded_passages"],
                "generation": again["generation"],
            },
        },
    )


_LISTS = ("rejected", "warnings")


def _index(corpus: Path, index: Path) -> tuple[dict[str, Any], float]:
    started = time.monotonic()
    command = [sys.executable, "-m", "rag", "index", "--json"]
    done = subprocess.run(
        [*command, "--corpus", str(corpus), "--index", str(index)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout), time.monotonic() - started


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)


if __name__ == "__main__":
    main()
