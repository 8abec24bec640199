from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scripted import serving_scripted


@pytest.fixture(scope="session")
def scripted_site() -> Iterator[str]:
    """The address of a server whose answers are scripted (tests/scripted.py)."""
    with serving_scripted() as address:
        yield address
