"""The pages of the documentation, and what of the code they have to name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from rag.settings import SETTINGS

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    sorted(
        [
            ROOT / "README.md",
            ROOT / "CHANGELOG.md",
            ROOT / "benchmarks" / "README.md",
            *(ROOT / "docs").rglob("*.md"),
        ]
    )
)

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def page(name: str) -> str:
    """A page of `docs/` by its name."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its code blocks."""
    return _FENCED.sub("", text)


def code_blocks(text: str, language: str) -> list[str]:
    """The contents of a page's code blocks of a language."""
    return [code for name, code in _FENCED.findall(text) if name == language]


def part(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of the same or a higher level.

    Raises ValueError where there is no such heading.
    """
    lines = text.splitlines()
    if heading not in lines:
        raise ValueError(f"There is no heading {heading!r}.")
    start = lines.index(heading) + 1
    level = len(heading) - len(heading.lstrip("#"))
    ends = (
        number
        for number, line in enumerate(lines[start:], start)
        if re.match(rf"#{{1,{level}}} ", line)
    )
    return "\n".join(lines[start : next(ends, len(lines))])


def settings_table() -> str:
    """The table of docs/settings.md, made from the settings themselves."""
    rows = [
        f"| `RAG_{name.upper()}` | `{name}` | {_shown(default)} | {text} |"
        for name, (default, text) in SETTINGS.items()
    ]
    return "\n".join(
        ["| variable | in the file | default | what it is |", "|---|---|---|---|", *rows]
    )


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a click command, by what one types."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, f"{path} {name}")


def _shown(default: Any) -> str:
    return "none" if default is None or default == () else f"`{default}`"
