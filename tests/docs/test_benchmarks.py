from __future__ import annotations

import re

from benchmarks.report import README, goals, table


def test_the_table_of_results_is_made_from_the_results() -> None:
    assert table() in README.read_text(encoding="utf-8"), "run python -m benchmarks.report"


def test_every_goal_is_reached_or_its_miss_is_told() -> None:
    told = README.read_text(encoding="utf-8").partition("## Missed\n")[2].partition("\n## ")[0]
    missed = [goal.what for goal in goals() if not goal.reached]
    assert missed == re.findall(r"^- \*\*(.+?):\*\*", told, re.MULTILINE)
