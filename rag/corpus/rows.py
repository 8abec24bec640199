"""Articles that are rows of a JSONL file, read as a stream."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from rag.corpus.digest import digest_of
from rag.corpus.entries import Entry, Format, Rejection
from rag.corpus.messages import describe
from rag.types import Notice, SourceFile

_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
# Enough of a broken row to say which article it would have been.
_ID_IN_TEXT = re.compile(r'"_id"\s*:\s*"([A-Za-z0-9._-]{1,128})"')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _BadRow(Exception):
    """A row that is not an article; the message says why."""


def read_rows(path: Path, name: str) -> Iterator[Entry]:
    """The articles of a `.jsonl` or `.jsonl.gz` file, called `name` in messages, in order.

    Ids are taken as they are. A row that is not an article is rejected by its line; a file that
    ends early is rejected after its last whole row.
    """
    line_number = 0
    try:
        with _open(path) as lines:
            for line_number, line in enumerate(lines, start=1):
                if line_number == 1:
                    line = line.removeprefix(_BYTE_ORDER_MARK)
                if line.strip():
                    yield from _read_row(f"{name}:{line_number}", line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        kept = f"rows up to line {line_number} are kept" if line_number else "no row was read"
        yield Rejection(name, f"is damaged or cut short ({error}): {kept}. Copy the file again")
    except OSError as error:
        yield Rejection(name, f"cannot be read: {error.strerror or error}")


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rb")
    return path.open("rb")


def _read_row(place: str, line: bytes) -> Iterator[Entry]:
    try:
        row = _parse(line)
        article_id, text = _required(row)
    except _BadRow as error:
        found = _ID_IN_TEXT.search(line.decode("utf-8", "replace"))
        yield Rejection(place, str(error), found.group(1) if found else None)
        return
    metadata = row.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        yield Notice(place, f"metadata is not an object but {describe(metadata)}; it is ignored")
        metadata = {}
    title = row.get("title") or None
    if title is not None and not isinstance(title, str):
        yield Notice(place, f"title is not text but {describe(title)}; it is ignored")
        title = None
    format_ = _format(metadata, text)
    yield SourceFile(
        path=place,
        id=article_id,
        format=format_,
        body=text,
        digest=digest_of(line.strip(), article_id, format_),
        title=title,
        metadata=metadata,
    )


def _parse(line: bytes) -> dict[str, object]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _BadRow(f"is not UTF-8 ({error.reason}). Save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _BadRow(f"is not JSON ({error}). Write one JSON object a line") from error
    if not isinstance(row, dict):
        raise _BadRow(f"is not a JSON object but {describe(row)}")
    return row


def _required(row: Mapping[str, object]) -> tuple[str, str]:
    article_id, text = row.get("_id"), row.get("text")
    if not isinstance(article_id, str):
        raise _BadRow(_wanted(row, "_id"))
    if not isinstance(text, str):
        raise _BadRow(_wanted(row, "text"))
    return article_id, text


def _wanted(row: Mapping[str, object], name: str) -> str:
    if name not in row:
        return f"has no `{name}`"
    return f"`{name}` is not text but {describe(row[name])}; put it in quotes"


def _format(metadata: Mapping[str, object], text: str) -> Format:
    named = metadata.get("format")
    if isinstance(named, str) and named in tuple(Format):
        return Format(named)
    return format_of(text)


def format_of(text: str) -> Format:
    """The format that a text of unknown format is read in: Markdown where a line is a heading."""
    return Format.MARKDOWN if _HEADING.search(text) else Format.TEXT
