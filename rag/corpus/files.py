"""Read a corpus folder: one entry an article, a rejection or a warning, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Set
from pathlib import Path, PurePosixPath

from rag.corpus.digest import digest_of
from rag.corpus.entries import Entry, Format, Rejection, Withdrawal
from rag.corpus.folder import Listing, is_rows, list_folder, shown
from rag.corpus.frontmatter import front_matter_value, is_blank
from rag.corpus.ids import id_of_name, id_of_path, id_problem, is_valid_id, published_path
from rag.corpus.rows import read_rows
from rag.errors import CorpusError
from rag.types import SourceFile

_FORMATS = {".md": Format.MARKDOWN, ".html": Format.HTML}


def read_sources(folder: Path) -> Iterator[Entry]:
    """Every article of a corpus folder, with rejections and warnings, as a stream.

    What editors published comes first, then all else by path. An id is yielded at most once, and
    not at all if it is withdrawn; a published article hides files and rows of the same id.
    Raises CorpusError if the folder is missing or holds nothing to read.
    """
    return _read_listed(folder, list_folder(folder))


def read_published(article_id: str, content: bytes) -> SourceFile:
    """What the corpus folder holds of an article once an editor has published this file for it."""
    path, text = published_path(Path(), article_id).as_posix(), content.decode()
    format_ = _format(path, front_matter_value(text, "format"))
    digest = digest_of(content, article_id, format_)
    return SourceFile(path, article_id, format_, text, digest, fronted=True)


def _read_listed(folder: Path, listing: Listing) -> Iterator[Entry]:
    hidden = {id_of_name(Path(path).name) for path in listing.withdrawn}
    seen: dict[str, str] = {}
    yield from listing.problems
    yield from (Withdrawal(article_id) for article_id in sorted(hidden))
    nothing = not (listing.withdrawn or listing.published or listing.rejections)
    for path in listing.published:
        article_id = id_of_name(Path(path).name)
        yield from _accept(iter([_read_file(folder, path, article_id)]), hidden, seen)
    hidden = hidden | {id_of_name(Path(path).name) for path in listing.published}
    for path in listing.articles:
        for entry in _accept(_read_any(folder, path), hidden, seen):
            nothing = False
            yield entry
    if nothing:
        raise CorpusError(
            f"The files in the corpus folder {folder} hold no article. Add some, or name another "
            "folder with --corpus or RAG_CORPUS."
        )


def _accept(entries: Iterator[Entry], hidden: Set[str], seen: dict[str, str]) -> Iterator[Entry]:
    """Entries whose id is neither hidden nor taken; `seen` learns which path took which id."""
    for entry in entries:
        article_id = _id_of(entry)
        if article_id is None or isinstance(entry, Withdrawal):
            yield entry
        elif isinstance(entry, Rejection):
            # What cannot be read takes an id from nobody.
            yield entry
        elif article_id not in hidden:
            first = seen.setdefault(article_id.lower(), entry.path)
            yield entry if first == entry.path else _duplicate(entry.path, article_id, first)


def _id_of(entry: Entry) -> str | None:
    if isinstance(entry, SourceFile):
        return entry.id
    return entry.article_id if isinstance(entry, Rejection) else None


def _duplicate(path: str, article_id: str, first: str) -> Rejection:
    reason = (
        f"the id {article_id!r} is already that of {first} (ids that differ only in case count as "
        "the same). Give one of them another id, or remove it"
    )
    return Rejection(path, reason, article_id)


def _read_any(folder: Path, path: str) -> Iterator[Entry]:
    if not is_rows(path):
        yield _read_file(folder, path)
        return
    for entry in read_rows(folder / path, shown(path)):
        if isinstance(entry, SourceFile) and not is_valid_id(entry.id):
            # Named, so that the other rows of the file are not taken for what it might have been.
            yield Rejection(entry.path, id_problem(entry.id), entry.id)
        else:
            yield entry


def _read_file(folder: Path, path: str, named: str | None = None) -> Entry:
    """A file with one article; `named` is the id its name stands for, which then counts alone."""
    fallback = named or id_of_path(path)
    try:
        content = (folder / path).read_bytes()
    except OSError as error:
        return Rejection(shown(path), f"cannot be read: {error.strerror}", fallback)
    text = content.decode("utf-8", "replace")
    article_id = named or front_matter_value(text, "id") or fallback
    if not is_valid_id(article_id):
        return Rejection(shown(path), id_problem(article_id))
    try:
        body = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start}: {error.reason}). Save it as UTF-8"
        return Rejection(shown(path), reason, article_id)
    if is_blank(body):
        # Known before its id is taken, which another file may have too.
        return Rejection(shown(path), "is empty; write its text, or remove it", article_id)
    format_ = _format(path, front_matter_value(text, "format"))
    digest = digest_of(content, article_id, format_)
    return SourceFile(shown(path), article_id, format_, body, digest, fronted=True)


def _format(path: str, named: str | None) -> Format:
    """The format that front matter names, else that of the suffix."""
    if named in tuple(Format):
        return Format(named)
    return _FORMATS.get(PurePosixPath(path.lower()).suffix, Format.TEXT)
