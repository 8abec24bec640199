"""Kill a server, or one of its workers, while an editor publishes and readers ask."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.grounds import BROKEN, Ground, Server, State, article, new_ground, serving, untrue
from benchmarks.http import Client

_NAMES = ("florba", "mindor", "zorbal")
_LONGEST = 0.6
_PATIENCE = 10.0
_FIRST = 4
_CRASHED = "unexpected"


@dataclass
class _Editor:
    """What an editor was told, and what was under way when the line went dead.

    told: the text that must be live by article id, None for a withdrawn one; maybe: what may be
    instead, of changes that nobody has confirmed: their files are taken up by the next `rag index`;
    texts: all that was ever sent; open: whether a change is under way.
    """

    client: Client
    told: dict[str, str | None]
    texts: dict[str, set[str]]
    numbers: Iterator[int]
    maybe: dict[str, set[str | None]] = field(default_factory=dict)
    open: bool = False
    done: int = 0
    refused: list[str] = field(default_factory=list)

    def change_once(self) -> None:
        """Publish an article, or withdraw one now and then."""
        number = next(self.numbers)
        name = _NAMES[number % len(_NAMES)]
        made = article(name, number)
        withdraws = number % 4 == 3 and bool(self.told.get(name))
        text = None if withdraws else made["markdown"].replace("## ", "")
        if text:
            self.texts.setdefault(name, set()).add(text)
        self.maybe.setdefault(name, set()).add(text)
        self.open = True
        method, body = ("DELETE", None) if withdraws else ("PUT", made)
        status, answer = self.client.request(method, f"/v1/articles/{name}", body)
        self.open = False
        if status in (200, 201):
            self.told[name] = text
            del self.maybe[name]
            self.done += 1
        else:
            self.refused.append(f"{status} {answer.get('detail')}")

    def may_be(self, name: str) -> set[str | None]:
        """What an article may be now."""
        return {self.told.get(name), *self.maybe.get(name, ())}

    def settle(self, state: State) -> None:
        """What is live after `rag index` is certain."""
        self.told.update({name: state.get(name) for name in self.maybe})
        self.maybe = {}


def kill_publishing(folder: Path, seed: int, kills: int, port: int) -> dict[str, Any]:
    """Half of the kills end the whole service, half one worker of two."""
    ground = new_ground(folder)
    ground.update()
    found: Counter[str] = Counter()
    failures: list[str] = []
    chance = random.Random(seed)
    numbers = itertools.count()
    told: dict[str, str | None] = {}
    texts = {name: {text} for name, text in ground.in_corpus().items()}
    for number in range(0, kills, 2):
        with serving(ground, port, 2) as server:
            server.settled()
            editor = _Editor(server.client, told, texts, numbers)
            wrong = list(_restarted(editor, found)) if number else []
            # The first changes load the encoder, which is not what is to be interrupted.
            for _ in range(_FIRST):
                editor.change_once()
            for whole in (False, True):
                moment = _LONGEST * chance.random()
                wrong += _kill_once(server, editor, (whole, moment), found)
        wrong += _after_all(ground, editor, found)
        found["crashes in the log"] += server.log.read_text(encoding="utf-8").count(_CRASHED)
        failures += [f"kill {number + 1}: {what}" for what in wrong]
    if found["crashes in the log"]:
        failures.append("something that nobody expected is in the log")
    return {**dict(sorted(found.items())), "failures": failures}


def _kill_once(
    server: Server, editor: _Editor, kill: tuple[bool, float], found: Counter[str]
) -> list[str]:
    """Kill all or one worker at a moment; what is wrong while others go on."""
    whole, moment = kill
    wrong: list[str] = []
    with _editing(editor), _asking(server.client, editor.texts, found, wrong):
        time.sleep(0.1 + moment)
        if whole:
            server.kill()
        else:
            os.kill(random.Random(moment).choice(server.workers()), signal.SIGKILL)
            time.sleep(0.5)
    found["kills of all" if whole else "kills of one worker"] += 1
    found["changes under way"] += editor.open
    found["changes acknowledged"] += editor.done
    editor.done = 0
    wrong += editor.refused
    if not whole:
        wrong += _goes_on(server, editor, found)
    return wrong


@contextmanager
def _editing(editor: _Editor) -> Iterator[None]:
    """Changes one after the other, until one of them is not answered or the block is left."""
    ended = threading.Event()

    def edit() -> None:
        while not ended.is_set():
            try:
                editor.change_once()
            except BROKEN:
                return

    with _thread(edit, ended):
        yield


@contextmanager
def _asking(
    client: Client, texts: dict[str, set[str]], found: Counter[str], wrong: list[str]
) -> Iterator[None]:
    """Questions one after the other; what is answered must be true."""
    ended = threading.Event()

    def ask() -> None:
        for name in itertools.cycle(_NAMES):
            if ended.is_set():
                return
            try:
                answer = client.chat_status(f"What helps with {name} syndrome?")
            except BROKEN:
                found["questions that met a dead process"] += 1
                time.sleep(0.02)
                continue
            found["questions answered or abstained"] += answer["status"] == 200
            if answer["status"] != 200:
                wrong.append(f"a question: {answer['status']} {answer['detail']}")
            wrong.extend(untrue(answer, texts))

    with _thread(ask, ended):
        yield


@contextmanager
def _thread(target: Any, ended: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=target)
    thread.start()
    with ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(ended.set)
        yield


def _goes_on(server: Server, editor: _Editor, found: Counter[str]) -> Iterator[str]:
    """Within seconds a question is answered, and an editor sees what was acknowledged."""
    started = time.monotonic()
    while True:
        try:
            status, _ = server.client.request("GET", "/readyz")
            answer = server.client.chat_status("Can spinal stenosis be completely cured?")
            if (status, answer.get("outcome")) == (200, "answered"):
                break
        except BROKEN:
            pass
        if time.monotonic() - started > _PATIENCE:
            yield "the service does not go on"
            return
        time.sleep(0.02)
    found["went on"] += 1
    yield from _shown(server.client, editor)


def _restarted(editor: _Editor, found: Counter[str]) -> Iterator[str]:
    found["restarts"] += 1
    yield from _shown(editor.client, editor)


def _shown(client: Client, editor: _Editor) -> Iterator[str]:
    """What a reader gets of each article against what was acknowledged."""
    for name in editor.told:
        status, body = client.request("GET", f"/v1/articles/{name}")
        # An editor is shown what has been withdrawn, too.
        shown = body["text"] if status == 200 and body["status"] == "live" else None
        if shown not in editor.may_be(name):
            yield f"{name}: {status}, not what was acknowledged"


def _after_all(ground: Ground, editor: _Editor, found: Counter[str]) -> Iterator[str]:
    """The index is one of two states, and after `rag index` what the corpus folder says."""
    check = ground.run("check")
    if check.returncode and "`rag index`" not in check.stdout:
        yield f"rag check: {check.stdout}{check.stderr}"
    found["rag check: run rag index" if check.returncode else "rag check: sound"] += 1
    yield from _lost(ground.in_index(), editor, "before rag index")
    report = ground.update()
    state = ground.in_index()
    found["unconfirmed files taken up"] += report["added"] + report["updated"]
    if state != ground.in_corpus():
        yield "the corpus folder and the index differ"
    yield from _lost(state, editor, "after rag index")
    if ground.run("check").returncode:
        yield "rag check finds something after rag index"
    editor.settle(state)
    found["unfinished files left"] = len(list(ground.corpus.rglob(".making-*")))


def _lost(state: State, editor: _Editor, when: str) -> Iterator[str]:
    for name in editor.told.keys() | editor.maybe.keys():
        if state.get(name) not in editor.may_be(name):
            yield f"{name} {when} is not what was acknowledged"
