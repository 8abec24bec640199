"""Quality of the shipped articles does not fall below what was reached before."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.evaluation import check, load_floors
from tests.quality.measuring import FLOORS, data_digest, measure


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory, encoder_cache: Path) -> dict[str, float]:
    return measure(tmp_path_factory.mktemp("quality") / "index", encoder_cache)


def test_no_measure_is_below_its_floor(measures: dict[str, float]) -> None:
    assert check(measures, load_floors(FLOORS), data_digest()) == []


def test_every_measure_has_a_floor(measures: dict[str, float]) -> None:
    assert set(load_floors(FLOORS).floors) == set(measures)
