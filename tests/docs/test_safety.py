from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rag.safety import load_gate
from rag.types import Level
from tests.docs.pages import ROOT, page, part

DATA = sorted(
    path.relative_to(ROOT).as_posix()
    for stage in ("safety", "answering", "web")
    for path in (ROOT / "rag" / stage / "data").rglob("*")
    if path.is_file()
)


@pytest.mark.parametrize("name", DATA)
def test_every_file_of_fixed_words_is_named_for_review(name: str) -> None:
    assert f"`{name}`" in part(
        page("safety/README.md"), "## What the publisher must review, and where it is"
    )


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_described(level: str) -> None:
    assert f"| `{level}` |" in part(page("safety/README.md"), "## The gate")


def test_contacts_are_said_to_be_unverified_while_they_are() -> None:
    table = tomllib.loads(_read("rag/safety/data/contacts.toml"))
    assert {contact["status"] for contact in table["contacts"]} == {"unverified"}, (
        "Some contact is verified now: say so in docs/safety/README.md, and here."
    )
    assert "**every entry is `unverified`**" in page("safety/README.md")


def test_every_part_of_a_card_is_named() -> None:
    cards = tomllib.loads(_read("rag/safety/data/cards.toml"))["cards"]
    named = part(page("safety/README.md"), "## How to edit")
    names = {name for texts in cards.values() for name in texts}
    assert sorted(name for name in names if f"`{name}`" not in named) == []


def test_every_limit_is_described_with_whom_to_ask() -> None:
    described = part(page("safety/README.md"), "## What is not answered as it was asked")
    limits = {limit.reason for limit in load_gate().limits}
    assert [reason for reason in limits if f"| `{reason}` |" not in described] == []


def _read(name: str) -> str:
    return Path(ROOT, name).read_text(encoding="utf-8")
