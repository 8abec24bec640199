"""What the gate reached on the project's own messages is not lost again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.embedding import find_model, prepare_question_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.evaluation import check, load_floors
from tests.safety.measuring import FLOORS, data_digest, measure


@pytest.fixture(scope="module")
def measures(encoder_cache: Path) -> dict[str, float]:
    model = find_model(DEFAULT_MODEL)
    return measure(prepare_question_encoder(model, encoder_cache, None))


def test_no_measure_is_below_its_floor(measures: dict[str, float]) -> None:
    assert check(measures, load_floors(FLOORS), data_digest()) == []


def test_every_measure_has_a_floor(measures: dict[str, float]) -> None:
    assert load_floors(FLOORS).floors.keys() == measures.keys()
