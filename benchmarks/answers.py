"""What is answered and what is not over an index, and how well sentences are chosen.

    python -m benchmarks.answers INDEX

Asked are questions of consumers that the medquad articles answer, then medicines that they do not
contain, other subjects and small talk. Sentences are compared by ROUGE with summaries that experts
extracted from given documents; there the documents are given, and nothing is refused.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.results import DATA, save
from rag.answering import Candidate, extract
from rag.corpus import draft_article, split_sentences, understand
from rag.embedding import find_model, prepare_encoder
from rag.evaluation import load_dataset
from rag.evaluation.answers import score_answers
from rag.index.builds import encoders_folder
from rag.protocols import PassageEncoder
from rag.settings import load_settings
from rag.types import Outcome, Passage, Question, SourceFile, StoredPassage, Vectors
from rag.wiring import build_assistant

# As the ranking weighs the two cosines.
_HEADING_SHARE = 0.5


def main() -> None:
    """Measure both, and write them down."""
    settings = replace(load_settings()[0], index=Path(sys.argv[1]))
    assistant = build_assistant(settings)

    def answered(questions: Iterable[str]) -> dict[str, float]:
        outcomes = [assistant.answer(Question(text)).outcome for text in questions]
        share = sum(outcome is Outcome.ANSWERED for outcome in outcomes) / len(outcomes)
        return {"questions": len(outcomes), "answered": round(share, 3)}

    guardrails = DATA / "guardrails"
    templates = [
        row for row in _rows(guardrails / "unanswerable.jsonl") if row["kind"] == "template"
    ]
    encoder = prepare_encoder(
        find_model(settings.model), encoders_folder(settings.cache_folder), None
    )
    summaries = _rows(DATA / "answers" / "multi-answer-summaries.jsonl")
    pairs = [(_extracted(row, encoder), row["extractive_summary"]) for row in summaries]
    save(
        "answers",
        {
            "the articles answer": {
                name: answered(load_dataset(DATA / name).queries.values())
                for name in ("medquad", "mediqa")
            },
            "the articles do not answer": {
                "medicines": answered(row["text"] for row in templates),
                "other subjects": answered(_texts(guardrails / "out-of-scope.jsonl")),
                "small talk": answered(_texts(guardrails / "small-talk.jsonl")),
            },
            "at most five sentences against expert summaries": {
                "questions": len(pairs),
                "words": round(statistics.mean(len(text.split()) for text, _ in pairs), 1),
                **{
                    name: {"precision": round(s.precision, 3), "recall": round(s.recall, 3)}
                    | {"f": round(s.f, 3)}
                    for name, s in score_answers(pairs).items()
                },
            },
        },
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _texts(path: Path) -> list[str]:
    return [row["text"] for row in _rows(path)]


def _extracted(row: dict[str, Any], encoder: PassageEncoder) -> str:
    vector = encoder.encode([row["question"]])[0]
    candidates = [
        candidate
        for document in row["documents"]
        for candidate in _candidates(document, encoder, vector)
    ]
    candidates.sort(key=lambda candidate: -candidate.relevance)
    return " ".join(quote.text for quote in extract(row["question"], vector, candidates, 5))


def _candidates(
    document: dict[str, str], encoder: PassageEncoder, vector: Vectors
) -> list[Candidate]:
    """The passages of a document, each with how well it fits the encoded question."""
    source = SourceFile(document["_id"], document["_id"], "text", document["text"], "")
    article = understand(source, split_sentences, clean=False).article
    draft = draft_article(article, encoder, encoder.info.window)
    headings = encoder.encode([section.input.text for section in draft.sections]) @ vector
    encoded = encoder.encode_passages(
        [passage.input.text for passage in draft.passages],
        [passage.input.spans for passage in draft.passages],
    )
    candidates = []
    for row, (cut, vectors) in enumerate(zip(draft.passages, encoded, strict=True)):
        passage = Passage(
            id=f"{article.id}@{article.version}:{cut.start}-{cut.end}",
            article_id=article.id,
            article_version=article.version,
            section=draft.sections[cut.section].heading,
            start=cut.start,
            end=cut.end,
            sentences=cut.sentences,
        )
        same = row > 0 and draft.passages[row - 1].section == cut.section
        before = draft.passages[row - 1].sentences if same else ()
        fit = float(vectors.passage @ vector) + _HEADING_SHARE * float(headings[cut.section])
        stored = StoredPassage(row, passage, article, vectors.sentences, before)
        candidates.append(Candidate(stored, fit / (1 + _HEADING_SHARE)))
    return candidates


if __name__ == "__main__":
    main()
