"""Kill `rag index` at random moments, and look at what is left."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.grounds import Ground, State, article, kill_group, new_ground
from rag.embedding import find_model
from rag.errors import IndexMissing
from rag.index.builds import DATABASE, live_build

Found = Counter[str]
_QUESTION = "Can spinal stenosis be completely cured?"
_ASKED_ABOUT = "spinal-stenosis"


def kill_updates(folder: Path, seed: int, kills: int) -> dict[str, Any]:
    """Several articles added, changed and removed in each run that is killed."""
    ground = new_ground(folder)
    ground.update()
    files = sorted(path.name for path in ground.corpus.glob("*.md") if path.stem != _ASKED_ABOUT)
    _change(ground.corpus, files, 0)
    started = time.monotonic()
    ground.update()
    whole = time.monotonic() - started
    found: Found = Counter()
    failures: list[str] = []
    for number, moment in enumerate(_moments(seed, kills, whole), start=1):
        old = ground.in_corpus()
        _change(ground.corpus, files, number)
        failures += _kill_once(ground, moment, (old, ground.in_corpus()), found)
    return _told("articles added, changed, removed", whole, found, failures)


def kill_first_runs(folder: Path, seed: int, kills: int) -> dict[str, Any]:
    """No index before the run that is killed."""
    ground = new_ground(folder)
    started = time.monotonic()
    ground.update()
    whole = time.monotonic() - started
    state = ground.in_corpus()
    found: Found = Counter()
    failures: list[str] = []
    for moment in _moments(seed, kills, whole):
        shutil.rmtree(ground.index)
        failures += _kill_once(ground, moment, ({}, state), found)
    return _told("first run, no index", whole, found, failures)


def kill_new_recipes(folder: Path, seed: int, kills: int) -> dict[str, Any]:
    """An index of another model before, which is live until the new build is whole."""
    ground = new_ground(folder)
    ground.update()
    shutil.copytree(ground.index, folder / "before", copy_function=_link)
    other = ground.with_variables(RAG_MODEL=str(_other_model(folder / "model")))
    # Its encoder is made once, which takes longer than all that is to be interrupted.
    other.update()
    _restore(ground, folder / "before")
    started = time.monotonic()
    other.update()
    whole = time.monotonic() - started
    state = ground.in_corpus()
    found: Found = Counter()
    failures: list[str] = []
    for moment in _moments(seed, kills, whole):
        _restore(ground, folder / "before")
        failures += _kill_once(other, moment, (state, state), found)
    return _told("another model", whole, found, failures)


def _kill_once(
    ground: Ground, moment: float, states: tuple[State, State], found: Found
) -> list[str]:
    """Kill one run; what is wrong after it, and after the run that mends."""
    process = ground.start("index")
    time.sleep(moment)
    found["ended before"] += process.poll() is not None
    kill_group(process)
    found["kills"] += 1
    wrong = [*_after_kill(ground, states, found), *_after_next(ground, states[1], found)]
    return [f"killed after {moment:.2f} s: {what}" for what in wrong]


def _after_kill(ground: Ground, states: tuple[State, State], found: Found) -> Iterator[str]:
    check = ground.run("check")
    if check.returncode and "`rag index`" not in check.stdout:
        yield f"rag check: {check.stdout}{check.stderr}"
    found["rag check: run rag index" if check.returncode else "rag check: sound"] += 1
    try:
        live_build(ground.index)
    except IndexMissing:
        found["no index yet"] += 1
        if states[0]:
            yield "the index is gone"
        return
    state = ground.in_index()
    found["the new state" if state == states[1] else "the old state"] += 1
    if state not in states or not state:
        yield "the index is neither in the old state nor in the new one"
    yield from _asked(ground, state, found)


def _asked(ground: Ground, state: State, found: Found) -> Iterator[str]:
    """Ask as a reader does; until a new build is whole, only with the settings of the old one."""
    done = ground.run("ask", "--json", _QUESTION)
    if done.returncode and "RAG_MODEL" in ground.variables:
        settings = {k: v for k, v in ground.variables.items() if k != "RAG_MODEL"}
        done = Ground(ground.folder, settings).run("ask", "--json", _QUESTION)
    if done.returncode:
        yield f"rag ask: {done.stderr}"
        return
    answer = json.loads(done.stdout)
    found["questions answered"] += answer["outcome"] == "answered"
    for citation in answer["citations"]:
        quoted = state[citation["article_id"]][citation["start"] : citation["end"]]
        if quoted != citation["quote"]:
            yield f"{citation['quote']!r} is not in the live state"
    if answer["outcome"] != "answered":
        yield "a question is not answered"


def _after_next(ground: Ground, new: State, found: Found) -> Iterator[str]:
    before = _encoded(ground.index)
    report = ground.update()
    after = _encoded(ground.index)
    found["passages encoded before the kill and kept"] += before
    found["passages encoded twice"] += report["embedded_passages"] - (after - before)
    if report["embedded_passages"] != after - before:
        yield "something was encoded twice"
    if ground.in_index() != new:
        yield "the next rag index does not arrive at the new state"
    again = ground.update()
    if (again["generation"], again["embedded_passages"]) != (report["generation"], 0):
        yield "the second rag index changes something"
    check = ground.run("check")
    if check.returncode:
        yield f"rag check after all: {check.stdout}"
    left = [path.name for path in ground.index.rglob(".making-*")]
    found["unfinished folders left"] += len(left)


def _encoded(index: Path) -> int:
    """Passages with a vector in the newest build."""
    databases = sorted((index / "builds").glob(f"[!.]*/{DATABASE}"))
    if not databases:
        return 0
    with closing(sqlite3.connect(databases[-1])) as database:
        return int(database.execute("SELECT count(*) FROM sentence_vectors").fetchone()[0])


def _moments(seed: int, kills: int, whole: float) -> list[float]:
    """Random moments: half of them over all the time that a run takes, half at its end.

    Most of a run is starting and encoding, and it publishes in the last third.
    """
    chance = random.Random(seed)
    spread = [(part + chance.random()) / kills for part in range(kills)]
    moments = [whole * (part if at % 2 else (2 + part) / 3) for at, part in enumerate(spread)]
    chance.shuffle(moments)
    return moments


def _change(corpus: Path, files: Sequence[str], number: int) -> None:
    """Change three articles, remove two, add two; those of the time before are as they were."""
    chance = random.Random(number)
    shipped = Path(__file__).resolve().parents[1] / "corpus"
    for path in corpus.glob("new-*.md"):
        path.unlink()
    for name in files:
        shutil.copyfile(shipped / name, corpus / name)
    chosen = chance.sample(list(files), 5)
    for name in chosen[:3]:
        with (corpus / name).open("a", encoding="utf-8") as stream:
            stream.write(f"\n\nThis is what was found in the year {2_000 + number}.\n")
    for name in chosen[3:]:
        (corpus / name).unlink()
    for letter in "ab":
        made = article(f"florb{letter}", number)
        text = f"# {made['title']}\n\n{made['markdown']}\n"
        (corpus / f"new-{letter}{number}.md").write_text(text, encoding="utf-8")


def _other_model(folder: Path) -> Path:
    """The default model with a shorter window: other passages, another recipe."""
    shutil.copytree(find_model("all-MiniLM-L6-v2").path, folder)
    path = folder / "sentence_bert_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "max_seq_length": 128}), encoding="utf-8")
    return folder


def _restore(ground: Ground, before: Path) -> None:
    shutil.rmtree(ground.index)
    shutil.copytree(before, ground.index, copy_function=_link)


def _link(source: str, target: str) -> str:
    """Copy what changes; link the encoder, which does not."""
    if source.endswith(".onnx"):
        Path(target).hardlink_to(source)
        return target
    return str(shutil.copy2(source, target))


def _told(what: str, whole: float, found: Found, failures: list[str]) -> dict[str, Any]:
    return {
        "what": what,
        "seconds of a run": round(whole, 2),
        **dict(sorted(found.items())),
        "failures": failures,
    }
