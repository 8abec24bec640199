"""Write a result with everything that is needed to judge and repeat it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "results"
DATA = Path(os.environ.get("WELLCITED_DATA", "../shared/data"))
"""Where the development data lies; it is no part of the project."""


def save(name: str, result: dict[str, Any]) -> None:
    """Write `results/<name>.json`, stamped with commit, date and machine, and print it."""
    stamped = {
        "benchmark": name,
        "commit": _git("rev-parse", "HEAD") + ("+changes" if _changes() else ""),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        **result,
    }
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(stamped, indent=2, ensure_ascii=False)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _changes() -> str:
    """What differs from the commit, but for results themselves."""
    return _git("status", "--porcelain", "--", ".", f":!{FOLDER.relative_to(Path.cwd())}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
