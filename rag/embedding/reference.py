"""Encode text with sentence-transformers itself: what defines the vectors, and slow to load."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.embedding.model import ModelFolder
from rag.types import EncoderInfo, PassageVectors, Span, Vectors
from rag.vectors import unit

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32


@dataclass(frozen=True, slots=True)
class SentenceTransformersEncoder:
    """Any sentence-transformers model, for those that have no graph of their own."""

    info: EncoderInfo
    model: SentenceTransformer

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones at both ends."""
        return [len(self._offsets(text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of whole texts, shape (n, dimension).

        A text longer than the window gets the mean of its windows' vectors.
        """
        pieces = [self._windows(text) for text in texts]
        flat = self.encode_within_window([piece for windows in pieces for piece in windows])
        rows, start = [], 0
        for windows in pieces:
            rows.append(flat[start : start + len(windows)].mean(axis=0))
            start += len(windows)
        return unit(np.array(rows, np.float32).reshape(-1, self.info.dimension))

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageVectors]:
        """Unit vectors of texts and of their sentences, each sentence encoded by itself."""
        wholes = self.encode(texts)
        return [
            PassageVectors(
                passage=whole, sentences=self.encode([text[s.start : s.end] for s in spans])
            )
            for whole, text, spans in zip(wholes, texts, sentences, strict=True)
        ]

    def encode_within_window(self, texts: Sequence[str]) -> Vectors:
        """What sentence-transformers' own `encode` returns; it cuts what the window cannot hold."""
        if not texts:
            return np.zeros((0, self.info.dimension), np.float32)
        vectors = self.model.encode(
            list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        # The tokenizer of transformers has no types of its own.
        tokenizer: Any = self.model.tokenizer
        encoding = tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False
        )
        return list(encoding["offset_mapping"])

    def _windows(self, text: str) -> list[str]:
        offsets = self._offsets(text)
        size = self.info.window - 2
        if len(offsets) <= size:
            return [text]
        groups = [offsets[i : i + size] for i in range(0, len(offsets), size)]
        return [text[group[0][0] : group[-1][1]] for group in groups]


def load_reference(model: ModelFolder) -> SentenceTransformersEncoder:
    """Load the model with sentence-transformers, from disk only."""
    # Read when transformers is imported: nothing may be looked up on a network at run time.
    os.environ["HF_HUB_OFFLINE"] = "1"
    # Imported here: torch takes seconds to load and is needed only to make an encoder.
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    loaded = SentenceTransformer(str(model.path), local_files_only=True, trust_remote_code=False)
    dimension = loaded.get_embedding_dimension()
    info = EncoderInfo(
        model=model.name,
        digest=model.digest,
        dimension=int(dimension or 0),
        window=int(loaded.max_seq_length or 512),
    )
    return SentenceTransformersEncoder(info=info, model=loaded)
