"""Floors under measured quality, pinned to the data they were measured on.

A floors file is `{"digest": "<SHA-256 of the data>", "floors": {"nDCG@10": 0.9}}`. Higher is
better for everything it holds: pin a share of failures as one minus that share.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import DatasetError

# Sums in another order differ by about 1e-16; real changes of a mean are far larger than this.
_TOLERANCE = 1e-9
# Floors are set in thousandths: on sets of some hundred questions anything finer is noise.
_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class Floors:
    """Measure → lowest value that passes, and the digest of the data it holds for."""

    digest: str
    floors: Mapping[str, float]


def digest_files(root: Path, files: Iterable[Path]) -> str:
    """SHA-256 in hex over the files' paths below `root` and their contents, in any order.

    Raises DatasetError for a file that cannot be read, ValueError for one outside `root`.
    """
    total = hashlib.sha256()
    for name, path in sorted((file.relative_to(root).as_posix(), file) for file in set(files)):
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise DatasetError(f"{path} cannot be read: {error}. Restore it.") from error
        # JSON keeps any name apart from the content that follows it.
        total.update(json.dumps([name, content]).encode())
    return total.hexdigest()


def load_floors(path: Path) -> Floors:
    """Read a floors file. Raises DatasetError if it is missing or malformed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{path} cannot be read as floors: {error}. Restore it, or make it anew."
        ) from error
    if not _is_floors(content):
        raise DatasetError(
            f'{path} does not hold floors. Write {{"digest": "…", "floors": {{"nDCG@10": 0.9}}}}.'
        )
    return Floors(content["digest"], {name: float(v) for name, v in content["floors"].items()})


def check(measures: Mapping[str, float], floors: Floors, digest: str | None = None) -> list[str]:
    """One sentence for each floor that is not reached, by name; empty where all are.

    A floor whose measure is absent or NaN is not reached. With a `digest`, data other than the
    floors' own is a failure too.
    """
    failures = [
        _failure(name, measures.get(name), floor)
        for name, floor in sorted(floors.floors.items())
        if not measures.get(name, math.nan) >= floor - _TOLERANCE
    ]
    if digest is not None and digest != floors.digest:
        failures.insert(
            0,
            f"The floors are for data {floors.digest[:12]}, not {digest[:12]}: "
            "restore the data, or update the floors.",
        )
    return failures


def update(path: Path, measures: Mapping[str, float], digest: str, lower: bool = False) -> Floors:
    """Pin the measures as the new floors, rounded down to thousandths, and write the file.

    Without `lower` no floor falls and none disappears: where one would, DatasetError is raised
    and the file stays as it is. Also raises DatasetError for a measure that is not finite.
    """
    bad = sorted(name for name, value in measures.items() if not math.isfinite(value))
    if bad:
        raise DatasetError(f"{bad[0]} is {measures[bad[0]]}, which is no floor. Measure again.")
    old = load_floors(path).floors if path.exists() else {}
    falling = check(measures, Floors(digest, old))
    if falling and not lower:
        raise DatasetError(
            f"{path} would be lowered, so it is left as it is. {' '.join(falling)} "
            "Mend the quality, or lower the floors on purpose."
        )
    new = {name: _pinned(value, old.get(name)) for name, value in sorted(measures.items())}
    _write(path, Floors(digest, new))
    return Floors(digest, new)


def _is_floors(content: object) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get("digest"), str):
        return False
    floors = content.get("floors")
    return isinstance(floors, dict) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        for value in floors.values()
    )


def _failure(name: str, value: float | None, floor: float) -> str:
    if value is None:
        return f"{name} was not measured; its floor is {floor}."
    return f"{name} is {value:.4f}, below its floor {floor}."


def _pinned(value: float, old: float | None) -> float:
    """The value rounded down, but not below an old floor that it reaches."""
    rounded = math.floor(value * _STEPS + _TOLERANCE) / _STEPS
    reached = old is not None and value >= old - _TOLERANCE
    return max(rounded, old) if old is not None and reached else rounded


def _write(path: Path, floors: Floors) -> None:
    """Write beside and rename, so that an interruption leaves the old floors whole."""
    content = {"digest": floors.digest, "floors": dict(floors.floors)}
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
