"""Passages encoded per second, in alternation with sentence-transformers' own `encode`.

    python -m benchmarks.encoding [PASSAGES]

Both get the same passages of the medquad articles, the same two threads, and each its own
default batching. sentence-transformers makes one vector of a passage; ours also makes one of
each of its sentences.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from pathlib import Path

from benchmarks.results import DATA, save
from rag.corpus import draft_article, read_rows, split_sentences, understand
from rag.embedding import find_model, prepare_encoder
from rag.embedding.reference import load_reference
from rag.index.builds import encoders_folder
from rag.settings import load_settings
from rag.types import DraftPassage, SourceFile

_ROUNDS = 5
_ARTICLES = 400


def main() -> None:
    """Time both on the same sample, five times in turn."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 192
    settings = load_settings()[0]
    model = find_model(settings.model)
    ours = prepare_encoder(model, encoders_folder(settings.cache_folder), None)
    theirs = load_reference(model)
    passages = _sample(count)
    texts = [passage.input.text for passage in passages]
    spans = [passage.input.spans for passage in passages]
    seconds: dict[str, list[float]] = {"wellcited": [], "sentence-transformers": []}
    for round_ in range(_ROUNDS + 1):
        started = time.perf_counter()
        ours.encode_passages(texts, spans)
        middle = time.perf_counter()
        theirs.model.encode(texts, show_progress_bar=False)
        ended = time.perf_counter()
        if round_:
            seconds["wellcited"].append(middle - started)
            seconds["sentence-transformers"].append(ended - middle)
    ratios = [b / a for a, b in zip(*seconds.values(), strict=True)]
    save(
        "encoding",
        {
            "passages": count,
            "tokens": sum(ours.count(texts)),
            "passages per second (median)": {
                name: round(count / statistics.median(values), 1)
                for name, values in seconds.items()
            },
            "ratio": {
                "median": round(statistics.median(ratios), 2),
                "lowest": round(min(ratios), 2),
                "highest": round(max(ratios), 2),
            },
            "goal": "ratio of at least 1",
        },
    )


def _sample(count: int) -> list[DraftPassage]:
    path: Path = DATA / "medquad" / "corpus.jsonl.gz"
    rows = [row for row in read_rows(path, path.name) if isinstance(row, SourceFile)]
    chosen = random.Random(7).sample(rows, _ARTICLES)
    settings = load_settings()[0]
    counter = prepare_encoder(
        find_model(settings.model), encoders_folder(settings.cache_folder), None
    )
    passages = [
        passage
        for row in chosen
        for passage in draft_article(
            understand(row, split_sentences).article, counter, counter.info.window
        ).passages
    ]
    return random.Random(7).sample(passages, count)


if __name__ == "__main__":
    main()
