from __future__ import annotations

import re
import tomllib
from string import Formatter

import pytest

from rag.web.texts import texts_for
from tests.serving import ROOT

WEB = ROOT / "rag" / "web"
TABLE = tomllib.loads((WEB / "data" / "pages.toml").read_text("utf-8"))
TEMPLATES = "".join(path.read_text("utf-8") for path in (WEB / "templates").iterdir())


def _names(table: dict[str, object]) -> dict[str, object]:
    """The names of a table and of what is in it, with the fields that each text is given."""
    return {
        name: _names(value) if isinstance(value, dict) else _fields(value)
        for name, value in table.items()
    }


def _fields(value: object) -> set[str | None]:
    texts = value if isinstance(value, list) else [value]
    return {field for text in texts for _, field, _, _ in Formatter().parse(str(text)) if field}


@pytest.mark.parametrize("locale", TABLE)
def test_every_language_has_every_text_with_the_same_fields(locale: str) -> None:
    assert _names(TABLE["en"]) == _names(TABLE[locale])


def test_templates_use_the_texts_that_there_are_and_all_of_them() -> None:
    used = set(re.findall(r"\bt\.(\w+)", TEMPLATES)) | {"not_found", "withdrawn"}
    assert set(TABLE["en"]["phrases"]) == used


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "3 June 2025"),
        ("es-MX", "3 de junio de 2025"),
        ("zh-Hans", "2025年6月3日"),
        ("fr", "3 June 2025"),
        (None, "3 June 2025"),
    ],
)
def test_a_date_is_written_as_in_the_language(locale: str | None, expected: str) -> None:
    assert texts_for(locale).long_date("2025-06-03") == expected
