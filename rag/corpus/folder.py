"""Which files of a corpus folder are articles, found without following links in circles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.corpus.entries import Rejection
from rag.corpus.ids import PUBLISHED, WITHDRAWN, id_of_path
from rag.errors import CorpusError
from rag.types import Notice

ARTICLE_SUFFIXES = (".md", ".txt", ".html", ".jsonl", ".jsonl.gz")
_READ = "Read are *.md, *.txt, *.html, *.jsonl and *.jsonl.gz"
_Found = str | Rejection | Notice


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a corpus folder, as sorted posix paths relative to it."""

    published: tuple[str, ...]
    articles: tuple[str, ...]
    withdrawn: tuple[str, ...]
    problems: tuple[Rejection | Notice, ...]

    @property
    def rejections(self) -> bool:
        """Whether there is something that could not even be listed."""
        return any(isinstance(item, Rejection) for item in self.problems)


def list_folder(folder: Path) -> Listing:
    """What lies in a corpus folder. Raises CorpusError if it is missing or has no article."""
    if not folder.is_dir():
        raise CorpusError(
            f"There is no corpus folder at {folder}. Create it, or name another with --corpus "
            "or RAG_CORPUS."
        )
    listing = _sort(_walk(folder, "", (folder.resolve(),)))
    if not (listing.published or listing.articles or listing.rejections):
        raise CorpusError(
            f"The corpus folder {folder} holds no article. {_READ}; add some, or name another "
            "folder with --corpus or RAG_CORPUS."
        )
    return listing


def _sort(found: Iterator[_Found]) -> Listing:
    paths: dict[str, list[str]] = {PUBLISHED: [], WITHDRAWN: [], "": []}
    problems: list[Rejection | Notice] = []
    for item in found:
        if not isinstance(item, str):
            problems.append(item)
            continue
        group = item.split("/")[0] if item.startswith((f"{PUBLISHED}/", f"{WITHDRAWN}/")) else ""
        problem = _problem(item, group)
        if problem:
            problems.append(Notice(shown(item), problem))
        else:
            paths[group].append(item)
    return Listing(
        published=tuple(sorted(paths[PUBLISHED])),
        articles=tuple(sorted(paths[""])),
        withdrawn=tuple(sorted(paths[WITHDRAWN])),
        problems=tuple(sorted(problems, key=lambda problem: problem.path)),
    )


def _problem(path: str, group: str) -> str | None:
    """Why a file is not read, or None."""
    name = path.lower()
    if group == WITHDRAWN:
        return None if name.endswith(".json") else f"{WITHDRAWN} holds *.json only; it is ignored"
    if group == PUBLISHED:
        return None if name.endswith(".md") else f"{PUBLISHED} holds *.md only; it is ignored"
    if not name.endswith(ARTICLE_SUFFIXES):
        return f"its suffix is not that of an article, so it is ignored. {_READ}"
    return None


def _walk(folder: Path, prefix: str, above: tuple[Path, ...]) -> Iterator[_Found]:
    """The files below a folder; `above` are the real paths of the folders on the way to it."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Rejection(shown(prefix.rstrip("/") or "."), f"cannot be read: {error.strerror}")
        return
    for entry in listed:
        path = f"{prefix}{entry.name}"
        if entry.name.startswith(".") or path == "README.md":
            continue
        if entry.is_dir():
            yield from _walk_into(Path(entry.path), path, above)
        elif entry.is_file():
            yield path
        elif entry.is_symlink() and path.lower().endswith(ARTICLE_SUFFIXES):
            reason = "cannot be read: its link leads nowhere. Mend or remove the link"
            yield Rejection(shown(path), reason, None if is_rows(path) else id_of_path(path))
        else:
            yield Notice(shown(path), "it is not a regular file; it is ignored")


def _walk_into(folder: Path, path: str, above: tuple[Path, ...]) -> Iterator[_Found]:
    if folder.name.startswith("_") and path not in (PUBLISHED, WITHDRAWN):
        return
    real = folder.resolve()
    if real in above:
        yield Notice(shown(path), "it links to a folder that contains it; it is not followed")
        return
    yield from _walk(folder, f"{path}/", (*above, real))


def is_rows(path: str) -> bool:
    """Whether a file holds one article a line."""
    return path.lower().endswith((".jsonl", ".jsonl.gz"))


def shown(path: str) -> str:
    """A path as it can be printed: bytes of its name that are not UTF-8 are replaced."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def folder_signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes whenever a file below a folder does: path, size and time of each, in order."""
    found = []
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(place, name)
            try:
                told = path.stat()
            except OSError:
                continue
            found.append((path.as_posix(), told.st_size, told.st_mtime_ns))
    return tuple(found)
