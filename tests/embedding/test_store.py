from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.embedding import encoder_digest, find_model, is_whole, mend_encoder, open_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.errors import EncoderDamaged

FILES = ("model.onnx", "tokenizer.json", "encoder.json")


@pytest.fixture
def folder(encoder_cache: Path, tmp_path: Path) -> Path:
    """The encoder of an index, to do harm to."""
    digest = encoder_digest(find_model(DEFAULT_MODEL))
    return shutil.copytree(encoder_cache / digest, tmp_path / "encoders" / digest)


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
