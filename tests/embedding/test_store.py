"""An encoder's folder: made once, checked when opened, with a smaller graph for questions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import (
    encoder_digest,
    find_model,
    is_whole,
    mend_encoder,
    open_encoder,
    open_question_encoder,
    prepare_encoder,
    prepare_question_encoder,
)
from rag.embedding.model import DEFAULT_MODEL
from rag.embedding.parity import MINIMUM_QUESTION_COSINE, PROBES
from rag.errors import EncoderDamaged

FILES = ("model.onnx", "question.onnx", "tokenizer.json", "encoder.json")


@pytest.fixture
def folder(encoder_folder: Path, tmp_path: Path) -> Path:
    """The encoder of an index, to do harm to."""
    return shutil.copytree(encoder_folder, tmp_path / "encoders" / encoder_folder.name)


def test_questions_are_encoded_nearly_as_passages_are(encoder_folder: Path) -> None:
    questions, passages = (
        open_(encoder_folder, 1).encode(PROBES) for open_ in (open_question_encoder, open_encoder)
    )
    cosines = (questions * passages).sum(axis=1)
    assert cosines.mean() >= MINIMUM_QUESTION_COSINE
    assert cosines.min() > 0.99
    # They are two graphs, not one under two names.
    assert not np.array_equal(questions, passages)


def test_the_graph_for_questions_is_less_than_half_as_large(encoder_folder: Path) -> None:
    sizes = [(encoder_folder / name).stat().st_size for name in FILES[:2]]
    assert sizes[1] * 2 < sizes[0]


def test_a_graph_for_questions_that_is_not_near_enough_is_not_kept(
    encoder_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.embedding.parity.MINIMUM_QUESTION_COSINE", 0.99999)
    model = find_model(DEFAULT_MODEL)
    prepare_encoder(model, tmp_path, None)
    made = tmp_path / encoder_digest(model)
    assert not (made / "question.onnx").exists()
    assert is_whole(made)
    same = prepare_question_encoder(model, tmp_path, None).encode(["knee"])
    exact = open_encoder(made, 1).encode(["knee"])
    np.testing.assert_allclose(exact, same, atol=1e-6)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", [Path.unlink, _cut, _flip])
def test_a_damaged_encoder_is_named_and_made_again(
    folder: Path, encoder_cache: Path, name: str, harm: Callable[[Path], None]
) -> None:
    harm(folder / name)
    assert not is_whole(folder)
    if name != "question.onnx":
        with pytest.raises(EncoderDamaged, match="rag index") as raised:
            open_encoder(folder, threads=1)
        assert raised.value.what.startswith(f"{name} of the encoder")
    mend_encoder(find_model(DEFAULT_MODEL), folder.parent, encoder_cache)
    assert is_whole(folder)


def test_a_layout_that_is_read_wrongly_is_damage(folder: Path) -> None:
    path = folder / "encoder.json"
    description = json.loads(path.read_text())
    description["layout"]["first"] += 1
    path.write_text(json.dumps(description))
    assert not is_whole(folder)


def test_a_description_from_before_it_had_a_digest_is_taken(folder: Path) -> None:
    path = folder / "encoder.json"
    description = json.loads(path.read_text())
    del description["digest"]
    path.write_text(json.dumps(description))
    assert is_whole(folder)


def test_a_whole_encoder_is_left_alone(folder: Path) -> None:
    before = (folder / "model.onnx").stat().st_ino
    mend_encoder(find_model(DEFAULT_MODEL), folder.parent, None)
    assert before == (folder / "model.onnx").stat().st_ino


@pytest.mark.parametrize("harm", [Path.unlink, _cut, _flip])
def test_with_a_damaged_graph_for_questions_they_are_encoded_as_passages(
    folder: Path, harm: Callable[[Path], None]
) -> None:
    exact = open_encoder(folder, 1).encode(["knee"])
    harm(folder / "question.onnx")
    np.testing.assert_allclose(exact, open_question_encoder(folder, 1).encode(["knee"]), atol=1e-6)


def test_a_folder_that_is_missing_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(EncoderDamaged, match=r"encoder gone is missing\. Run `rag index`"):
        open_encoder(tmp_path / "gone", 1)
