"""Wellcited beside other retrieval systems: same model, same texts, same machine, one run.

    python -m benchmarks.compare [--rounds N] [--patience SECONDS] [--report]

Each system indexes whole documents and answers all queries one by one, with its own documented
defaults (benchmarks/peers/). Each runs in an environment of its own below the cache folder, made
by this command; one that cannot be installed or run is named and left out. Systems take turns
within a round; figures are medians over the rounds. Before each measurement the command waits up
to SECONDS for others to leave the processor alone, and it notes what they used meanwhile.
--report makes table and chart from the last result. Exits with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.compare_report import missed, write_report
from benchmarks.environments import NotInstalled, interpreter, this_interpreter
from benchmarks.quiet import wait_until_quiet, watched
from benchmarks.results import DATA, save
from rag.embedding import find_model, prepare_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.evaluation import Dataset, load_dataset, measure, select_queries
from rag.index.builds import encoders_folder
from rag.settings import load_settings

SETS = ("covid-faq", "mediqa")
OURS = "wellcited"
PEERS: dict[str, tuple[str, ...]] = {
    "sentence_transformers": ("sentence-transformers",),
    "txtai": ("txtai",),
    "haystack": ("haystack-ai", "sentence-transformers-haystack"),
    "llama_index": (
        "llama-index-core",
        "llama-index-embeddings-huggingface",
        "llama-index-vector-stores-faiss",
        "faiss-cpu",
    ),
}
"""Module in benchmarks/peers/ → what its environment holds beside torch."""


Samples = dict[str, dict[str, list[dict[str, Any]]]]
"""Set → system → one sample a round."""


class Failed(Exception):
    """A system did not do what it was asked."""


@dataclass(frozen=True)
class Bench:
    """Where everything is: the model's folder, and the folder of stores."""

    model: Path
    stores: Path
    patience: float

    def worker(self, python: Path, command: str, name: str, data: Path) -> list[str]:
        """The command line of a worker."""
        store = self.stores / name / data.name
        module = f"benchmarks.peers.{name}"
        return [str(python), "-m", module, command, str(self.model), str(store), str(data)]


def main() -> None:
    """Compare, or only report; then say which goals are missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--patience", type=float, default=60)
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    if not arguments.report:
        _compare(arguments.rounds, arguments.patience)
    print(write_report())
    if missed():
        sys.exit(f"Missed: {'; '.join(missed())}.")


def _compare(rounds: int, patience: float) -> None:
    cache = load_settings()[0].cache_folder
    model = find_model(DEFAULT_MODEL)
    bench = Bench(model.path, cache / "compare", patience)
    shutil.rmtree(bench.stores, ignore_errors=True)
    pythons, left_out = _interpreters(cache / "peers")
    for name in SETS:
        # The encoder is made once for a model, as the others' model is there already.
        store = bench.stores / OURS / name
        prepare_encoder(model, encoders_folder(store), encoders_folder(cache))
    samples: Samples = {name: {} for name in SETS}
    for name in SETS:
        for number in range(1, rounds + 1):
            print(f"{name}, round {number} of {rounds}", flush=True)
            _round(bench, pythons, left_out, name, samples[name])
            # Each time, so that a run that is interrupted is not lost.
            save("compare", _result(left_out, samples))


def _round(
    bench: Bench,
    pythons: dict[str, Path],
    left_out: dict[str, str],
    name: str,
    samples: dict[str, list[dict[str, Any]]],
) -> None:
    """Measure each system once on one set; one that fails is asked nothing any more."""
    for system, python in list(pythons.items()):
        print(f"  {system} …", flush=True)
        try:
            sample = _measure(bench, system, python, load_dataset(DATA / name))
        except Failed as failure:
            print(f"{system} failed, going on without it: {failure}", flush=True)
            left_out[system] = f"{system} failed on {name}: {failure}"
            del pythons[system]
        else:
            samples.setdefault(system, []).append(sample)


def _result(left_out: dict[str, str], samples: Samples) -> dict[str, Any]:
    return {
        "model": DEFAULT_MODEL,
        "left out": left_out,
        "sets": {
            name: {system: _summary(taken) for system, taken in of_set.items()}
            for name, of_set in samples.items()
            if of_set
        },
    }


def _interpreters(folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    pythons, left_out = {OURS: this_interpreter()}, {}
    for system, packages in PEERS.items():
        try:
            pythons[system] = interpreter(folder / system, packages)
        except NotInstalled as reason:
            print(f"{reason}. Going on without {system}.", flush=True)
            left_out[system] = str(reason)
    return pythons, left_out


def _measure(bench: Bench, system: str, python: Path, data: Dataset) -> dict[str, Any]:
    """One round of one system on one set."""
    selection = select_queries(data)
    folder = DATA / data.name

    def run(command: str) -> tuple[dict[str, Any], float, float]:
        return _run(bench.worker(python, command, system, folder), bench.patience)

    indexed, _, others_indexing = run("index")
    asked, first, others_asking = run("ask")
    others_first = others_asking
    if system == OURS:
        index = next((bench.stores / OURS / data.name / "evaluation").iterdir())
        question = next(iter(selection.queries.values()))
        command = [str(python), "-m", "rag", "ask", "--json", "--index", str(index), question]
        _, first, others_first = _run(command, bench.patience)
    quality = measure(selection.qrels, asked["run"])["nDCG@10"]
    return {
        "packages": asked["packages"],
        "documents": indexed["documents"],
        "nDCG@10": [round(value, 4) for value in (quality.mean, quality.low, quality.high)],
        "documents per second": indexed["documents"] / indexed["seconds"],
        "question median ms": asked["median"],
        "question p95 ms": asked["p95"],
        "resident MB": asked["resident"],
        "start to first answer s": first,
        "used by others": [
            round(share, 2) for share in (others_indexing, others_asking, others_first)
        ],
    }


def _run(command: list[str], patience: float) -> tuple[dict[str, Any], float, float]:
    """The JSON a process ends with, seconds from its start to its first line, others' share."""
    wait_until_quiet(patience)
    # A file, since nobody reads a second pipe while the first line is waited for.
    with watched() as others, tempfile.TemporaryFile("w+") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=_environment()
        )
        first = process.stdout.readline() if process.stdout else ""
        seconds = time.monotonic() - started
        rest, _ = process.communicate()
        errors.seek(0)
        said = errors.read().strip().splitlines()
    if process.returncode:
        raise Failed(f"exit {process.returncode}: {said[-1] if said else 'no message'}")
    return json.loads((first + rest).strip().splitlines()[-1]), seconds, others.share


def _environment() -> dict[str, str]:
    """No network, no telemetry, and no settings of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    off = {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
    }
    return {**kept, **off}


def _summary(samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the figures of speed, and each round's own."""
    speeds: dict[str, Callable[[float], float]] = {
        "documents per second": lambda value: round(value, 1),
        "question median ms": lambda value: round(value, 1),
        "question p95 ms": lambda value: round(value, 1),
        "resident MB": round,
        "start to first answer s": lambda value: round(value, 2),
    }
    rounds = [
        {
            **{name: shorten(sample[name]) for name, shorten in speeds.items()},
            "used by others": sample["used by others"],
        }
        for sample in samples
    ]
    return {
        **{key: samples[0][key] for key in ("packages", "documents", "nDCG@10")},
        **{
            name: shorten(median(sample[name] for sample in samples))
            for name, shorten in speeds.items()
        },
        "by round": rounds,
    }


if __name__ == "__main__":
    main()
