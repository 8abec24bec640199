from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, page

DEPENDENCIES = [
    re.split(r"[<>=!~\[; ]", requirement)[0]
    for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]["dependencies"]
]
PAGES = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
# A page that is printed holds about so many words.
MOST_WORDS = 450
# How packages name a licence in other words.
OTHERWISE = {"Apache-2.0": "Apache Software License", "MIT": "MIT License"}


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_every_library_stands_in_the_table_with_the_licence_that_it_declares(name: str) -> None:
    row = re.search(rf"^\| `{name}` \|[^|]*\| ([^|]+) \|", page("decisions/README.md"), re.M)
    assert row, f"{name} is missing in docs/decisions/README.md"
    told = metadata.metadata(name)
    fields = ("License-Expression", "License", "Classifier")
    declared = [text for field in fields for text in told.get_all(field) or []]
    licence = row.group(1)
    assert any(licence in text or OTHERWISE.get(licence, licence) in text for text in declared)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_decision_has_its_three_parts_on_one_page_and_stands_in_the_list(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.M)[:3] == [
        "Context",
        "Decision",
        "Consequences",
    ]
    assert len(text.split()) <= MOST_WORDS
    assert f"({path.name})" in page("decisions/README.md")
