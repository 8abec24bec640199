"""What the subcommands share: settings, options and output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rag.protocols import Progress as ProgressCallback
from rag.settings import Settings, load_settings
from rag.text import collapse, visible

F = TypeVar("F", bound=Callable[..., Any])


class _PipeConsole(Console):
    """A console that leaves it to the command what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        """Called by rich while the error is handled."""
        raise


errors = _PipeConsole(stderr=True, highlight=False)
# Titles and passages are shown as they are: "[sic]" is no markup and ":pill:" no picture.
output = _PipeConsole(highlight=False, markup=False, emoji=False)


@dataclass(frozen=True, slots=True)
class Context:
    """The settings file that was named on the command line, if any."""

    config: Path | None

    def settings(self, **flags: Any) -> Settings:
        """The settings, with flags above environment above file; warnings go to stderr."""
        settings, warnings = load_settings(self.config, **flags)
        for warning in warnings:
            click.echo(f"Warning: {warning}", err=True)
        return settings


def index_option(command: F) -> F:
    """The option `--index`."""
    return click.option(
        "--index", type=click.Path(path_type=Path), help="Folder of the index (RAG_INDEX)."
    )(command)


def corpus_option(command: F) -> F:
    """The option `--corpus`."""
    return click.option(
        "--corpus", type=click.Path(path_type=Path), help="Folder of the articles (RAG_CORPUS)."
    )(command)


def json_option(command: F) -> F:
    """The option `--json`, as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


def check_askable(text: str, settings: Settings) -> None:
    """Refuse what /v1/chat and /v1/search refuse too. Raises UsageError."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.UsageError("What is asked is not UTF-8 text. Check the encoding.") from None
    if not collapse(visible(text)):
        raise click.UsageError('Nothing is asked. Ask as in: rag ask "What is sciatica?"')
    if len(text) > settings.max_message:
        raise click.UsageError(
            f"What is asked has {len(text)} characters, more than {settings.max_message}. "
            "Shorten it."
        )


def print_json(value: Any) -> None:
    """One JSON object on stdout, readable in a terminal."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


@contextmanager
def progress_bar() -> Iterator[ProgressCallback]:
    """A progress bar on stderr for long work; nothing where stderr is no terminal."""
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total or None)

        yield report
