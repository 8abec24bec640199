"""Every hazard names a control and tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, page

ROWS = re.findall(r"^\| (H\d+) \|(.*)\|$", page("safety/hazards.md"), re.MULTILINE)


def test_hazards_are_numbered_without_a_gap() -> None:
    assert [name for name, _ in ROWS] == [f"H{number}" for number in range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 13


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_every_hazard_has_a_control_and_a_test_that_is_there(name: str, row: str) -> None:
    hazard, control, tests = (part.strip() for part in row.split("|"))
    assert hazard
    assert control, name
    files = re.findall(r"`(tests/[\w/]+\.py)`", tests)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []
