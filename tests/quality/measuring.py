"""Measure the shipped articles with the project's own questions.

    python -m tests.quality.measuring [--lower]

measures and raises the floors in floors.json; with --lower it may also lower them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from rag.evaluation import digest_files, load_dataset, update
from rag.indexer import IndexOptions
from rag.settings import Settings, load_settings
from rag.types import Answer, Mode, Question
from rag.wiring import build_assistant, build_evaluator, build_indexer

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
FLOORS = FOLDER / "floors.json"


def measure(index: Path, cache: Path) -> dict[str, float]:
    """Ranking, answers and refusals over corpus/; every value is a share, higher is better."""
    settings = Settings(corpus=ROOT / "corpus", index=index, cache=cache)
    result = build_evaluator(settings, fresh=False).run(
        load_dataset(FOLDER), Mode.HYBRID, 1, lambda *_: None
    )
    build_indexer(settings).update(IndexOptions(), lambda *_: None)
    assistant = build_assistant(settings)
    qrels = load_dataset(FOLDER).qrels
    rows = [json.loads(line) for line in (FOLDER / "queries.jsonl").read_text().splitlines()]
    answers = {row["_id"]: assistant.answer(Question(row["text"])) for row in rows}
    answerable = [answers[row["_id"]] for row in rows if row["metadata"]["answerable"]]
    unanswerable = [answers[row["_id"]] for row in rows if not row["metadata"]["answerable"]]
    first = [
        qrels.get(query, {}).get(answer.citations[0].article.id, 0) > 0
        for query, answer in answers.items()
        if answer.citations
    ]
    return {
        **{name: result.measures[name].mean for name in ("nDCG@10", "R@10", "RR@10")},
        "answerable questions answered": _share(answerable),
        "unanswerable questions refused": 1 - _share(unanswerable),
        "answers that cite a relevant article first": sum(first) / len(first),
    }


def data_digest() -> str:
    """Names the articles, questions and judgements that floors hold for."""
    articles = [path for path in (ROOT / "corpus").rglob("*") if path.is_file()]
    files = [*articles, FOLDER / "queries.jsonl", FOLDER / "qrels/test.tsv"]
    return digest_files(ROOT, files)


def _share(answers: list[Answer]) -> float:
    """The share that quotes something, also below what the service cannot do for one person."""
    return sum(bool(answer.statements) for answer in answers) / len(answers)


def main() -> None:
    """Measure, and write the floors."""
    cache = load_settings()[0].cache_folder
    with tempfile.TemporaryDirectory() as folder:
        measures = measure(Path(folder) / "index", cache)
    update(FLOORS, measures, data_digest(), lower="--lower" in sys.argv)
    sys.stdout.write(json.dumps(measures, indent=2) + "\n")


if __name__ == "__main__":
    main()
