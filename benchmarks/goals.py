"""Run every benchmark in turn, and tell which goals are reached.

    python -m benchmarks.goals [FOLDER]

The medquad articles are indexed into FOLDER (default: below the cache folder). Exits with 1 if a
goal is missed. Takes the better part of an hour on two cores.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.report import goals, write_table
from rag.settings import load_settings


def main() -> None:
    """Measure, write the table in README.md, and print it."""
    default = load_settings()[0].cache_folder / "benchmarks"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    index = str(folder / "index")
    for benchmark in (
        ["indexing", str(folder)],
        ["retrieval"],
        ["encoding"],
        ["answers", index],
        ["serving", index],
        ["streaming", index],
        ["live", str(folder)],
        ["safety", index],
        ["overload", "index"],
        ["slow_clients", "index"],
    ):
        name, *arguments = benchmark
        print(f"{name} ...", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=True)
    print(write_table())
    if not all(goal.reached for goal in goals()):
        sys.exit("A goal is missed.")


if __name__ == "__main__":
    main()
