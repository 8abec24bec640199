"""Fill a small file system up to its last bytes, and publish, withdraw and index on it."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.grounds import Ground, Server, article, new_ground, serving, untrue
from benchmarks.http import Client

# Bytes left, so that the corpus file, the word index and SQLite's log in turn find no space.
_LEFT = (0, 4, 16, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
_UNIT = 1024
_SIZE = "120m"
_FULL = 507
_EMERGENCY = "I have crushing chest pain and cannot breathe"
_QUESTION = "Can spinal stenosis be completely cured?"
_KNOWN = "known"


def fill_disks(folder: Path, port: int) -> dict[str, Any]:
    """Every kind of small file system that this machine lets us mount."""
    found = {}
    for number, kind in enumerate(("tmpfs", "ext4")):
        place = folder / kind
        place.mkdir(parents=True)
        if not _mounted(kind, place):
            continue
        try:
            found[kind] = _fill(new_ground(place / "ground"), place, port + number)
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)
    if not found:
        raise SystemExit("No small file system can be mounted: run this as root.")
    return found


def _mounted(kind: str, place: Path) -> bool:
    """Mount a file system of _SIZE: in memory, or in a file by a loop device."""
    if kind == "tmpfs":
        commands = [["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)]]
    else:
        image = str(place.with_suffix(".image"))
        commands = [
            ["truncate", "-s", _SIZE, image],
            ["mkfs.ext4", "-q", "-m", "0", image],
            ["mount", "-o", "loop", image, str(place)],
        ]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _fill(ground: Ground, place: Path, port: int) -> dict[str, Any]:
    ground.update()
    found: Counter[str] = Counter()
    failures: list[str] = []
    with serving(ground, port, 2) as server:
        server.settled()
        server.client.put(_KNOWN, article(_KNOWN, 0))
        for number, left in enumerate(_LEFT, start=1):
            level = _Level(ground, server.client, number, place / "filler")
            wrong = level.fill(left * _UNIT, found)
            failures += [f"{left} kB left: {what}" for what in wrong]
        failures += _crashes(server)
    return {"levels, kB left": list(_LEFT), **dict(sorted(found.items())), "failures": failures}


def _crashes(server: Server) -> list[str]:
    count = server.log.read_text(encoding="utf-8").count("unexpected")
    return [f"{count} times something that nobody expected is in the log"] if count else []


def _fill_up(filler: Path, left: int) -> None:
    """Write to a file until so many bytes are left, or no more can be written."""
    with suppress(OSError), filler.open("wb", buffering=0) as stream:
        while (free := shutil.disk_usage(filler.parent).free) > left:
            stream.write(bytes(min(64 * _UNIT, max(_UNIT, (free - left) // 2))))


class _Level:
    """One filling: everything is tried while little is left, and again once there is space."""

    def __init__(self, ground: Ground, client: Client, number: int, filler: Path) -> None:
        self._ground = ground
        self._client = client
        self._filler = filler
        self._new = f"new{number}"
        # Of a few articles, so that some have been published and withdrawn before.
        self._withdrawn = ("gout", "sciatica", "whiplash")[number % 3]
        self._changes: dict[str, tuple[str, str, Any]] = {
            "PUT of a new article": ("PUT", self._new, article(self._new, number)),
            "PUT of a newer version": ("PUT", _KNOWN, article(_KNOWN, number)),
            "DELETE": ("DELETE", self._withdrawn, None),
        }
        (ground.corpus / "waiting.md").write_text(
            f"# Waiting\n\n{article('waiting', number)['markdown']}\n", encoding="utf-8"
        )

    def fill(self, left: int, found: Counter[str]) -> list[str]:
        """Everything that goes wrong with so many bytes left, and afterwards."""
        wrong: list[str] = []
        self._client.put(self._withdrawn, article(self._withdrawn, 0))
        _fill_up(self._filler, left)
        with self._asking(found, wrong):
            before = self._ground.in_corpus(), self._live()
            refused = [name for name in self._changes if not self._made(name, found, wrong)]
            if len(refused) == len(self._changes) and before != (
                self._ground.in_corpus(),
                self._live(),
            ):
                wrong.append("what was refused has changed something")
            wrong += self._indexed(found)
        self._filler.unlink()
        for name in refused:
            method, article_id, body = self._changes[name]
            status, answer = self._client.request(method, f"/v1/articles/{article_id}", body)
            found["the same with space"] += 1
            if status not in (200, 201):
                wrong.append(f"{name} with space: {status} {answer}")
        wrong += self._sound()
        return wrong

    def _made(self, name: str, found: Counter[str], wrong: list[str]) -> bool:
        method, article_id, body = self._changes[name]
        status, answer = self._client.request(method, f"/v1/articles/{article_id}", body)
        done = status in (200, 201)
        found[f"{name}: {'done' if done else status}"] += 1
        if not done and (status != _FULL or "free space" not in answer["detail"]):
            wrong.append(f"{name}: {status} {answer}")
        return done

    def _indexed(self, found: Counter[str]) -> Iterator[str]:
        done = self._ground.run("index")
        found[f"rag index: {'fails' if done.returncode else 'done'}"] += 1
        lines = done.stderr.strip().splitlines()
        if done.returncode and (done.returncode, len(lines)) != (1, 1):
            yield f"rag index: {done.returncode} {done.stderr}"
        elif done.returncode and "no space left" not in lines[0]:
            yield f"rag index: {lines[0]}"

    def _sound(self) -> Iterator[str]:
        self._ground.update()
        check = self._ground.run("check")
        if check.returncode:
            yield f"rag check: {check.stdout}"
        if self._ground.in_corpus() != self._ground.in_index():
            yield "the corpus folder and the index differ"

    def _live(self) -> list[tuple[str, str]]:
        listed = self._client.get("/v1/articles?limit=100")["articles"]
        return [(item["article_id"], item["version"]) for item in listed]

    @contextmanager
    def _asking(self, found: Counter[str], wrong: list[str]) -> Iterator[None]:
        """Readers ask all the while; what they are shown must be true, and cards must come."""
        ended = threading.Event()
        texts = {name: {text} for name, text in self._ground.in_corpus().items()}

        def ask() -> None:
            for question in itertools.cycle((_QUESTION, _EMERGENCY)):
                if ended.is_set():
                    return
                answer = self._client.chat_status(question)
                expected = "answered" if question == _QUESTION else "emergency"
                found[f"questions {answer.get('outcome')} meanwhile"] += 1
                if answer.get("outcome") != expected:
                    wrong.append(f"{question}: {answer}")
                wrong.extend(untrue(answer, texts))

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
