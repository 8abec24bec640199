"""`rag eval safety`: what the safety gate makes of messages whose level is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from rag.cli.context import json_option, output, print_json
from rag.types import Level

if TYPE_CHECKING:
    from rag.evaluation.safety import Proportion, SafetyReport


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def safety(file: Path, as_json: bool) -> None:
    """Measure the safety gate on FILE, JSON lines with text, expected, lang and category.

    Needs no index. Recall is the share of messages that got their level or a graver one.
    """
    from rag.evaluation.safety import load_messages, measure_safety
    from rag.wiring import judge_level

    report = measure_safety(load_messages(file), judge_level)
    if as_json:
        print_json(_body(report))
    else:
        _tell(report)


def _body(report: SafetyReport) -> dict[str, Any]:
    groups = {
        "recall": report.recall,
        "recall_by_language": report.by_language,
        "recall_by_category": report.by_category,
    }
    return {
        "messages": report.messages,
        **{name: {key: item.share for key, item in of.items()} for name, of in groups.items()},
        "false_cards": report.false_cards.share,
        "misses": [message.id for message, _ in report.misses],
        "false": [message.id for message, _ in report.false],
        "counts": {
            **{
                name: {key: _counts(item) for key, item in of.items()}
                for name, of in groups.items()
            },
            "false_cards": _counts(report.false_cards),
        },
        "confusion": {
            expected.value: {
                given.value: report.confusion.get((expected, given), 0) for given in Level
            }
            for expected in Level
        },
    }


def _counts(item: Proportion) -> dict[str, float]:
    return {"hits": item.hits, "of": item.count, "low": item.low, "high": item.high}


def _tell(report: SafetyReport) -> None:
    table = Table("recall", "share", "of", "95 % interval", box=None, pad_edge=False)
    for of in (report.recall, report.by_language, report.by_category):
        for name, item in of.items():
            table.add_row(name, *_cells(item))
        table.add_section()
    table.add_row("cards where none is due", *_cells(report.false_cards))
    output.print(table)
    grid = Table("expected \\ given", *Level, box=None, pad_edge=False)
    for expected in Level:
        counts = (str(report.confusion.get((expected, given), 0)) for given in Level)
        grid.add_row(expected.value, *counts)
    output.print(grid)
    for title, pairs in (("Missed", report.misses), ("Card not due", report.false)):
        for message, given in pairs:
            click.echo(f"{title}: {message.id}: {message.expected} → {given}: {message.text}")


def _cells(item: Proportion) -> tuple[str, str, str]:
    return f"{item.share:.3f}", str(item.count), f"{item.low:.3f} to {item.high:.3f}"
