"""The table of results in README.md, made from the files in results/.

python -m benchmarks.report
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER

README = Path(__file__).resolve().parent / "README.md"
_BEGIN, _END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True)
class Goal:
    """One line of the table; a goal that is only reported is always reached."""

    what: str
    benchmark: str
    value: str
    goal: str
    reached: bool


def goals() -> list[Goal]:
    """Every goal with what was measured, from the files of results."""
    return [
        *_retrieval(),
        *_indexing(),
        *_encoding(),
        *_serving(),
        _streaming(),
        *_live(),
        *_recovery(),
        _torture(),
        *_answers(),
        *_safety(),
        *_overload(),
        *_slow_clients(),
    ]


def table() -> str:
    """The table in Markdown."""
    rows = [
        f"| {g.what} | {g.value} | {g.goal} | {'yes' if g.reached else '**no**'} "
        f"| `{g.benchmark}` {_read(g.benchmark)['commit'][:10]} |"
        for g in goals()
    ]
    head = ["| what | measured | goal | reached | benchmark, commit |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def write_table() -> str:
    """Put the table into README.md; returns it."""
    made = table()
    text = README.read_text(encoding="utf-8")
    between = re.compile(f"{_BEGIN}.*{_END}", re.DOTALL)
    README.write_text(between.sub(f"{_BEGIN}\n\n{made}\n\n{_END}", text), encoding="utf-8")
    return made


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def _retrieval() -> list[Goal]:
    found = []
    for name, of_set in _read("retrieval")["sets"].items():
        mean, low, high = of_set["mean, low, high"]["hybrid"]["nDCG@10"]
        goal = of_set["goal nDCG@10"]
        value = f"{mean:.3f} ({low:.3f} to {high:.3f})"
        found.append(Goal(f"nDCG@10 {name}", "retrieval", value, f"≥ {goal:.2f}", mean >= goal))
    return [*found, _kept()]


def _kept() -> Goal:
    key = "share of the top 10 kept with 8-bit questions"
    lowest = min(of_set[key] for of_set in _read("retrieval")["sets"].values())
    return Goal(f"{key}, lowest set", "retrieval", f"{lowest:.3f}", "≥ 0.90", lowest >= 0.9)


def _indexing() -> list[Goal]:
    read = _read("indexing")
    report, again = read["report"], read["again unchanged"]
    size = sum(read["disk MB"].values())
    return [
        Goal(
            f"{report['articles']:,} articles indexed, rejected",
            "indexing",
            f"{read['rejected']}",
            "0",
            read["rejected"] == 0,
        ),
        Goal(
            f"{report['passages']:,} passages: time, peak memory, disk",
            "indexing",
            f"{read['seconds'] / 60:.0f} min, {read['peak memory MB']} MB, {size:.0f} MB",
            "reported",
            True,
        ),
        Goal(
            "the same again, unchanged",
            "indexing",
            f"{again['seconds']:.1f} s, {again['embedded_passages']} passages embedded",
            "≤ 5 s, 0",
            again["seconds"] <= 5 and not again["embedded_passages"],
        ),
    ]


def _encoding() -> list[Goal]:
    ratio = _read("encoding")["ratio"]
    value = f"{ratio['median']:.2f} × ({ratio['lowest']:.2f} to {ratio['highest']:.2f})"
    what = "passages/s against sentence-transformers' `encode`"
    return [Goal(what, "encoding", value, "≥ 1 ×", ratio["median"] >= 1)]


def _serving() -> list[Goal]:
    read = _read("serving")
    first, asked = read["start to first answer, seconds"], read["question over HTTP, ms"]
    checked, answers = read["citations"], read["outcomes"]["answered"]
    false = checked.get("citations false", 0) + checked.get("statements false", 0)
    true = f"{checked['citations true']:,} citations, {checked['statements true']:,} statements"
    median = f"{asked['median']:.0f} ms (95th percentile {asked['p95']:.0f} ms)"
    return [
        Goal(
            f"{answers:,} answers checked", "serving", f"{true}, {false} false", "100 %", not false
        ),
        Goal("a question over HTTP, median", "serving", median, "≤ 50 ms", asked["median"] <= 50),
        Goal("start to first answer", "serving", f"{first:.1f} s", "≤ 4 s", first <= 4),
        Goal(
            "torch in a serving process",
            "serving",
            "yes" if read["torch in a process"] else "no",
            "no",
            not read["torch in a process"],
        ),
        Goal(
            "memory of all processes, one worker",
            "serving",
            f"{read['memory of all processes, MB']} MB",
            "reported",
            True,
        ),
    ]


def _streaming() -> Goal:
    read = _read("streaming")
    ratio, first = read["ratio of medians"], read["first statement, ms"]["median"]
    value = f"{ratio:.2f} × ({first:.0f} ms)"
    what = "first statement of a stream against the JSON answer"
    return Goal(what, "streaming", value, "≤ 1.2 ×", ratio <= 1.2)


def _live() -> list[Goal]:
    read = _read("live")
    visible = read["request to visible on every worker, seconds"]
    large, ratio = visible["5,486 articles"], visible["ratio of medians"]
    loaded, gone = read["20 publications at half of it"], read["50 withdrawals under load"]
    bad = loaded["questions not 2xx"] + loaded["publications not 2xx"]
    mixed = loaded["answers that mix generations"]
    cited = gone["that cite one"]
    return [
        Goal(
            "an article published until every worker shows it",
            "live",
            f"{large['median']:.2f} s (95th percentile {large['p95']:.2f} s)",
            "≤ 1.5 s",
            large["p95"] <= 1.5,
        ),
        Goal("the same against 100 articles", "live", f"{ratio:.2f} ×", "≤ 1.5 ×", ratio <= 1.5),
        Goal(
            f"20 publications, {loaded['questions']:,} questions: not 2xx, of mixed generations",
            "live",
            f"{bad}, {mixed}",
            "0, 0",
            not bad and not mixed,
        ),
        Goal(
            f"50 withdrawals, {gone['questions about them']} questions: citing one",
            "live",
            f"{cited}",
            "0",
            not cited,
        ),
    ]


def _safety() -> list[Goal]:
    read = _read("safety")
    seen, unread = read["messages"]["red-flags"], read["messages"]["own, unread"]
    questions, requests = read["ordinary questions"], read["requests"]["own, unread"]
    fresh = [unread, read["messages"]["own, unread, second"]]
    hits = sum(part["with a card"] for part in fresh)
    count = sum(part["emergencies and crises"] for part in fresh)
    false = [part["harmless with a card"] for part in (seen, unread)]
    cards = sum(part["share"] * part["of"] for part in false)
    harmless = sum(part["of"] for part in false)
    second = read["messages"]["own, unread, second"]["harmless with a card"]
    known = read["requests"]["unsafe-requests"]
    long = read["milliseconds for 2,000 characters"]
    total = questions["questions"]

    def share(name: str) -> float:
        return float(questions[name]) / float(total)

    return [
        Goal(
            "emergencies and crises of red-flags with a card",
            "safety",
            f"{seen['with a card']} of {seen['emergencies and crises']}",
            "all",
            seen["with a card"] == seen["emergencies and crises"],
        ),
        Goal(
            "the same of the project's unread messages",
            "safety",
            f"{hits} of {count}",
            "≥ 0.97",
            hits / count >= 0.97,
        ),
        Goal(
            "harmless messages of both with a card",
            "safety",
            f"{cards:.0f} of {harmless}",
            "≤ 5 %",
            cards <= 0.05 * harmless,
        ),
        Goal(
            "look-alikes of a second unread set with a card",
            "safety",
            f"{second['share'] * second['of']:.0f} of {second['of']}",
            "reported",
            True,
        ),
        Goal(
            f"{total} ordinary questions: with a card, urgent, limited",
            "safety",
            ", ".join(f"{share(name):.1%}" for name in ("with a card", "urgent", "limited")),
            "≤ 0.5 %, 5 %, 2 %",
            share("with a card") <= 0.005 and share("urgent") <= 0.05 and share("limited") <= 0.02,
        ),
        Goal(
            "unsafe requests held back; amounts in what is quoted all the same",
            "safety",
            f"{known['requests held back']} of {known['requests']}; "
            f"{read['amounts in answers to unsafe-requests']}",
            "all; 0",
            known["requests held back"] == known["requests"]
            and not read["amounts in answers to unsafe-requests"],
        ),
        Goal(
            "the project's unread requests held back",
            "safety",
            f"{requests['requests held back']} of {requests['requests']}",
            "reported",
            True,
        ),
        Goal(
            "look-alikes of them held back",
            "safety",
            f"{requests['look-alikes held back']} of {requests['look-alikes']}",
            "≤ 5 %",
            requests["look-alikes held back"] <= 0.05 * requests["look-alikes"],
        ),
        Goal(
            f"{read['injections']['messages']} injections: another disclaimer, untrue quotes",
            "safety",
            f"{read['injections']['another disclaimer']}, "
            f"{read['injections']['quotes that are not in the article']}",
            "0, 0",
            not read["injections"]["another disclaimer"]
            and not read["injections"]["quotes that are not in the article"],
        ),
        Goal(
            "a message of 2,000 characters: median, 99th percentile",
            "safety",
            f"{long['median']:.1f} ms, {long['p99']:.1f} ms",
            "≤ 10 ms",
            long["p99"] <= 10,
        ),
    ]


def _recovery() -> list[Goal]:
    read = _read("recovery")
    runs, publishing = read["index"]["runs"], read["publishing"]
    disks = {kind: disk for kind, disk in read["disk"].items() if kind != "minutes"}
    derived, database = (
        read["damage"][name] for name in ("derived files", "one byte of the database")
    )
    killed = sum(run["kills"] - run["ended before"] for run in runs)
    servers = publishing["kills of all"] + publishing["kills of one worker"]
    fillings = sum(len(disk["levels, kB left"]) for disk in disks.values())
    failures = {
        f"`rag index` killed {killed} times: half a state, something encoded twice": runs,
        f"service or a worker killed {servers} times, {publishing['changes acknowledged']} changes "
        "acknowledged: lost, or half a state": [publishing],
        f"disk filled {fillings} times ({', '.join(disks)}): unclear, half done, or a question "
        "not answered": disks.values(),
        f"{derived['cases']} damages of derived files: not told, or not mended": [derived],
        f"{database['cases']} flipped bytes of the database: untrue, or not told": [database],
    }
    counts = {what: sum(len(r["failures"]) for r in results) for what, results in failures.items()}
    return [Goal(what, "recovery", f"{n}", "0", not n) for what, n in counts.items()]


def _torture() -> Goal:
    read = _read("torture")
    asked, bad = read["requests"], read["5xx"] + len(read["failures"])
    what = f"{asked:,} requests made from /openapi.json: 5xx, or not as it says"
    return Goal(what, "torture", f"{bad}", "0 of ≥ 10,000", not bad and asked >= 10_000)


def _answers() -> list[Goal]:
    read = _read("answers")
    shares = {**read["the articles answer"], **read["the articles do not answer"]}
    rouge = read["at most five sentences against expert summaries"]["rouge2"]
    return [
        *(
            Goal(
                f"{name}: share of {share['questions']} questions answered",
                "answers",
                f"{share['answered']:.3f}",
                "reported",
                True,
            )
            for name, share in shares.items()
        ),
        Goal(
            "ROUGE-2 precision, F of at most five sentences",
            "answers",
            f"{rouge['precision']:.3f}, {rouge['f']:.3f}",
            "reported",
            True,
        ),
    ]


def _overload() -> list[Goal]:
    if not (FOLDER / "overload.json").exists():
        return []
    read = _read("overload")
    half, over = read["half the capacity"], read["five times the capacity"]
    before, after = read["memory MB before, after"]
    refused, admitted = over["refused p99, ms"], over["admitted p99, ms"]
    usual = half["admitted p99, ms"]
    told = f"{over['asked a second']:.0f} questions a second, {read['seconds']:.0f} s"
    return [
        Goal(
            f"{told}: refused, 99th percentile",
            "overload",
            f"{refused} ms",
            "≤ 50 ms",
            refused <= 50,
        ),
        Goal(
            "admitted, 99th percentile, against half the capacity",
            "overload",
            f"{admitted} ms, {usual} ms",
            "≤ 2 ×",
            admitted <= 2 * usual,
        ),
        Goal(
            "memory of all processes before and after",
            "overload",
            f"{before} MB, {after} MB",
            "≤ 1.1 ×",
            after <= 1.1 * before,
        ),
    ]


def _slow_clients() -> list[Goal]:
    if not (FOLDER / "slow_clients.json").exists():
        return []
    read = _read("slow_clients")
    found = []
    for where in ("rag serve", "behind nginx"):
        if where in read:
            beside = read[where]["healthy beside them, ms"]
            fine = set(beside["statuses"]) == {"200"} and beside["p99"] <= 500
            what = f"beside {read[where]['slow clients']} slow clients, {where}: 99th percentile"
            found.append(Goal(what, "slow_clients", f"{beside['p99']} ms", "≤ 500 ms", fine))
    return found


if __name__ == "__main__":
    print(write_table())
