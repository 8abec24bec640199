"""Table, goals and chart of the comparison, made from results/compare.json."""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks.chart import Bar, Column, draw
from benchmarks.report import README
from benchmarks.results import FOLDER

_BEGIN, _END = "<!-- compare -->", "<!-- end of compare -->"
_OURS = "wellcited"
NAMES = {
    _OURS: "**Wellcited**",
    "sentence_transformers": "sentence-transformers `encode`, exact search",
    "txtai": "txtai, hybrid",
    "haystack": "Haystack, dense + BM25, reciprocal rank fusion",
    "llama_index": "LlamaIndex with FAISS, dense",
}
_SHORT = {
    _OURS: "Wellcited",
    "sentence_transformers": "sentence-transformers",
    "txtai": "txtai",
    "haystack": "Haystack",
    "llama_index": "LlamaIndex",
}
FASTER, SOONER = 2.0, 0.5
"""Goals: questions per second at least, and start at most, times that of the best other."""

_SHOWN = {
    "nDCG@10": "{:.3f}",
    "questions/s": "{:.0f}",
    "start, s": "{:.1f}",
    "resident MB": "{:.0f}",
    "documents/s": "{:.0f}",
}
"""Charts of a set, from left to right, and how a figure is written."""

Of = dict[str, Any]


def write_report() -> str:
    """Write the chart, put table and goals into README.md; returns them."""
    result = _result()
    (FOLDER / "compare.svg").write_text(_chart(result), encoding="utf-8")
    made = report()
    text = README.read_text(encoding="utf-8")
    between = re.compile(f"{_BEGIN}.*{_END}", re.DOTALL)
    whole = f"{_BEGIN}\n\n{made}\n\n{_END}"
    README.write_text(between.sub(lambda _: whole, text), encoding="utf-8")
    return made


def report() -> str:
    """What stands between the marks, in Markdown."""
    result = _result()
    versions = {
        f"{package} {version}"
        for of_set in result["sets"].values()
        for system, measured in of_set.items()
        if system != _OURS
        for package, version in measured["packages"].items()
    }
    left = [f"Left out: {why}." for why in result["left out"].values()]
    return "\n".join(
        [
            *_table(result),
            "",
            "| goal | set | measured | reached |",
            "|---|---|---|---|",
            *(f"| {what} | {name} | {value} | {_yes(ok)} |" for what, name, value, ok in _goals()),
            "",
            f"Commit {result['commit'][:10]}, {result['date'][:10]}, {result['machine']['cores']} "
            f"cores, medians of {_rounds(result)} rounds; {_others(result)}",
            f"Versions: {', '.join(sorted(versions))}.",
            *left,
        ]
    )


def missed() -> list[str]:
    """The goals that are not reached."""
    return [f"{what} on {name} ({value})" for what, name, value, reached in _goals() if not reached]


def _result() -> Of:
    loaded: Of = json.loads((FOLDER / "compare.json").read_text(encoding="utf-8"))
    return loaded


def _table(result: Of) -> list[str]:
    rows = [
        f"| {name} | {NAMES[system]} | {_interval(m['nDCG@10'])} | {m['documents per second']:.0f} "
        f"| {m['question median ms']:.1f}, {m['question p95 ms']:.1f} | {m['resident MB']:,} "
        f"| {m['start to first answer s']:.1f} |"
        for name, of_set in result["sets"].items()
        for system, m in of_set.items()
    ]
    head = (
        "| set | system | nDCG@10 (95 % interval) | documents/s | a question, ms: median, p95 "
        "| resident MB | start to first answer, s |"
    )
    return [head, "|---|---|---|---|---|---|---|", *rows]


def _goals() -> list[tuple[str, str, str, bool]]:
    """What, on which set, what was measured, and whether it is enough."""
    found = []
    for name, of_set in _result()["sets"].items():
        ours = of_set[_OURS]
        others = [m for system, m in of_set.items() if system != _OURS]
        if not others:
            continue
        fastest = min(m["question median ms"] for m in others) / ours["question median ms"]
        start = ours["start to first answer s"] / min(m["start to first answer s"] for m in others)
        best = max(m["nDCG@10"][0] for m in others)
        quality = ours["nDCG@10"][0]
        found += [
            (
                f"questions per second ≥ {FASTER:g} × the fastest other",
                name,
                f"{fastest:.1f} ×",
                fastest >= FASTER,
            ),
            (
                f"start to first answer ≤ {SOONER:g} × the soonest other",
                name,
                f"{start:.2f} ×",
                start <= SOONER,
            ),
            (
                "nDCG@10 not below the best other",
                name,
                f"{quality:.3f} against {best:.3f}",
                quality >= best,
            ),
        ]
    return found


def _rounds(result: Of) -> int:
    """Rounds that every system has gone through on every set."""
    return min(len(m["by round"]) for of_set in result["sets"].values() for m in of_set.values())


def _others(result: Of) -> str:
    shares = [
        share
        for of_set in result["sets"].values()
        for measured in of_set.values()
        for round_ in measured["by round"]
        for share in round_["used by others"]
    ]
    return (
        f"other work on the machine used {min(shares):.0%} to {max(shares):.0%} of its cores "
        "during a measurement."
    )


def _chart(result: Of) -> str:
    columns = []
    for name, of_set in result["sets"].items():
        for title, shown in _SHOWN.items():
            bars = tuple(
                Bar(_SHORT[system], value, shown.format(value), system == _OURS)
                for system, value in ((system, _figure(m, title)) for system, m in of_set.items())
            )
            columns.append(Column(name, title, bars))
    return draw(columns)


def _figure(measured: Of, title: str) -> float:
    figures: dict[str, float] = {
        "nDCG@10": measured["nDCG@10"][0],
        "questions/s": 1_000 / measured["question median ms"],
        "start, s": measured["start to first answer s"],
        "resident MB": measured["resident MB"],
        "documents/s": measured["documents per second"],
    }
    return figures[title]


def _interval(values: list[float]) -> str:
    mean, low, high = values
    return f"{mean:.3f} ({low:.3f} to {high:.3f})"


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"
