"""Every attack of docs/security.md names what stands against it, and tests that exist."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, page

ROWS = re.findall(r"^\| (S\d+) \|(.*)\|$", page("security.md"), re.MULTILINE)


def test_attacks_are_numbered_without_a_gap() -> None:
    assert [name for name, _ in ROWS] == [f"S{number}" for number in range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 30


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_every_attack_has_a_test_that_is_there_or_a_reason(name: str, row: str) -> None:
    attack, control, tried = (part.strip() for part in row.split("|"))
    assert attack
    assert control, name
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", tried)
    assert named or tried.startswith(("not applicable", "not tested:")), name
    for file, test in named:
        assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"
