"""Time to the first statement of a stream against the time of the same answer as JSON, over HTTP.

    python -m benchmarks.streaming INDEX [ANSWERS]

The titles of the indexed articles are asked both ways, one after the other, and every second one
the other way round, over and over until ANSWERS (300) were given. One connection is kept, as a
browser keeps it; a time runs from the request to the last byte of the JSON body, or of the event.
"""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.http import serving
from benchmarks.quiet import wait_until_quiet, watched
from benchmarks.results import save

_PORT = 8766
# Answers both ways before anything is timed.
_WARM_UP = 20
_PATIENCE = 20.0


def main() -> None:
    """Ask both ways, compare, and write down what was seen."""
    index, wanted = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300
    with _connected(index) as connection:
        wait_until_quiet(_PATIENCE)
        titles = _titles(connection)
        _ask_all(connection, titles, _WARM_UP)
        with watched() as others:
            pairs = _ask_all(connection, titles, wanted)
    streams, wholes = ([pair[way] * 1000 for pair in pairs] for way in (0, 1))
    ratio = statistics.median(streams) / statistics.median(wholes)
    save(
        "streaming",
        {
            "answers": len(pairs),
            "first statement, ms": _summary(streams),
            "JSON answer, ms": _summary(wholes),
            "ratio of medians": round(ratio, 3),
            "median of ratios": round(statistics.median(s / w for s, w in pairs), 3),
            "share of all cores that others used": round(others.share, 2),
            "goal": "ratio ≤ 1.2",
        },
    )


@contextmanager
def _connected(index: str) -> Iterator[http.client.HTTPConnection]:
    with serving(_PORT, ["--index", str(Path(index))], {"RAG_RATE_LIMIT": "off"}) as client:
        client.wait()
        connection = http.client.HTTPConnection("127.0.0.1", _PORT, timeout=30)
        yield connection
        connection.close()


def _titles(connection: http.client.HTTPConnection) -> list[str]:
    connection.request("GET", "/v1/articles?limit=200")
    listed = json.loads(connection.getresponse().read())
    return [article["title"] for article in listed["articles"]]


def _ask_all(
    connection: http.client.HTTPConnection, titles: list[str], wanted: int
) -> list[tuple[float, float]]:
    """Seconds to the first statement and to the JSON answer, for each answer with statements."""
    pairs: list[tuple[float, float]] = []
    for number, title in enumerate(itertools.cycle(titles)):
        pair = _both_ways(connection, title, stream_first=bool(number % 2))
        if pair:
            pairs.append(pair)
        if len(pairs) >= wanted:
            return pairs
        if number > len(titles) and not pairs:
            raise SystemExit("No title was answered.")
    raise SystemExit("There is no article.")


def _both_ways(
    connection: http.client.HTTPConnection, question: str, *, stream_first: bool
) -> tuple[float, float] | None:
    if stream_first:
        first = _first_statement(connection, question)
        whole = _json_answer(connection, question)
    else:
        whole = _json_answer(connection, question)
        first = _first_statement(connection, question)
    return (first, whole) if first is not None and whole is not None else None


def _json_answer(connection: http.client.HTTPConnection, question: str) -> float | None:
    """Seconds until the whole answer is there; None where it has no statement."""
    begin = time.perf_counter()
    body: dict[str, Any] = json.loads(_asked(connection, question, stream=False).read())
    seconds = time.perf_counter() - begin
    return seconds if body["statements"] else None


def _first_statement(connection: http.client.HTTPConnection, question: str) -> float | None:
    """Seconds until the first statement is there; None where there is none."""
    begin = time.perf_counter()
    response = _asked(connection, question, stream=True)
    seconds, inside = None, False
    for line in iter(response.readline, b""):
        inside = inside or line == b"event: statement\n"
        if inside and line == b"\n":
            seconds = time.perf_counter() - begin
            break
    response.read()
    return seconds


def _asked(
    connection: http.client.HTTPConnection, question: str, *, stream: bool
) -> http.client.HTTPResponse:
    body = json.dumps({"message": question[:2_000], "stream": stream})
    connection.request("POST", "/v1/chat", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"{response.status}: {response.read()!r}")
    return response


def _summary(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[int(len(ordered) * 0.95)], 2),
    }


if __name__ == "__main__":
    main()
