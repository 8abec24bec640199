"""What many tests need: the default model's encoder, made once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.embedding import encoder_digest, find_model, prepare_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.embedding.onnx import OnnxEncoder


@pytest.fixture(scope="session")
def encoder_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of encoders that has that of the default model; to be copied from, not changed."""
    folder = tmp_path_factory.mktemp("cache")
    prepare_encoder(find_model(DEFAULT_MODEL), folder, None)
    return folder


@pytest.fixture(scope="session")
def encoder_folder(encoder_cache: Path) -> Path:
    """The default model's encoder on disk; to be copied, not changed."""
    return encoder_cache / encoder_digest(find_model(DEFAULT_MODEL))


@pytest.fixture(scope="session")
def encoder(encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """The default model's encoder, opened."""
    index = tmp_path_factory.mktemp("index")
    opened = prepare_encoder(find_model(DEFAULT_MODEL), index, encoder_cache)
    assert isinstance(opened, OnnxEncoder)
    return opened
