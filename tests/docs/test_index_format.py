from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import fields

import pytest

from rag.index import Recipe
from rag.index.schema import FORMAT_VERSION, SCHEMA
from tests.docs.pages import page, part


def columns() -> list[tuple[str, str]]:
    """Table and column of everything in an index's database."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        return database.execute(
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        ).fetchall()


@pytest.mark.parametrize(("table", "column"), columns())
def test_every_column_is_described_under_its_table(table: str, column: str) -> None:
    rows = part(page("index-format.md"), f"### {table}").splitlines()
    assert any(f"`{column}`" in row.split("|")[1] for row in rows if row.startswith("|"))


def test_every_part_of_the_recipe_is_described() -> None:
    described = part(page("index-format.md"), "### recipe")
    assert [f.name for f in fields(Recipe) if f"`{f.name}`" not in described] == []


def test_the_format_version_is_the_one_that_is_written() -> None:
    assert f"version\n{FORMAT_VERSION} " in page("index-format.md")
