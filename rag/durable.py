"""Files and folders that appear whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What is being made has a name of its own, hidden, until it is whole.
_MAKING = ".making-"


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill, which gets the name `target` once it is whole and on disk.

    Raises OSError where `target` is there already and not an empty folder; an error leaves nothing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(target.parent)
    aside.mkdir()
    try:
        yield aside
        for path in (*aside.rglob("*"), aside):
            to_disk(path)
        aside.rename(target)
        to_disk(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def replace_text(path: Path, text: str) -> None:
    """Replace a file's content in one step."""
    aside = _aside(path.parent)
    try:
        with aside.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
        to_disk(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed process had begun to make there; no other may be making anything."""
    for path in folder.glob(f"{_MAKING}*"):
        shutil.rmtree(path, ignore_errors=True)


def to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, have reached the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _aside(folder: Path) -> Path:
    # Not from tempfile, whose files only their maker may read: a server may run as another user.
    return folder / f"{_MAKING}{secrets.token_hex(8)}"
