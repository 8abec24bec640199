"""Kill it, fill its disk, damage its files: is anything lost, and is it told?

    python -m benchmarks.recovery [--seed N] [--only PART]

Works over copies of the shipped articles with the commands and servers that users run. Parts are
`index`, `publishing`, `disk` and `damage`. Small file systems are mounted for `disk`, as root.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.damage import damage_files
from benchmarks.full_disk import fill_disks
from benchmarks.grounds import new_ground
from benchmarks.kills import kill_first_runs, kill_new_recipes, kill_updates
from benchmarks.publishing_kills import kill_publishing
from benchmarks.results import save

_PORT = 8900
# Of 62 runs a few end before they are killed. Few encode everything, which takes far longer.
_UPDATES, _FIRST_RUNS, _NEW_RECIPES = 50, 6, 6
_PUBLISHING = 60
_PAGES = 44


def main() -> None:
    """Run all parts, or one, and write down what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--only", choices=_PARTS)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    result: dict[str, Any] = {"seed": options.seed}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        # What is damaged must not be what others use.
        os.environ["RAG_CACHE"] = str(folder / "cache")
        # The encoder is made once, before anything is measured.
        new_ground(folder / "first").update()
        for name, part in _PARTS.items():
            if options.only in (None, name):
                started = time.monotonic()
                result[name] = part(folder / name, options.seed)
                result[name]["minutes"] = round((time.monotonic() - started) / 60, 1)
                print(f"{name}: {result[name]['minutes']} min", flush=True)
    save("recovery", result)


def _index(folder: Path, seed: int) -> dict[str, Any]:
    """The short runs beside the long ones, since a killed run leaves a core idle."""
    with ThreadPoolExecutor(2) as pool:
        updates = pool.submit(kill_updates, folder / "updates", seed, _UPDATES)
        first = pool.submit(kill_first_runs, folder / "first-runs", seed, _FIRST_RUNS)
        recipes = pool.submit(kill_new_recipes, folder / "recipes", seed, _NEW_RECIPES)
    return {"runs": [updates.result(), first.result(), recipes.result()]}


def _publishing(folder: Path, seed: int) -> dict[str, Any]:
    return kill_publishing(folder, seed, _PUBLISHING, _PORT)


def _disk(folder: Path, _: int) -> dict[str, Any]:
    return fill_disks(folder, _PORT + 10)


def _damage(folder: Path, seed: int) -> dict[str, Any]:
    return damage_files(folder, seed, _PAGES, _PORT + 20)


_PARTS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "index": _index,
    "publishing": _publishing,
    "disk": _disk,
    "damage": _damage,
}


if __name__ == "__main__":
    main()
