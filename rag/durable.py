"""Files and folders that appear whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill, which gets the name `target` once it is whole and on disk.

    Raises FileExistsError or OSError where `target` is there already; an error leaves nothing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        yield aside
        for path in (*aside.iterdir(), aside):
            to_disk(path)
        aside.rename(target)
        to_disk(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def replace_text(path: Path, text: str) -> None:
    """Replace a file's content in one step."""
    descriptor, name = tempfile.mkstemp(prefix=".making-", dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
        to_disk(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, have reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
