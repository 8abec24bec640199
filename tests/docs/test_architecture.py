from __future__ import annotations

import re

import pytest

from tests.docs.pages import PAGES, ROOT, page

MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "rag").rglob("*.py")
    if path.name not in ("__init__.py", "__main__.py")
)
NAMED = sorted(
    {
        name
        for path in PAGES
        if path.name != "CHANGELOG.md"
        for name in re.findall(
            r"`((?:rag|tests|corpus|benchmarks)/[\w./-]*)`", path.read_text(encoding="utf-8")
        )
    }
)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_is_named_in_the_architecture(module: str) -> None:
    assert f"`{module}`" in page("architecture.md")


@pytest.mark.parametrize("name", NAMED)
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    assert (ROOT / name).exists()
