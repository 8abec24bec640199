"""An encoder's folder: made once, checked when opened, with a smaller graph for questions."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import (
    encoder_digest,
    find_model,
    is_whole,
    open_encoder,
    open_question_encoder,
    prepare_encoder,
    prepare_question_encoder,
)
from rag.embedding.model import DEFAULT_MODEL
from rag.embedding.parity import MINIMUM_QUESTION_COSINE, PROBES
from rag.errors import ModelError

FILES = ("model.onnx", "question.onnx", "tokenizer.json", "encoder.json")
Open = Callable[[Path, int], object]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.fixture
def folder(encoder_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(encoder_folder, tmp_path / encoder_folder.name))


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


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_noticed(folder: Path, name: str) -> None:
    assert is_whole(folder)
    flip(folder / name)
    assert not is_whole(folder)


@pytest.mark.parametrize(
    ("open_", "name"),
    [
        (open_encoder, "model.onnx"),
        (open_encoder, "tokenizer.json"),
        (open_question_encoder, "question.onnx"),
        (open_question_encoder, "tokenizer.json"),
    ],
)
def test_a_changed_file_is_never_used(folder: Path, open_: Open, name: str) -> None:
    flip(folder / name)
    with pytest.raises(ModelError, match=r"has changed on disk\..*`rag index`"):
        open_(folder, 1)


def test_a_folder_that_is_missing_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"The encoder gone is missing\. Run `rag index`\."):
        open_encoder(tmp_path / "gone", 1)
