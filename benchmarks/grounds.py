"""A corpus and an index to do harm to, real commands and servers, and what must be true after."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks.http import Client
from rag.corpus import read_sources, split_sentences, understand
from rag.index import Library
from rag.types import SourceFile

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "a token for measuring alone"
BROKEN = (OSError, HTTPException, ValueError)
"""What a client meets whose server is killed: no connection, half an answer."""
_PATIENCE = 60.0
_WEEKS = 50

State = Mapping[str, str]
"""Text by article id."""


@dataclass(frozen=True)
class Ground:
    """A folder with a corpus and an index, and the variables that every command on it gets."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def corpus(self) -> Path:
        """The folder of articles."""
        return self.folder / "corpus"

    @property
    def index(self) -> Path:
        """The folder of the index."""
        return self.folder / "index"

    def with_variables(self, **variables: str) -> Ground:
        """The same ground, for commands with other settings."""
        return replace(self, variables={**self.variables, **variables})

    def start(self, *arguments: str, log: Path | None = None) -> subprocess.Popen[str]:
        """A command in a process group of its own, as a user runs it."""
        output = log.open("a", encoding="utf-8") if log else subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-m", "rag", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "RAG_CORPUS": str(self.corpus),
                "RAG_INDEX": str(self.index),
                **self.variables,
            },
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def update(self) -> dict[str, Any]:
        """What `rag index --json` reports."""
        done = self.run("index", "--json")
        if done.returncode:
            raise SystemExit(f"rag index: {done.stderr}")
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def in_corpus(self) -> State:
        """What the corpus folder says that may be cited."""
        sources = (entry for entry in read_sources(self.corpus) if isinstance(entry, SourceFile))
        articles = (understand(source, split_sentences).article for source in sources)
        return {article.id: article.text for article in articles}

    def in_index(self) -> State:
        """What is live, read as a server reads it, every passage with it."""
        with Library(self.index, lambda _: None).reading() as reading:
            listed = reading.articles(None, 10_000).articles
            reading.passages(sorted(reading.article_ids()))
            articles = [reading.article(summary.article_id).article for summary in listed]
            return {article.id: article.text for article in articles}


@dataclass(frozen=True)
class Server:
    """A running `rag serve`; log: where it writes to."""

    process: subprocess.Popen[str]
    client: Client
    log: Path

    def kill(self) -> None:
        """End all of it at once, as a power cut would."""
        kill_group(self.process)

    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        return [int(child) for child in children.split()]

    def settled(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /readyz once nothing is being loaded any more."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with suppress(*BROKEN):
                status, body = self.client.request("GET", "/readyz")
                if status == 200 or "being loaded" not in body["detail"]:
                    return status, body
            time.sleep(0.05)
        raise SystemExit(f"The server does not come up: {self.log.read_text(encoding='utf-8')}")


@contextmanager
def serving(ground: Ground, port: int, workers: int) -> Iterator[Server]:
    """A server on a ground until left; it may be killed meanwhile."""
    log = ground.folder.parent / f"{ground.folder.name}-{port}.log"
    variables = {"RAG_EDITOR_TOKEN": TOKEN}
    process = ground.with_variables(**variables).start(
        "serve", "--port", str(port), "--workers", str(workers), log=log
    )
    try:
        yield Server(process, Client(f"http://127.0.0.1:{port}", TOKEN), log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def kill_group(process: subprocess.Popen[str]) -> None:
    """SIGKILL to a process and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def new_ground(folder: Path) -> Ground:
    """The shipped articles in a folder of their own, without an index."""
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    return Ground(folder)


def article(name: str, number: int) -> dict[str, str]:
    """An article of about 600 words that no other is like; every version has words of its own."""
    sentence = f"People with {name} syndrome rest in week {{}} of version {number}."
    sentences = [sentence.format(week) for week in range(_WEEKS)]
    parts = ["## What helps?", " ".join(sentences[:25]), "## How long?", " ".join(sentences[25:])]
    return {"title": f"{name.capitalize()} syndrome", "markdown": "\n\n".join(parts)}


def untrue(answer: Mapping[str, Any], texts: Mapping[str, set[str]]) -> list[str]:
    """What an answer quotes that no text of the article which it names has ever had."""
    wrong = []
    quotes = {}
    for citation in answer.get("citations", ()):
        quote, start, end = citation["quote"], citation["start"], citation["end"]
        had = texts.get(citation["article_id"], set())
        if not any(text[start:end] == quote for text in had):
            wrong.append(f"{citation['article_id']} never said {quote!r}")
        quotes[citation["number"]] = " ".join(quote.split())
    for statement in answer.get("statements", ()):
        if statement["text"] != " ".join(quotes[number] for number in statement["citations"]):
            wrong.append(f"{statement['text']!r} is not what it quotes")
    return wrong
