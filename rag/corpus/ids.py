"""Article ids: which are valid, and the file names they stand for."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote

from rag.corpus.messages import describe

PUBLISHED = "_published"
"""Folder of the articles that editors published, one Markdown file an id."""

WITHDRAWN = "_withdrawn"
"""Folder of the marks that hide an article, one JSON file an id."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def is_valid_id(value: object) -> bool:
    """Whether a value may name an article."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def id_problem(value: object) -> str:
    """Why a value cannot name an article, and what to do about it."""
    return (
        f"{describe(value)} is not a valid id. Use 1 to 128 of the characters A-Z a-z 0-9 . _ - "
        "and begin with a letter or digit; a file can set its own with `id:` in its front matter."
    )


def id_of_path(path: str) -> str:
    """The id that a file has from its path under the corpus folder: no suffix, `/` as `.`."""
    return PurePosixPath(path).with_suffix("").as_posix().replace("/", ".")


def id_of_name(name: str) -> str:
    """The id that a file in `_published` or `_withdrawn` stands for."""
    return unquote(PurePosixPath(name).stem)


def published_path(folder: Path, article_id: str) -> Path:
    """Where an article is kept that an editor published."""
    return folder / PUBLISHED / f"{quote(article_id, safe='')}.md"


def withdrawn_path(folder: Path, article_id: str) -> Path:
    """Where the mark is kept that hides an article."""
    return folder / WITHDRAWN / f"{quote(article_id, safe='')}.json"
