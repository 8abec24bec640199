"""The folder of an index: builds beside one another, and which of them is live.

index/
  CURRENT               the live build's id and a checksum of it, replaced in one step
  builds/<id>/
    wellcited.sqlite    the truth of this build
    lexical/            derived from it
  encoders/<digest>/    the encoder's graph and tokenizer
  .lock                 held by the one process that writes
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from rag.durable import appearing, is_full, remove_unfinished, replace_text, storage_full
from rag.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMissing,
    IndexUnavailable,
    RecipeMismatch,
    WellcitedError,
)
from rag.index.schema import DATABASE_ERRORS, FORMAT_VERSION, SCHEMA, checksum, connect, verify

DATABASE = "wellcited.sqlite"
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a build was made with. Vectors and passages of two recipes never mix.

    Two names of one model (a path, say) have the same `encoder` and are the same recipe.
    """

    model: str = field(compare=False)
    encoder: str
    chunking: str
    text: str
    format: int = FORMAT_VERSION


def lexical_folder(build: Path) -> Path:
    """Where a build's lexical indexes lie."""
    return build / "lexical"


def encoders_folder(index: Path) -> Path:
    """Where an index keeps its encoders."""
    return index / "encoders"


def live_build(index: Path) -> Path:
    """The folder of the live build. Raises IndexMissing, IndexDamaged."""
    pointer = index / "CURRENT"
    try:
        words = pointer.read_text(encoding="utf-8").split()
    except FileNotFoundError:
        raise IndexMissing("There is no index yet. Run `rag index` to make it.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(
            "CURRENT of the index cannot be read. Run `rag index`.", "CURRENT"
        ) from error
    if len(words) != 2 or words[1] != _pointer_check(words[0]):
        raise IndexDamaged("CURRENT of the index is damaged. Run `rag index`.", "CURRENT")
    build = index / "builds" / words[0]
    if not (build / DATABASE).is_file():
        raise IndexDamaged(
            "The live build of the index is gone. Run `rag index` to make it again.", "the database"
        )
    return build


def set_live_build(index: Path, build: Path) -> None:
    """Make a build the live one."""
    replace_text(index / "CURRENT", f"{build.name} {_pointer_check(build.name)}\n")


def find_build(index: Path, recipe: Recipe) -> Path | None:
    """The newest build of that recipe, live or not."""
    builds = sorted((index / "builds").glob("[!.]*/" + DATABASE), reverse=True)
    for database in builds:
        try:
            if read_recipe(database.parent) == recipe:
                return database.parent
        except IndexUnavailable:
            continue
    return None


def create_build(index: Path, recipe: Recipe) -> Path:
    """A new, empty build. The caller is the only writer."""
    text = json.dumps(asdict(recipe), sort_keys=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    recipe_name = hashlib.sha256(text.encode()).hexdigest()[:8]
    # The last part tells a build from a broken one of the same second.
    build = index / "builds" / f"{stamp}-{recipe_name}-{secrets.token_hex(2)}"
    remove_unfinished(build.parent)
    with appearing(build) as folder, writing(folder) as database:
        database.executescript(SCHEMA)
        database.execute("INSERT INTO recipe VALUES (1, ?, ?)", (text, checksum(text)))
    return build


def read_recipe(build: Path) -> Recipe:
    """A build's recipe. Raises IndexDamaged."""
    with reading(build) as database:
        row = database.execute("SELECT json, checksum FROM recipe").fetchone()
    if row is None:
        raise IndexDamaged("The index has no recipe. Remove its folder and run `rag index`.")
    verify("the recipe", row[1], row[0])
    try:
        return Recipe(**json.loads(row[0]))
    except TypeError as error:
        raise RecipeMismatch(
            "The index was built by another version. Run `rag index` to make it again."
        ) from error


@contextmanager
def reading(build: Path) -> Iterator[sqlite3.Connection]:
    """A build's database, to read from. Raises IndexDamaged where SQLite cannot."""
    try:
        with closing(connect(build / DATABASE, writing=False)) as database:
            yield database
    except DATABASE_ERRORS as error:
        raise unreadable(error, build) from error


def unreadable(error: Exception, build: Path) -> WellcitedError:
    """What to raise where SQLite cannot read a build's database."""
    if is_full(error):
        return storage_full(build)
    return IndexDamaged(
        f"The index's database cannot be read ({error}). "
        "Remove the index folder and run `rag index` to make it again.",
        "the database",
    )


@contextmanager
def empty_database() -> Iterator[sqlite3.Connection]:
    """The database of a build that is not made: in memory, and gone afterwards."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.executescript(SCHEMA)
        yield database


@contextmanager
def writing(build: Path) -> Iterator[sqlite3.Connection]:
    """A build's database, to write to. Raises StorageFull, IndexUnavailable."""
    try:
        with closing(connect(build / DATABASE, writing=True)) as database:
            yield database
    except DATABASE_ERRORS as error:
        if is_full(error):
            raise storage_full(build) from error
        raise IndexUnavailable(
            f"The index's database cannot be written ({error}). Run `rag check`; where it finds "
            "damage, remove the index folder and run `rag index` to make it again."
        ) from error


@contextmanager
def writer_lock(index: Path, wait: float) -> Iterator[None]:
    """Be the only writer of an index. Raises IndexBusy after `wait` seconds, IndexUnavailable.

    Raises StorageFull where what is written under it finds the disk full.
    """
    deadline = time.monotonic() + wait
    with _lock_file(index) as handle:
        while not _locked(handle.fileno()):
            if time.monotonic() >= deadline:
                raise IndexBusy(
                    "Another `rag index` is writing to this index. "
                    "Wait until it has finished, or give --wait SECONDS."
                )
            time.sleep(_POLL_SECONDS)
        try:
            yield
        except OSError as error:
            if is_full(error):
                raise storage_full(index) from error
            raise


def _lock_file(index: Path) -> TextIO:
    try:
        index.mkdir(parents=True, exist_ok=True)
        return (index / ".lock").open("a")
    except OSError as error:
        if is_full(error):
            raise storage_full(index) from error
        raise IndexUnavailable(
            f"The index folder {index} cannot be written: {error.strerror}. "
            "Give it to the user who runs `rag index`, or name another with --index."
        ) from error


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pointer_check(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
