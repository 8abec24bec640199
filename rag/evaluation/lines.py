"""Lines and JSON rows of evaluation files, plain or gzipped, each with its number."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from rag.errors import DatasetError


def find_file(folder: Path, name: str) -> Path | None:
    """`name` or else `name.gz` in a folder; None where neither is there."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line that is not blank, without its line end.

    Raises DatasetError for a file that cannot be read, naming the line where it can.
    """
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, start=1):
                line = _decode(raw, path, number)
                if line.strip():
                    yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"{path} cannot be read: {error}. Check that it is there and complete."
        ) from error


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Line number and object of each row of a JSON-lines file, `.gz` too.

    Raises DatasetError for a file that cannot be read or a line that is not a JSON object.
    """
    for number, line in read_lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(
                f"{path}:{number} is not JSON: {error}. Write one JSON object per line."
            ) from error
        if not isinstance(row, dict):
            raise DatasetError(
                f"{path}:{number} holds {type(row).__name__}, not an object. "
                "Write one JSON object per line."
            )
        yield number, row


def text_field(row: dict[str, object], name: str, place: str) -> str:
    """A text of a row; absent and null mean the empty text. Raises DatasetError otherwise."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DatasetError(f"{place}: {name!r} is {value!r}, which is not text. Write a string.")
    return value


def id_field(row: dict[str, object], place: str) -> str:
    """The `_id` of a row just as it is; a whole number counts as its digits.

    Raises DatasetError where there is none.
    """
    value = row.get("_id")
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise DatasetError(f"{place}: '_id' is {value!r}, which is not an id. Write a string.")


def _open(path: Path) -> io.BufferedIOBase:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _decode(raw: bytes, path: Path, number: int) -> str:
    # Only at the very start of a file are these three bytes a mark rather than text.
    encoding = "utf-8-sig" if number == 1 else "utf-8"
    try:
        return raw.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}:{number} is not UTF-8: {error}. Save it as UTF-8.") from error
