"""What a process and all that it has started use, from /proc."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """A process, its children, and theirs."""
    yield pid
    with suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="utf-8").split():
                yield from family(int(child))


def megabytes(pid: int) -> int:
    """What a family holds in memory, each page that several share counted once."""
    kilobytes = 0
    for member in family(pid):
        rollup = Path(f"/proc/{member}/smaps_rollup").read_text(encoding="utf-8")
        found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return kilobytes // 1024


def processor_seconds(pid: int) -> float:
    """What a family has used of the processor."""
    ticks = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def maps(pid: int, library: str) -> bool:
    """Whether one of a family has a library loaded."""
    return any(
        library in Path(f"/proc/{member}/maps").read_text(encoding="utf-8")
        for member in family(pid)
    )
