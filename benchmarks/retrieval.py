"""nDCG@10 and the other measures on the three development sets, one setting for all.

python -m benchmarks.retrieval [--fresh]
"""

from __future__ import annotations

import sys

from benchmarks.results import DATA, save
from rag.evaluation import load_dataset
from rag.settings import load_settings
from rag.types import Mode
from rag.wiring import build_evaluator

GOALS = {"covid-faq": 0.80, "mediqa": 0.74, "medquad": 0.74}


def main() -> None:
    """Measure all sets in all modes; the goals are for hybrid."""
    evaluator = build_evaluator(load_settings()[0], fresh="--fresh" in sys.argv)
    sets = {}
    for name, goal in GOALS.items():
        data = load_dataset(DATA / name)
        modes = {}
        for mode in Mode:
            result = evaluator.run(data, mode, 1, lambda *_: None)
            modes[mode.value] = {
                measure: [round(value, 4) for value in (item.mean, item.low, item.high)]
                for measure, item in result.measures.items()
            }
        reached = modes["hybrid"]["nDCG@10"][0]
        sets[name] = {
            "queries": result.queries,
            "documents": result.documents,
            "goal nDCG@10": goal,
            "reached": reached >= goal,
            "mean, low, high": modes,
            "latency_ms": {"p50": result.latency_p50, "p95": result.latency_p95},
        }
    save("retrieval", {"sets": sets})


if __name__ == "__main__":
    main()
