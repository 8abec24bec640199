"""Token buckets that all workers of a server share, and what stands in where they cannot."""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import stat
import tempfile
import time
from pathlib import Path
from threading import Lock
from typing import Protocol

from rag.web.rates import Rate, Share, share

_LOGGER = logging.getLogger(__name__)

# A bucket is one number: when it will be full again. A request moves that time on by one step, if
# it stays within the window. A time beyond the window is of a clock that was set back since.
_TAKE = """
INSERT INTO bucket (key, full) VALUES (:key, :now + :step)
ON CONFLICT (key) DO UPDATE SET
    full = CASE WHEN full BETWEEN :now AND :last THEN full ELSE :now END + :step
WHERE full + :step <= :last OR full > :last
RETURNING full
"""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS bucket (key INTEGER PRIMARY KEY, full REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS start (one INTEGER PRIMARY KEY CHECK (one = 1), salt BLOB NOT NULL)
"""
# Seconds by which sums of many steps may be off.
_ROUNDING = 1e-3
# Seconds between two looks for buckets that are full, which nobody needs.
_PURGE = 30.0
# Seconds to wait for another worker, which holds the file for microseconds.
_LOCKED = 1.0


class Buckets(Protocol):
    """Buckets by number."""

    def salt(self) -> bytes:
        """What keys are made with; the same for all workers, another at each start."""
        ...

    def take(self, key: int, rate: Rate) -> Share:
        """Take one request out of a bucket, if there is one."""
        ...


class OwnBuckets:
    """Buckets of this process alone. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._full: dict[int, float] = {}
        self._salt = secrets.token_bytes(32)
        self._purged = time.time()

    def salt(self) -> bytes:
        """The salt of this process."""
        return self._salt

    def take(self, key: int, rate: Rate) -> Share:
        """Take one request out of a bucket, if there is one."""
        with self._lock:
            now = time.time()
            if now > self._purged + _PURGE:
                self._full = {key: full for key, full in self._full.items() if full > now}
                self._purged = now
            full = self._full.get(key, now)
            last = now + rate.window + _ROUNDING
            full = full if now <= full <= last else now
            allowed = full + rate.step <= last
            if allowed:
                full = self._full[key] = full + rate.step
            return share(rate, full, now, allowed=allowed)


class SharedBuckets:
    """Buckets in a file of SQLite. Safe to use from several threads and processes.

    Where the file cannot be used, as on a full disk, this process counts for itself from then on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None
        self._purged = 0.0
        self._salt: bytes | None = None
        self._own: OwnBuckets | None = None

    def salt(self) -> bytes:
        """The salt in the file, made by whoever asks first."""
        if self._salt is None:
            with self._lock:
                try:
                    self._salt = self._read_salt()
                except (sqlite3.Error, OSError) as error:
                    self._salt = self._alone(error).salt()
        return self._salt

    def take(self, key: int, rate: Rate) -> Share:
        """Take one request out of a bucket, if there is one."""
        if self._own is None:
            with self._lock:
                try:
                    return self._take(key, rate)
                except (sqlite3.Error, OSError) as error:
                    self._alone(error)
        return self._alone().take(key, rate)

    def _read_salt(self) -> bytes:
        # Unless it is the first, the offered one is dropped.
        offered = (secrets.token_bytes(32),)
        self._file().execute("INSERT OR IGNORE INTO start VALUES (1, ?)", offered)
        return bytes(self._file().execute("SELECT salt FROM start").fetchone()[0])

    def _take(self, key: int, rate: Rate) -> Share:
        now = time.time()
        if now > self._purged + _PURGE:
            self._file().execute("DELETE FROM bucket WHERE full < ?", (now,))
            self._purged = now
        last = now + rate.window + _ROUNDING
        values = {"key": key, "now": now, "step": rate.step, "last": last}
        row = self._file().execute(_TAKE, values).fetchone()
        if row is not None:
            return share(rate, row[0], now, allowed=True)
        found = self._file().execute("SELECT full FROM bucket WHERE key = ?", (key,)).fetchone()
        return share(rate, found[0] if found else now, now, allowed=False)

    def _file(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = sqlite3.connect(
                self._path, timeout=_LOCKED, isolation_level=None, check_same_thread=False
            )
            self._opened.execute("PRAGMA journal_mode = WAL")
            # What a power cut takes are counters of requests.
            self._opened.execute("PRAGMA synchronous = OFF")
            self._opened.executescript(_SCHEMA)
        return self._opened

    def _alone(self, error: Exception | None = None) -> OwnBuckets:
        if self._own is None:
            self._own = OwnBuckets()
            _LOGGER.warning(
                "each worker counts requests for itself: the file of the rate limits "
                "cannot be used (%s)",
                type(error).__name__,
            )
        return self._own


def shared_buckets() -> Buckets:
    """Buckets that this process shares with those of the same parent."""
    try:
        return SharedBuckets(shared_file(os.getppid()))
    except OSError as error:
        _LOGGER.warning(
            "each worker counts requests for itself: there is no folder for temporary files (%s)",
            type(error).__name__,
        )
        return OwnBuckets()


def shared_file(server: int) -> Path:
    """The file of a server's workers, in a folder that is this user's alone.

    server: the process id of their parent. Raises OSError where there is no such folder.
    """
    folder = Path(tempfile.gettempdir()) / f"wellcited-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError("The folder for temporary files is open to others.")
    for left in folder.glob("limits-*.sqlite*"):
        if not _is_alive(int(left.name.split("-")[1].split(".")[0])):
            left.unlink(missing_ok=True)
    return folder / f"limits-{server}.sqlite"


def remove_shared_file(server: int) -> None:
    """Remove what `shared_file` named, when the server ends."""
    try:
        path = shared_file(server)
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    except OSError as error:
        _LOGGER.debug("the counters of the rate limits stay: %s", type(error).__name__)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
