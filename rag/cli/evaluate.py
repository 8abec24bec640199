"""`rag eval`: measure quality."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from rag.cli.context import (
    Context,
    corpus_option,
    json_option,
    output,
    print_json,
    progress_bar,
)
from rag.cli.evaluate_safety import safety
from rag.types import Mode

if TYPE_CHECKING:
    from rag.evaluator import Evaluation


@click.group("eval")
def evaluate() -> None:
    """Measure quality on data sets with judgements."""


evaluate.add_command(safety)


@evaluate.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", help="Which qrels/<split>.tsv (default: the only one, else test).")
@click.option(
    "--mode", type=click.Choice([m.value for m in Mode]), default="hybrid", help="How to rank."
)
@click.option(
    "--relevant", type=click.IntRange(1), default=1, help="Lowest grade that counts as relevant."
)
@click.option("--fresh", is_flag=True, help="Index and encode anew, for true figures of speed.")
@click.option("--save", type=click.Path(path_type=Path), help="Write the JSON result to a file.")
@corpus_option
@json_option
@click.pass_obj
def run(
    context: Context,
    dataset: Path,
    split: str | None,
    mode: str,
    relevant: int,
    fresh: bool,
    save: Path | None,
    corpus: Path | None,
    as_json: bool,
) -> None:
    """Measure retrieval on DATASET, a folder in BEIR layout.

    Without a corpus.jsonl in it the articles of the corpus folder are searched.
    """
    from rag.evaluation import load_dataset
    from rag.wiring import build_evaluator

    settings = context.settings(corpus=corpus)
    data = load_dataset(dataset, split)
    for warning in data.warnings:
        click.echo(f"Warning: {warning.path}: {warning.reason}", err=True)
    with progress_bar() as progress:
        result = build_evaluator(settings, fresh=fresh).run(data, Mode(mode), relevant, progress)
    body = _body(result)
    if save:
        save.parent.mkdir(parents=True, exist_ok=True)
        save.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print_json(body)
    else:
        _tell(result)


def _body(result: Evaluation) -> dict[str, Any]:
    return {
        "dataset": result.dataset,
        "split": result.split,
        "mode": result.mode.value,
        "queries": result.queries,
        "skipped_queries": result.skipped_queries,
        "documents": result.documents,
        "measures": {
            name: {"mean": item.mean, "low": item.low, "high": item.high}
            for name, item in result.measures.items()
        },
        "seconds": {
            "index": round(result.index_seconds, 3),
            "search": round(result.search_seconds, 3),
        },
        "latency_ms": {"p50": round(result.latency_p50, 2), "p95": round(result.latency_p95, 2)},
        "cache": "hit" if result.cached else "miss",
    }


def _tell(result: Evaluation) -> None:
    output.print(
        f"{result.dataset} ({result.split}), {result.mode.value}: {result.queries} queries over "
        f"{result.documents} documents; {result.skipped_queries} without a relevant one skipped"
    )
    table = Table("measure", "mean", "95 % interval", box=None, pad_edge=False)
    for name, item in result.measures.items():
        table.add_row(name, f"{item.mean:.3f}", f"{item.low:.3f} to {item.high:.3f}")
    output.print(table)
    output.print(
        f"a question: median {result.latency_p50:.1f} ms, 95th percentile "
        f"{result.latency_p95:.1f} ms; indexing {result.index_seconds:.1f} s"
    )
