"""Publish, correct and withdraw while the service answers, with two workers.

    python -m benchmarks.live FOLDER

FOLDER/corpus and FOLDER/index are what `benchmarks.indexing` leaves there; copies are changed, not
they. Measured are the time from a PUT until every answer shows the new version, the same in an
index of a hundred articles, withdrawals under load, and publishing under load.
"""

from __future__ import annotations

import functools
import gzip
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.http import Client, serving
from benchmarks.results import DATA, save
from rag.evaluation import load_dataset
from rag.indexer import IndexOptions
from rag.settings import Settings
from rag.wiring import build_indexer

_PORT = 8766
_TOKEN = "a token for measuring alone"
_VARIABLES = {
    "RAG_EDITOR_TOKEN": _TOKEN,
    "RAG_RATE_LIMIT": "off",
    "RAG_RATE_LIMIT_GLOBAL": "off",
}
_PUBLICATIONS = 20
_PROBES = 24
_LOADED = 4
_WORDS = 600


def main() -> None:
    """Measure all of it, and write it down."""
    source = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as made:
        large, small = Path(made) / "large", Path(made) / "small"
        shutil.copytree(source / "corpus", large / "corpus")
        shutil.copytree(source / "index", large / "index")
        _make_small(source, small)
        with _client(small) as client:
            in_small = _publications(client)
        with _client(large) as client:
            in_large = _publications(client)
            capacity = _capacity(client)
            loaded = _publish_under_load(client, capacity / 2)
            withdrawn = _withdraw_under_load(client)
    save(
        "live",
        {
            "workers": 2,
            "request to visible on every worker, seconds": {
                "5,486 articles": in_large,
                "100 articles": in_small,
                "ratio of medians": round(in_large["median"] / in_small["median"], 2),
            },
            "capacity, questions per second": round(capacity, 1),
            "20 publications at half of it": loaded,
            "50 withdrawals under load": withdrawn,
            "goals": "p95 ≤ 1.5 s, ratio ≤ 1.5; 0 non-2xx, 0 mixed; 0 of 500 cite one",
        },
    )


def _make_small(source: Path, small: Path) -> None:
    """An index of the first hundred articles."""
    (small / "corpus").mkdir(parents=True)
    with gzip.open(source / "corpus" / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [next(lines) for _ in range(100)]
    (small / "corpus" / "corpus.jsonl").write_text("".join(rows), encoding="utf-8")
    settings = Settings(corpus=small / "corpus", index=small / "index")
    build_indexer(settings).update(IndexOptions(), lambda *_: None)


@contextmanager
def _client(folder: Path) -> Iterator[Client]:
    options = ["--index", str(folder / "index"), "--corpus", str(folder / "corpus")]
    with serving(_PORT, [*options, "--workers", "2"], _VARIABLES) as client:
        client.token = _TOKEN
        client.wait()
        yield client


def _article(name: str, number: int) -> dict[str, str]:
    """An article of about 600 words that no other is like; every version has words of its own."""
    sentence = f"People with {name} syndrome rest in week {{}} of version {number}."
    sentences = [sentence.format(week) for week in range(_WORDS // 11)]
    parts = ["## What helps?", " ".join(sentences[:25]), "## How long?", " ".join(sentences[25:])]
    return {"title": f"{name.capitalize()} syndrome", "markdown": "\n\n".join(parts)}


def _publications(client: Client) -> dict[str, float]:
    """Seconds from the PUT until each of several questions in a row is answered with it."""
    seconds = []
    for number in range(_PUBLICATIONS + 1):
        name = f"florb{'abcdefghijklmnopqrstuvwxyz'[number]}"
        started = time.perf_counter()
        version = client.put(name, _article(name, number))["version"]
        _until(functools.partial(_shown, client, name, version))
        if number:
            seconds.append(time.perf_counter() - started)
    ordered = sorted(seconds)
    return {
        "median": round(statistics.median(ordered), 3),
        "p95": round(ordered[int(len(ordered) * 0.95)], 3),
    }


def _shown(client: Client, name: str, version: str) -> bool:
    """Whether every worker finds the version: of so many at once, each answers some."""

    def finds(_: int) -> bool:
        hits = client.post("/v1/search", {"query": f"What is {name} syndrome?", "k": 50})["hits"]
        return any(hit["article_version"] == version for hit in hits)

    with ThreadPoolExecutor(_LOADED) as pool:
        return all(pool.map(finds, range(_PROBES)))


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("A publication did not become visible.")


def _questions() -> list[str]:
    return list(load_dataset(DATA / "medquad").queries.values())


def _capacity(client: Client) -> float:
    """Questions a second that two workers answer to so few clients that none is refused."""
    answered = []
    ends = time.monotonic() + 8

    def ask(offset: int) -> None:
        questions = _questions()[offset:]
        while time.monotonic() < ends:
            for question in questions:
                client.chat(question)
                answered.append(time.monotonic())
                if time.monotonic() >= ends:
                    return

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(_LOADED)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(answered) / (time.monotonic() - started)


@contextmanager
def _load(client: Client, rate: float, questions: list[str]) -> Iterator[list[dict[str, Any]]]:
    """Ask at a rate until left; yields the answers as they come."""
    answers: list[dict[str, Any]] = []
    stopped = threading.Event()

    def ask(number: int) -> None:
        pause = _LOADED / rate
        turn = number
        while not stopped.wait(pause):
            answers.append(client.chat_status(questions[turn % len(questions)]))
            turn += _LOADED

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(_LOADED)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def _publish_under_load(client: Client, rate: float) -> dict[str, Any]:
    """Twenty corrections of two articles in a minute; each answer must be of one generation."""
    live: dict[str, list[tuple[int, str]]] = {"zorbal": [], "mindor": []}
    questions = [*_questions(), *(f"What helps with {name} syndrome?" for name in live)] * 2
    statuses = []
    with _load(client, rate, questions) as answers:
        for number in range(20):
            name = list(live)[number % 2]
            edit = client.put(name, _article(name, number))
            live[name].append((edit["generation"], edit["version"]))
            statuses.append(edit["status"])
            time.sleep(60 / 20)
    mixed = sum(_is_mixed(answer, live) for answer in answers)
    bad = sum(answer["status"] != 200 for answer in answers)
    return {
        "questions": len(answers),
        "questions not 2xx": bad,
        "publications not 2xx": sum(status not in (200, 201) for status in statuses),
        "answers that mix generations": mixed,
    }


def _is_mixed(answer: dict[str, Any], live: dict[str, list[tuple[int, str]]]) -> bool:
    """Whether a citation is of a version that was not live in the answer's generation."""
    for citation in answer.get("citations", ()):
        history = live.get(citation["article_id"])
        if history is None:
            continue
        then = [version for generation, version in history if generation <= answer["generation"]]
        if not then or then[-1] != citation["article_version"]:
            return True
    return False


def _withdraw_under_load(client: Client) -> dict[str, int]:
    """Fifty articles withdrawn, each asked for ten times after its withdrawal was answered."""
    articles = client.get("/v1/articles?limit=50")["articles"]
    citing = asked = 0
    with _load(client, 10, _questions()) as answers:
        for article in articles:
            gone = article["article_id"]
            client.delete(gone)
            found = [client.chat_status(f"What is {article['title']}?") for _ in range(10)]
            asked += len(found)
            citing += sum(
                any(citation["article_id"] == gone for citation in answer.get("citations", ()))
                for answer in found
            )
    bad = sum(answer["status"] != 200 for answer in answers)
    return {"questions about them": asked, "that cite one": citing, "others not 2xx": bad}


if __name__ == "__main__":
    main()
