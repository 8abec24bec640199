"""Text to vectors."""

from rag.embedding.cache import CachingEncoder
from rag.embedding.model import ModelFolder, find_model
from rag.embedding.store import (
    encoder_digest,
    is_whole,
    mend_encoder,
    open_encoder,
    prepare_encoder,
)

__all__ = [
    "CachingEncoder",
    "ModelFolder",
    "encoder_digest",
    "find_model",
    "is_whole",
    "mend_encoder",
    "open_encoder",
    "prepare_encoder",
]
