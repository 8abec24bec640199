from __future__ import annotations

from dataclasses import fields

import click
import pytest

from rag.cli.main import cli
from rag.indexer import IndexReport
from tests.docs.pages import commands, page, part

COMMANDS = dict(commands(cli, "rag"))
RUNNABLE = [path for path, command in COMMANDS.items() if not isinstance(command, click.Group)]


def heading_of(path: str) -> str:
    """The heading of a command: what one types, with its arguments."""
    arguments = [p.human_readable_name for p in COMMANDS[path].params if _is_argument(p)]
    return " ".join(["##", path, *arguments])


@pytest.mark.parametrize("path", RUNNABLE)
def test_every_option_of_a_command_is_described_under_it(path: str) -> None:
    described = part(page("commands.md"), heading_of(path))
    options = [
        name for param in COMMANDS[path].params if not _is_argument(param) for name in param.opts
    ]
    assert [name for name in options if f"`{name}" not in described] == []


def test_every_option_of_rag_itself_is_described() -> None:
    described = part(page("commands.md"), "## All commands")
    options = [name for param in cli.params for name in param.opts]
    assert options
    assert [name for name in options if f"`{name}" not in described] == []


def test_no_command_is_described_that_is_not_there() -> None:
    headings = [line for line in page("commands.md").splitlines() if line.startswith("## rag ")]
    assert sorted(heading_of(path) for path in RUNNABLE) == sorted(headings)


def test_the_commands_said_to_be_missing_are_missing() -> None:
    missing = part(page("commands.md"), "## Not built yet")
    assert [name for name in cli.commands if f"`{name}`" in missing and name != "eval"] == []


def test_every_field_of_the_index_report_is_described() -> None:
    described = part(page("commands.md"), "## rag index")
    assert [f.name for f in fields(IndexReport) if f"`{f.name}`" not in described] == []


def _is_argument(param: click.Parameter) -> bool:
    return isinstance(param, click.Argument)
