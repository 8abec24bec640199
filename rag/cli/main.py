"""The command `rag`: its subcommands, and what every one of them does with errors."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from rag import __version__
from rag.cli.ask import ask
from rag.cli.context import Context
from rag.cli.evaluate import evaluate
from rag.cli.index import index
from rag.cli.search import search
from rag.cli.serve import serve
from rag.cli.show import show
from rag.cli.state import check, doctor, status
from rag.errors import WellcitedError
from rag.settings import SETTINGS
from rag.text import collapse

_SETTINGS_HELP = "\n".join(
    f"  RAG_{name.upper():<18} {text}" for name, (_, text) in SETTINGS.items()
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"\b\nSettings (environment, or wellcited.toml without RAG_ in lower case):\n"
    f"{_SETTINGS_HELP}",
)
@click.option(
    "--config", type=click.Path(path_type=Path), help="Settings file (default: wellcited.toml)."
)
@click.version_option(__version__, prog_name="wellcited")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Answer health questions with quotes from your own articles.

    Start with `rag index`, then `rag ask "…"` or `rag serve`.
    """
    context.obj = Context(config)


for _command in (index, ask, search, show, serve, status, check, doctor, evaluate):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command: exit status 0 done, 1 what was asked failed, 2 wrong usage."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows few characters gets the others as escapes, not a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        # Not `cli.main`, which reports a closed pipe as a failure.
        given = list(sys.argv[1:] if arguments is None else arguments)
        with cli.make_context("rag", given) as context:
            cli.invoke(context)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted.")
    except WellcitedError as error:
        _fail(collapse(str(error)))
    except BrokenPipeError:
        # The reader of our output, `head` say, has seen enough; nothing is left to be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}. Check that path and its rights.")


def _fail(reason: str) -> NoReturn:
    click.echo(f"Error: {reason}", err=True)
    sys.exit(1)
