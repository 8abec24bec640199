"""Damage every file that an index is made of, start a server on it, and see what is said."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.grounds import Ground, Server, State, article, new_ground, serving, untrue
from benchmarks.http import Client
from rag.index.builds import DATABASE, live_build, set_live_build

_LANES = 2
_QUESTIONS = (
    "Can spinal stenosis be completely cured?",
    "What is sciatica?",
    "What helps against acid reflux?",
    "How is gout treated?",
    "How long does whiplash last?",
    "What causes kidney stones?",
    "Does plantar heel pain go away?",
    "What are the signs of iron deficiency?",
)
Harm = Callable[[Path], None]
Answers = list[list[str] | int]
"""For each question the statements of its answer, or the status of a refusal."""


@dataclass(frozen=True)
class _Whole:
    """An index without damage, what it answers, and files of an older generation."""

    ground: Ground
    texts: Mapping[str, set[str]]
    state: State
    answers: Answers
    older: Path


def damage_files(folder: Path, seed: int, pages: int, port: int) -> dict[str, Any]:
    """Damage to files that are derived, and to the database."""
    whole = _make_whole(folder, port)
    cases = list(_cases(whole, seed))
    with ThreadPoolExecutor(_LANES) as pool:
        derived = list(
            pool.map(lambda case: _derived(whole, case, port), enumerate(cases), chunksize=1)
        )
        flips = list(enumerate(_flips(whole, seed, pages)))
        database = list(pool.map(lambda flip: _flipped(whole, flip, port), flips))
    return {"derived files": _told(derived), "one byte of the database": _told(database)}


def _told(results: Sequence[tuple[Counter[str], list[str]]]) -> dict[str, Any]:
    found: Counter[str] = Counter()
    for counts, _ in results:
        found.update(counts)
    failures = [failure for _, failed in results for failure in failed]
    return {"cases": len(results), **dict(sorted(found.items())), "failures": failures}


def _make_whole(folder: Path, port: int) -> _Whole:
    """Two generations and an older build of another time; the database has no log beside it."""
    ground = new_ground(folder / "whole")
    ground.update()
    older = shutil.copytree(ground.index, folder / "older")
    text = f"# New\n\n{article('florb', 1)['markdown']}\n"
    (ground.corpus / "new.md").write_text(text, encoding="utf-8")
    ground.update()
    with closing(sqlite3.connect(live_build(ground.index) / DATABASE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with serving(ground, port, 1) as server:
        server.settled()
        answers = _answers(server.client, {}, [])
    state = ground.in_index()
    return _Whole(ground, {name: {text} for name, text in state.items()}, state, answers, older)


def _cases(whole: _Whole, seed: int) -> Iterator[tuple[str, str, Harm]]:
    """Every derived file of the index with everything that can happen to it."""
    index, build = whole.ground.index, live_build(whole.ground.index)
    chance = random.Random(seed)
    derived = [
        index / "CURRENT",
        *sorted(path for path in (build / "lexical").rglob("*") if path.is_file()),
        *sorted(path for path in (index / "encoders").rglob("*") if path.is_file()),
    ]
    for path in derived:
        name = path.relative_to(index).as_posix()
        yield name, "missing", Path.unlink
        if path.stat().st_size:
            half, at = path.stat().st_size // 2, chance.randrange(path.stat().st_size)
            yield name, "truncated", lambda file, half=half: _write(file, file.read_bytes()[:half])  # type: ignore[misc]
            yield name, "one byte flipped", lambda file, at=at: _flip(file, at, 1 + at % 255)  # type: ignore[misc]
        if stale := _stale(whole.older, path):
            yield name, "stale", lambda file, stale=stale: _write(file, stale)  # type: ignore[misc]
    yield "lexical", "missing", lambda folder: shutil.rmtree(folder)
    yield ".lock", "missing", Path.unlink


def _stale(older: Path, path: Path) -> bytes | None:
    """What a file of the same kind held in an older generation, where that is something else."""
    if path.name == "CURRENT":
        gone = older.parent / "gone"
        gone.mkdir(exist_ok=True)
        set_live_build(gone, gone / "builds" / "20000101T000000-00000000-0000")
        return (gone / "CURRENT").read_bytes()
    for candidate in sorted(older.rglob(f"*{path.suffix or path.name}")):
        if candidate.is_file() and "lexical" in candidate.parts and "lexical" in path.parts:
            content = candidate.read_bytes()
            if path.suffix != ".json" or candidate.name == path.name:
                return content if content != path.read_bytes() else None
    return None


def _derived(
    whole: _Whole, case: tuple[int, tuple[str, str, Harm]], port: int
) -> tuple[Counter[str], list[str]]:
    """A server on the damage, `rag index` while it runs, and the server after that."""
    number, (name, harm_name, harm) = case
    ground = _copy(whole, f"derived{number}")
    path = next(path for path in ground.index.rglob("*") if _named(path, ground.index, name))
    harm(path)
    found, wrong = Counter[str](), list[str]()
    with serving(ground, port + number, 1) as server:
        before = _look(server, whole, found, wrong)
        check = ground.run("check")
        found["rag check names it" if check.returncode else "rag check: sound"] += 1
        if before and not check.returncode:
            wrong.append("not answered as before, and rag check finds nothing")
        report = ground.update()
        found["passages encoded by rag index"] += report["embedded_passages"]
        if report["embedded_passages"]:
            wrong.append(f"{report['embedded_passages']} passages were encoded")
        if ground.run("check").returncode:
            wrong.append("rag index does not mend it")
        server.settled()
        if _answers(server.client, whole.texts, wrong) != whole.answers:
            wrong.append("not answered as before after rag index")
    shutil.rmtree(ground.folder)
    return found, [f"{name} {harm_name}: {what}" for what in wrong]


def _look(server: Server, whole: _Whole, found: Counter[str], wrong: list[str]) -> bool:
    """Whether it is answered otherwise than before, which must then be said."""
    status, body = server.settled()
    changed = _answers(server.client, whole.texts, wrong) != whole.answers
    changed = changed or _articles(server.client) != whole.state
    named = bool(body.get("damaged")) or "CURRENT" in body.get("detail", "")
    if status != 200:
        found["/readyz 503"] += 1
        if not named and "run rag index" not in body["detail"]:
            wrong.append(f"/readyz does not say what is wrong: {body}")
    elif named:
        found["/readyz 200 and names it"] += 1
    elif not changed:
        found["answered as before"] += 1
    refused = any(isinstance(answer, int) for answer in _answers(server.client, {}, []))
    if changed and status == 200 and not named and not refused:
        wrong.append("silently answered otherwise")
    return changed


def _flips(whole: _Whole, seed: int, pages: int) -> Iterator[tuple[int, int]]:
    """Random bytes in so many random pages, and what each is changed by."""
    size = (live_build(whole.ground.index) / DATABASE).stat().st_size
    chance = random.Random(seed)
    page = 4096
    for number in chance.sample(range(size // page), pages):
        yield number * page + chance.randrange(page), chance.randrange(1, 256)


def _flipped(
    whole: _Whole, flip: tuple[int, tuple[int, int]], port: int
) -> tuple[Counter[str], list[str]]:
    """One byte of the database: nothing untrue, and nothing otherwise without being told."""
    number, (position, mask) = flip
    ground = _copy(whole, f"flip{number}")
    _flip(live_build(ground.index) / DATABASE, position, mask)
    found, wrong = Counter[str](), list[str]()
    check = ground.run("check")
    if check.returncode not in (0, 1) or "Traceback" in check.stderr:
        wrong.append(f"rag check: {check.stderr[-300:]}")
    with serving(ground, port + 100 + number, 1) as server:
        changed = _look(server, whole, found, wrong)
        if "unexpected" in server.log.read_text(encoding="utf-8"):
            wrong.append("something that nobody expected is in the log")
    found["rag check names it" if check.returncode else "rag check: sound"] += 1
    found["answered otherwise or refused"] += changed
    if changed and not check.returncode:
        wrong.append("answered otherwise, and rag check finds nothing")
    shutil.rmtree(ground.folder)
    return found, [f"byte {position} ^ {mask}: {what}" for what in wrong]


def _answers(client: Client, texts: Mapping[str, set[str]], wrong: list[str]) -> Answers:
    """Statements of each answer, or its status; quotes that are not in the texts are wrong."""
    found: Answers = []
    for question in _QUESTIONS:
        answer = client.chat_status(question)
        if texts:
            wrong.extend(untrue(answer, texts))
        told = [statement["text"] for statement in answer.get("statements", ())]
        found.append(told if answer["status"] == 200 else answer["status"])
    return found


def _articles(client: Client) -> State:
    """What `/v1/articles` lists and shows; nothing where it refuses."""
    status, body = client.request("GET", "/v1/articles?limit=100")
    names = [item["article_id"] for item in body["articles"]] if status == 200 else []
    shown = {name: client.request("GET", f"/v1/articles/{name}") for name in names}
    return {name: body["text"] for name, (status, body) in shown.items() if status == 200}


def _copy(whole: _Whole, name: str) -> Ground:
    """The whole index once more; what is damaged is written anew, so that links do no harm."""
    folder = whole.ground.folder.parent / name
    shutil.copytree(whole.ground.corpus, folder / "corpus")
    shutil.copytree(whole.ground.index, folder / "index", copy_function=_link_model)
    return Ground(folder, whole.ground.variables)


def _link_model(source: str, target: str) -> str:
    if source.endswith(".onnx"):
        Path(target).hardlink_to(source)
        return target
    return str(shutil.copy2(source, target))


def _named(path: Path, index: Path, name: str) -> bool:
    return path.relative_to(index).as_posix() == name or (name == "lexical" == path.name)


def _flip(path: Path, at: int, mask: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= mask
    _write(path, bytes(content))


def _write(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)
