"""Small bar charts side by side as one SVG, written by hand: no library is needed for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

_LABELS, _WIDTH, _ROW, _HEAD, _GAP = 150, 130, 20, 54, 16
_BAR = 70
_OURS, _OTHERS = "#0b6e75", "#a9b4bd"


@dataclass(frozen=True)
class Bar:
    """One bar: whose, how long, what is written at its end, and whether it is emphasised."""

    label: str
    value: float
    shown: str
    strong: bool


@dataclass(frozen=True)
class Column:
    """One chart: the row it belongs to, its title, its bars."""

    row: str
    title: str
    bars: tuple[Bar, ...]


def draw(columns: Sequence[Column]) -> str:
    """An SVG with a row of charts for each `row`, each chart to a scale of its own from zero."""
    parts: list[str] = []
    top, width = 0, 0
    for name, group in groupby(columns, key=lambda column: column.row):
        row = list(group)
        parts.append(_text(8, top + 20, name, "font-weight='bold'"))
        for place, bar in enumerate(row[0].bars):
            parts.append(_text(8, _line(top, place), bar.label, _weight(bar)))
        for number, column in enumerate(row):
            parts += _column(column, _LABELS + number * _WIDTH, top)
        top = _line(top, len(row[0].bars)) + _GAP
        width = max(width, _LABELS + len(row) * _WIDTH)
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {top}' "
            "font-family='sans-serif' font-size='12' fill='#1b2733' role='img'>",
            "<title>Wellcited beside other retrieval systems</title>",
            f"<rect width='{width}' height='{top}' fill='#ffffff'/>",
            *parts,
            "</svg>\n",
        ]
    )


def _column(column: Column, left: int, top: int) -> list[str]:
    longest = max(bar.value for bar in column.bars) or 1.0
    parts = [_text(left, top + 38, column.title, "fill='#52606d'")]
    for place, bar in enumerate(column.bars):
        line = _line(top, place)
        length = max(1.0, bar.value / longest * _BAR)
        fill = _OURS if bar.strong else _OTHERS
        parts.append(
            f"<rect x='{left}' y='{line - 11}' width='{length:.1f}' height='14' fill='{fill}'/>"
        )
        parts.append(_text(left + length + 4, line, bar.shown, _weight(bar)))
    return parts


def _line(top: int, place: int) -> int:
    return top + _HEAD + 6 + place * _ROW


def _weight(bar: Bar) -> str:
    return "font-weight='bold'" if bar.strong else ""


def _text(x: float, y: float, text: str, attributes: str) -> str:
    return f"<text x='{x:g}' y='{y:g}' {attributes}>{escape(text)}</text>"
