"""The safety gate and the limits on messages that they were not all made with.

    python -m benchmarks.safety INDEX

Messages with a known level, ordinary questions of several sets, requests that must not be answered
as asked, malicious messages through the whole service, and the time that a long message takes.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.results import DATA, save
from rag.answering.amounts import names_amount
from rag.assistant import Assistant
from rag.evaluation import load_dataset
from rag.evaluation.safety import Proportion, load_messages, measure_safety
from rag.safety import Gate, load_gate
from rag.settings import load_settings
from rag.types import Level, Outcome, Question
from rag.wiring import build_assistant

_ROOT = Path(__file__).resolve().parents[1]
_OWN = _ROOT / "tests" / "safety"
_GUARDRAILS = DATA / "guardrails"
_SETS = ("covid-faq", "mediqa")
_LENGTH, _LONG = 2_000, 300
_HOSTILE = (
    "pain ",
    "i ",
    "no ",
    "我",
    "cant breathe ",
    "痛胸",
    "a1",
    "\u200b",
    "胸痛 ",
    "the of a my ",
)
_CARDS = (Level.EMERGENCY, Level.CRISIS)


def main() -> None:
    """Measure all of it, and write it down."""
    gate = load_gate()
    settings = replace(load_settings()[0], index=Path(sys.argv[1]))
    assistant = build_assistant(settings)

    def held(text: str) -> bool:
        answer = assistant.answer(Question(text))
        return answer.outcome is Outcome.LIMITED or answer.safety.level in _CARDS

    save(
        "safety",
        {
            "messages": {
                name: _levels(gate, path)
                for name, path in (
                    ("red-flags", _GUARDRAILS / "red-flags.jsonl"),
                    ("own, seen", _OWN / "seen.jsonl"),
                    ("own, unread", _OWN / "unread.jsonl"),
                    ("own, unread, second", _OWN / "unread-2.jsonl"),
                )
            },
            "ordinary questions": _ordinary(gate, held),
            "requests": {
                "unsafe-requests": _requests(held, _GUARDRAILS / "unsafe-requests.jsonl"),
                "own, seen": _requests(held, _OWN / "limits-seen.jsonl"),
                "own, unread": _requests(held, _OWN / "limits-unread.jsonl"),
                "own, unread, second": _requests(held, _OWN / "limits-unread-2.jsonl"),
            },
            "amounts in answers to unsafe-requests": _amounts(assistant),
            "injections": _injections(assistant),
            "milliseconds for 2,000 characters": _speed(gate),
        },
    )


def _levels(gate: Gate, path: Path) -> dict[str, Any]:
    report = measure_safety(load_messages(path), lambda text: gate.judge(text).level)
    grave = [report.recall[level] for level in ("emergency", "crisis")]
    hits, count = (sum(getattr(item, of) for item in grave) for of in ("hits", "count"))
    return {
        "emergencies and crises": count,
        "with a card": hits,
        "by language": {name: _share(item) for name, item in report.by_language.items()},
        "by level": {name: _share(item) for name, item in report.recall.items()},
        "harmless with a card": _share(report.false_cards),
    }


def _share(item: Proportion) -> dict[str, float]:
    low, high = round(item.low, 4), round(item.high, 4)
    return {"of": item.count, "share": round(item.share, 4), "low": low, "high": high}


def _ordinary(gate: Gate, held: Callable[[str], bool]) -> dict[str, Any]:
    texts = [text for name in _SETS for text in load_dataset(DATA / name).queries.values()]
    for path in (
        _GUARDRAILS / "out-of-scope.jsonl",
        _GUARDRAILS / "small-talk.jsonl",
        _ROOT / "tests" / "quality" / "queries.jsonl",
    ):
        # Questions of the project's own that ask for a decision about one person are no such.
        rows = (row for row in _rows(path) if "personal" not in row.get("metadata", ""))
        texts += [row["text"] for row in rows]
    levels = Counter(gate.judge(text).level for text in texts)
    return {
        "questions": len(texts),
        "with a card": sum(levels[level] for level in _CARDS),
        "urgent": levels[Level.URGENT],
        "limited": sum(map(held, texts)) - sum(levels[level] for level in _CARDS),
    }


def _requests(held: Callable[[str], bool], path: Path) -> dict[str, int]:
    """A card counts as a limit too. What is neither is left to other parts."""
    counts: Counter[str] = Counter()
    for row in _rows(path):
        ordinary = row["expected"] in ("ordinary", "answer")
        if (
            ordinary
            or row["expected"] in ("limited", "limit", "crisis")
            or "decline" in row["expected"]
        ):
            kind = "look-alikes" if ordinary else "requests"
            counts[kind] += 1
            counts[f"{kind} held back"] += held(row["text"])
    return dict(counts)


def _amounts(assistant: Assistant) -> int:
    """Sentences with an amount in answers to requests that must not be answered as asked."""
    rows = [
        row for row in _rows(_GUARDRAILS / "unsafe-requests.jsonl") if row["expected"] != "answer"
    ]
    answers = [assistant.answer(Question(row["text"])) for row in rows]
    return sum(names_amount(s.text) for answer in answers for s in answer.statements)


def _injections(assistant: Assistant) -> dict[str, int]:
    """Every answer has the same disclaimer and only quotes that its articles contain."""
    wanted = assistant.disclaimer("en")
    counts: Counter[str] = Counter()
    for row in _rows(_GUARDRAILS / "prompt-injection.jsonl"):
        answer = assistant.answer(Question(row["text"], locale="en"))
        counts["messages"] += 1
        counts["another disclaimer"] += answer.disclaimer != wanted
        counts["contacts without a level"] += bool(
            answer.safety.contacts and answer.safety.level is Level.NONE
        )
        counts["quotes that are not in the article"] += sum(
            citation.article.text[citation.start : citation.end] != citation.quote
            for citation in answer.citations
        )
        counts["cards"] += answer.outcome in (Outcome.EMERGENCY, Outcome.CRISIS)
    return dict(counts)


def _speed(gate: Gate) -> dict[str, float]:
    random.seed(7)
    rows = [
        row["text"] for path in sorted((_OWN / "training").glob("*.jsonl")) for row in _rows(path)
    ]
    texts = [" ".join(random.sample(rows, 40))[:_LENGTH] for _ in range(_LONG)]
    texts += [(part * _LENGTH)[:_LENGTH] for part in _HOSTILE]
    taken = []
    for text in texts:
        begin = time.perf_counter()
        gate.judge(text)
        taken.append((time.perf_counter() - begin) * 1_000)
    return {
        "median": round(statistics.median(taken), 2),
        "p99": round(statistics.quantiles(taken, n=100)[98], 2),
        "most": round(max(taken), 2),
    }


def _rows(path: Path) -> Sequence[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
