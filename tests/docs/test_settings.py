from __future__ import annotations

import ast
import re

from rag.settings import SETTINGS
from tests.docs.pages import ROOT, page, part, settings_table


def test_the_table_of_settings_is_made_from_the_settings() -> None:
    text = page("settings.md")
    shown = text.partition("<!-- settings")[2].partition("-->")[2]
    shown = shown.partition("<!-- end of settings -->")[0].strip()
    wanted = settings_table()
    assert wanted == shown, (
        "docs/settings.md is not up to date. Put this between the two marks, and look whether the "
        f"rest of the page still holds:\n\n{wanted}"
    )


def test_settings_without_effect_are_named_and_no_others() -> None:
    without_effect = part(page("settings.md"), "## Accepted, without effect yet")
    named = set(re.findall(r"^\| `(\w+)`", without_effect, re.MULTILINE))
    assert _never_read() == named, "Bring docs/settings.md and docs/http.md up to date."


def _never_read() -> set[str]:
    """Settings that no module but rag/settings.py looks at."""
    read = {
        node.attr
        for path in (ROOT / "rag").rglob("*.py")
        if path.name != "settings.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    # `cache` is read by the property that knows its default.
    return {name for name in SETTINGS if not {name, f"{name}_folder"} & read}
