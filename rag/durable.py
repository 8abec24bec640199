"""Files and folders that appear whole or not at all, also after a power cut."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import StorageFull

# What is being made has a name of its own, hidden, until it is whole.
_MAKING = ".making-"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# What SQLite makes of a full disk; the last where it cannot even begin to read.
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill, which gets the name `target` once it is whole and on disk.

    Raises OSError where `target` is there already and not an empty folder; an error leaves nothing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(target.parent)
    # Locked until it has its name, so that it is told from what a killed process has left.
    with _opened(target.parent) as parent:
        _lock(parent, wait=True)
        aside.mkdir()
        making = os.open(aside, os.O_RDONLY)
        _lock(making, wait=False)
    try:
        yield aside
        for path in (*aside.rglob("*"), aside):
            to_disk(path)
        aside.rename(target)
        to_disk(target.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(making)


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


@contextmanager
def replaced(path: Path, text: str | None) -> Iterator[None]:
    """A file with another text, or without any; as it was where the block fails.

    What it held is kept beside it meanwhile: a full disk must not keep it from coming back.
    """
    kept = _keep(path)
    try:
        if text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, text)
        elif kept:
            path.unlink()
            to_disk(path.parent)
        yield
    except BaseException:
        if kept:
            kept.replace(path)
            to_disk(path.parent)
        else:
            path.unlink(missing_ok=True)
        raise
    finally:
        if kept:
            kept.unlink(missing_ok=True)


def remove_unfinished(folder: Path, *, shared: bool = False) -> None:
    """Remove folders that a killed process had begun to make there.

    shared: others may be making something there now, which stays; else nobody may be.
    """
    if not folder.is_dir():
        return
    with _opened(folder) as parent:
        _lock(parent, wait=True)
        for path in folder.glob(f"{_MAKING}*"):
            # Another process may just have finished it and given it its name.
            with suppress(FileNotFoundError), _opened(path) as making:
                if not shared or _lock(making, wait=False):
                    shutil.rmtree(path, ignore_errors=True)


def is_full(error: BaseException) -> bool:
    """Whether an error of the system or of SQLite says that the disk has no space left."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in _SQLITE_FULL
    return isinstance(error, OSError) and error.errno in _FULL


def storage_full(folder: Path) -> StorageFull:
    """What to raise where a disk is full."""
    return StorageFull(
        f"There is no space left on the disk of {folder}; nothing was changed. "
        "Free some, then try again."
    )


def to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, have reached the disk."""
    with _opened(path) as descriptor:
        os.fsync(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, wait: bool) -> bool:
    """Lock what is opened, until it is closed; false where another holds it or nobody can."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


def _keep(path: Path) -> Path | None:
    """Another name, hidden, for what a file holds; None where there is no file."""
    if not path.exists():
        return None
    kept = _aside(path.parent)
    try:
        os.link(path, kept)
    except OSError:
        # Not every file system has links.
        try:
            shutil.copyfile(path, kept)
        except BaseException:
            kept.unlink(missing_ok=True)
            raise
    return kept


def _aside(folder: Path) -> Path:
    # Not from tempfile, whose files only their maker may read: a server may run as another user.
    return folder / f"{_MAKING}{secrets.token_hex(8)}"
