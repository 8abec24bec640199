"""Floors hold quality up: they fail what lies below, and only fall on purpose."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.evaluation import Floors, check, digest_files, load_floors, update

DIGEST = "ab" * 32


def write_floors(path: Path, **floors: float) -> Path:
    path.write_text(json.dumps({"digest": DIGEST, "floors": floors}), encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "floors.json"


def test_a_floors_file_is_read(path: Path) -> None:
    path.write_text('{"digest": "d", "floors": {"nDCG@10": 0.9, "R@10": 1}}', encoding="utf-8")
    assert load_floors(path) == Floors("d", {"nDCG@10": 0.9, "R@10": 1.0})


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"floors": {}}',
        '{"digest": 1, "floors": {}}',
        '{"digest": "d"}',
        '{"digest": "d", "floors": {"R@10": "high"}}',
        '{"digest": "d", "floors": {"R@10": true}}',
        '{"digest": "d", "floors": {"R@10": NaN}}',
    ],
)
def test_a_file_of_another_form_is_refused(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"floors\.json does not hold floors\. Write"):
        load_floors(path)


def test_a_file_that_is_missing_or_not_json_is_refused(path: Path) -> None:
    with pytest.raises(DatasetError, match=r"floors\.json cannot be read as floors"):
        load_floors(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"floors\.json cannot be read as floors"):
        load_floors(path)


def test_what_lies_at_or_above_its_floor_passes() -> None:
    floors = Floors(DIGEST, {"nDCG@10": 0.9, "R@10": 0.8})
    assert check({"nDCG@10": 0.9, "R@10": 0.95, "other": 0.0}, floors, DIGEST) == []
    assert check({"nDCG@10": 0.9 - 1e-12, "R@10": 0.8}, floors) == []


def test_every_measure_below_its_floor_or_absent_is_a_failure() -> None:
    floors = Floors(DIGEST, {"nDCG@10": 0.9, "R@10": 0.8, "RR@10": 0.5})
    assert check({"nDCG@10": 0.8994, "RR@10": math.nan}, floors) == [
        "R@10 was not measured; its floor is 0.8.",
        "RR@10 is nan, below its floor 0.5.",
        "nDCG@10 is 0.8994, below its floor 0.9.",
    ]


def test_other_data_than_the_floors_own_is_a_failure() -> None:
    assert check({"R@10": 1.0}, Floors(DIGEST, {"R@10": 0.8}), "cd" * 32) == [
        "The floors are for data abababababab, not cdcdcdcdcdcd: "
        "restore the data, or update the floors."
    ]


def test_an_update_makes_the_file_and_rounds_down(path: Path) -> None:
    assert update(path, {"R@10": 0.98765, "MRR": 0.29}, DIGEST) == load_floors(path)
    assert load_floors(path) == Floors(DIGEST, {"MRR": 0.29, "R@10": 0.987})
    assert [path] == list(path.parent.iterdir())


def test_an_update_raises_floors_and_takes_the_new_digest(path: Path) -> None:
    write_floors(path, **{"R@10": 0.8})
    update(path, {"R@10": 0.85, "RR@10": 0.7}, "new")
    assert load_floors(path) == Floors("new", {"R@10": 0.85, "RR@10": 0.7})


def test_rounding_does_not_lower_a_floor_that_is_reached(path: Path) -> None:
    write_floors(path, **{"R@10": 0.8004})
    assert update(path, {"R@10": 0.8006}, DIGEST).floors == {"R@10": 0.8004}


@pytest.mark.parametrize("measures", [{"R@10": 0.79, "RR@10": 0.9}, {"RR@10": 0.9}])
def test_a_floor_is_not_lowered_or_dropped_unless_told(
    path: Path, measures: dict[str, float]
) -> None:
    write_floors(path, **{"R@10": 0.8, "RR@10": 0.5})
    before = path.read_bytes()
    with pytest.raises(DatasetError, match=r"would be lowered, so it is left as it is\. R@10"):
        update(path, measures, DIGEST)
    assert path.read_bytes() == before
    update(path, measures, DIGEST, lower=True)
    assert load_floors(path).floors == measures


def test_a_measure_that_is_no_number_becomes_no_floor(path: Path) -> None:
    with pytest.raises(DatasetError, match=r"R@10 is nan, which is no floor"):
        update(path, {"R@10": math.nan}, DIGEST, lower=True)
    assert not path.exists()


def test_a_damaged_floors_file_is_not_overwritten(path: Path) -> None:
    path.write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be read as floors"):
        update(path, {"R@10": 1.0}, DIGEST)
    assert path.read_text(encoding="utf-8") == "{"


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1))
def test_a_measurement_passes_the_floor_made_from_it(
    tmp_path_factory: pytest.TempPathFactory, value: float
) -> None:
    made = update(tmp_path_factory.mktemp("floors") / "floors.json", {"R@10": value}, DIGEST)
    assert check({"R@10": value}, made, DIGEST) == []
    assert value - made.floors["R@10"] <= 0.001


def test_the_digest_depends_on_names_and_contents_but_not_on_order(tmp_path: Path) -> None:
    one, two = tmp_path / "a.md", tmp_path / "sub" / "b.md"
    two.parent.mkdir()
    one.write_text("heel", encoding="utf-8")
    two.write_text("knee", encoding="utf-8")
    before = digest_files(tmp_path, [one, two])
    assert before == digest_files(tmp_path, [two, one, one])
    assert before != digest_files(tmp_path, [one])
    two.write_text("hip", encoding="utf-8")
    changed = digest_files(tmp_path, [one, two])
    assert changed != before
    moved = two.rename(tmp_path / "b.md")
    assert digest_files(tmp_path, [one, moved]) != changed


def test_the_digest_of_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.md cannot be read"):
        digest_files(tmp_path, [tmp_path / "gone.md"])
