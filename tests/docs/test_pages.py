from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.pages import PAGES, ROOT, code_blocks, prose

NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
# Absolute paths of somebody's machine, and where packages are taken from.
_MACHINE = re.compile(r"(?<![\w.~/>-])/(?:home|root|tmp|opt|mnt|work|Users)\b")
_REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|crates|anaconda|debian|pytorch)\.(?:org|io|com)\b"
)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_every_relative_link_leads_to_a_file_and_its_heading(name: str) -> None:
    here = ROOT / name
    broken = [
        link
        for link in _LINK.findall(prose(here.read_text(encoding="utf-8")))
        if "://" not in link and not _leads_somewhere(here, link)
    ]
    assert broken == []


def test_no_page_names_a_path_of_a_machine_or_a_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [m.group() for p in (_MACHINE, _REGISTRY) for m in p.finditer(text)] == []


def test_every_block_of_json_is_json(name: str) -> None:
    for block in code_blocks((ROOT / name).read_text(encoding="utf-8"), "json"):
        json.loads(block)


def _leads_somewhere(page: Path, link: str) -> bool:
    address, _, anchor = unquote(link).partition("#")
    target = (page.parent / address) if address else page
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target.read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings: lower case, signs left out, spaces as hyphens."""
    headings = _HEADING.findall(prose(text))
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in headings}
