"""Run `rag` as a user does, and keep its exit status and what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ARTICLES = Path(__file__).parents[1] / "data" / "articles"
RAG = (sys.executable, "-m", "rag")


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str

    def body(self) -> dict[str, Any]:
        """The one JSON object that was printed, on one line, of a command that succeeded."""
        assert (0, "") == (self.status, self.err)
        return one_object(self.out)

    def failure(self, status: int = 1) -> str:
        """What a command that failed said, which has to be one line and all there is."""
        assert (status, "") == (self.status, self.out)
        assert "Traceback" not in self.err
        lines = self.err.splitlines()
        # Wrong usage is preceded by how to use it right.
        assert [f"Error: {lines[-1].removeprefix('Error: ')}"] == lines[-1 if status == 2 else 0 :]
        return lines[-1].removeprefix("Error: ")


class Rag(Protocol):
    """The command, run in this process."""

    def __call__(self, *arguments: str) -> Done:
        """Run it with these arguments."""
        ...


def one_object(out: str) -> dict[str, Any]:
    """The JSON object that an output consists of."""
    assert out == out.strip() + "\n"
    body = json.loads(out)
    assert isinstance(body, dict)
    return body


def share_encoders(cache: Path, encoders: Path) -> Path:
    """A cache folder that has encoders made before, so that none is made twice."""
    cache.mkdir()
    (cache / "encoders").symlink_to(encoders)
    return cache


def environment(**variables: object) -> dict[str, str]:
    """This process's environment, with these variables and no other that `rag` reads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    return {**kept, **{name: str(value) for name, value in variables.items()}}


def spawn(cwd: Path, variables: Mapping[str, str], *arguments: str) -> Done:
    """Run the command in a process of its own."""
    done = subprocess.run(
        [*RAG, *arguments], cwd=cwd, env=variables, capture_output=True, text=True, timeout=120
    )
    return Done(done.returncode, done.stdout, done.stderr)
