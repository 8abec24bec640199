"""Front matter: the YAML between two `---` lines at the top of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

_NAMES = (
    r"id|title|url|publisher|source|authors?|published|date|reviewed|last_update|next_review|"
    r"expires|supersedes|language|format"
)
_BLOCK = re.compile(
    r"\ufeff?---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIELD = re.compile(r"\s*[\w-]+[ \t]*:")
_KNOWN = re.compile(_NAMES)
_LINE = re.compile(rf"({_NAMES})[ \t]*:[ \t]*(.*)")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
# The fast loader where PyYAML was built with it; both have the same methods.
_BASE: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Loader(_BASE):  # type: ignore[misc] # which of two classes it is, is known when run
    """Leaves scalars as they are written: 007 and 2025-02-30 stay text; a bare null is empty."""

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        """The text of a scalar; in quotes, null is a word like others."""
        bare = not node.style and node.value in _NOTHING
        return "" if bare else str(super().construct_scalar(node))


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields at the top of a file, the text below them, and what was wrong, if anything."""

    body: str
    fields: Mapping[str, object] = field(default_factory=dict)
    warning: str | None = None


def read_front_matter(text: str) -> FrontMatter:
    """Separate front matter from the text below it; a text without any is returned whole.

    What is no valid YAML but names a known field is read line by line, with a warning.
    """
    match = _BLOCK.match(text)
    if not match:
        return FrontMatter(text)
    head, body = match.group(1), text[match.end() :]
    try:
        fields = yaml.load(head, Loader=_Loader)  # noqa: S506 - it makes str, list and dict only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _read_lines(head, body, text, error)
    if fields is None or fields == "":
        return FrontMatter(body)
    if not isinstance(fields, dict) or not _are_names(fields):
        return _read_lines(head, body, text, None)
    known = {name: value for name, value in fields.items() if _KNOWN.fullmatch(name)}
    warning = None if known else "the front matter holds no known name; it is ignored"
    return FrontMatter(body, _without_nothing(known), warning)


def is_blank(text: str) -> bool:
    """Whether a file has nothing below its front matter."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _BLOCK.match(plain)
    return not (plain[match.end() :] if match else plain).strip()


def front_matter_value(text: str, name: str) -> str | None:
    """One value of a file's front matter, found without reading its YAML where there is none."""
    match = _BLOCK.match(text.replace("\r\n", "\n").replace("\r", "\n"))
    if not match or name not in match.group(1):
        return None
    value = read_front_matter(match.group()).fields.get(name)
    return value if isinstance(value, str) else None


def _are_names(fields: Mapping[object, object]) -> bool:
    """Whether all keys look like names of fields rather than like sentences."""
    return all(isinstance(key, str) and re.fullmatch(r"[\w.-]+", key) for key in fields)


def _bare(value: str) -> str:
    """A value of a line without its quotes; nothing for a bare null."""
    return "" if value in _NOTHING else value.strip("\"'")


def _without_nothing(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value != ""}


def _read_lines(head: str, body: str, text: str, error: Exception | None) -> FrontMatter:
    found = [match.groups() for line in head.split("\n") if (match := _LINE.match(line))]
    if not found and not (error and _FIELD.match(head)):
        return FrontMatter(text)
    reason = " ".join(str(error).split())[:200] if error else "it is not a list of names"
    return FrontMatter(
        body,
        _without_nothing({name: _bare(value.strip()) for name, value in found}),
        f"the front matter is not valid YAML ({reason}); it was read line by line. "
        "Put values that hold a colon in quotes",
    )
