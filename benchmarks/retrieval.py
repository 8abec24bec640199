"""nDCG@10 and the other measures on the three development sets, one setting for all.

python -m benchmarks.retrieval [--fresh]
"""

from __future__ import annotations

import sys
from dataclasses import replace

from benchmarks.results import DATA, save
from rag.embedding import find_model, prepare_encoder
from rag.evaluation import load_dataset
from rag.index.builds import encoders_folder
from rag.settings import load_settings
from rag.types import Mode, Run
from rag.wiring import build_evaluator

GOALS = {"covid-faq": 0.80, "mediqa": 0.74, "medquad": 0.74}
_PLACES = 10


def main() -> None:
    """Measure all sets in all modes; the goals are for hybrid."""
    settings = load_settings()[0]
    evaluator = build_evaluator(settings, fresh="--fresh" in sys.argv)
    model, encoders = find_model(settings.model), encoders_folder(settings.cache_folder)
    exact = replace(
        evaluator,
        question_encoder=lambda index: prepare_encoder(model, encoders_folder(index), encoders),
        fresh=False,
    )
    sets = {}
    for name, goal in GOALS.items():
        data = load_dataset(DATA / name)
        modes = {}
        kept = 0.0
        for mode in Mode:
            result = evaluator.run(data, mode, 1, lambda *_: None)
            modes[mode.value] = {
                measure: [round(value, 4) for value in (item.mean, item.low, item.high)]
                for measure, item in result.measures.items()
            }
            if mode is Mode.HYBRID:
                kept = _kept(result.run, exact.run(data, mode, 1, lambda *_: None).run)
        reached = modes["hybrid"]["nDCG@10"][0]
        sets[name] = {
            "queries": result.queries,
            "documents": result.documents,
            "goal nDCG@10": goal,
            "reached": reached >= goal,
            "mean, low, high": modes,
            "share of the top 10 kept with 8-bit questions": round(kept, 4),
            "latency_ms": {"p50": result.latency_p50, "p95": result.latency_p95},
        }
    save("retrieval", {"sets": sets})


def _kept(run: Run, exact: Run) -> float:
    """Share of the exact top 10 that is in the top 10 of the other run too."""
    shares = [
        len({*list(found)[:_PLACES]} & {*list(run[query])[:_PLACES]}) / len(list(found)[:_PLACES])
        for query, found in exact.items()
        if found
    ]
    return sum(shares) / len(shares)


if __name__ == "__main__":
    main()
