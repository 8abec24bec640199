"""What many tests need: the default model's encoder, made once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.embedding import encoder_digest, find_model, prepare_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.embedding.onnx import OnnxEncoder
from rag.indexer import IndexOptions
from rag.settings import Settings
from rag.wiring import build_indexer

ROOT = Path(__file__).parents[1]


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


@pytest.fixture(scope="session")
def shipped_index(encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the shipped articles; to be read, not changed."""
    index = tmp_path_factory.mktemp("shipped") / "index"
    settings = Settings(corpus=ROOT / "corpus", index=index, cache=encoder_cache.parent)
    (index / "encoders").mkdir(parents=True)
    for folder in encoder_cache.iterdir():
        (index / "encoders" / folder.name).symlink_to(folder)
    build_indexer(settings).update(IndexOptions(), lambda *_: None)
    return index
