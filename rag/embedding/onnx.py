"""Encode text with ONNX Runtime: the same vectors as sentence-transformers, without torch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from rag.embedding.windows import Layout, Tokens, Window, split_windows
from rag.types import EncoderInfo, PassageVectors, Span, Vectors
from rag.vectors import unit

if TYPE_CHECKING:
    import onnxruntime

# Small batches of like length are fastest: little padding, and activations stay in the cache.
_BATCH_TOKENS = 1_024


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    """An encoder over the graph of `rag.embedding.graph`. Safe to use from several threads."""

    info: EncoderInfo
    layout: Layout
    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones at both ends."""
        return [len(encoding.ids) for encoding in self._encodings(texts)]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of whole texts, shape (n, dimension).

        A text longer than the window is encoded window by window, and the token vectors of all
        windows are pooled together.
        """
        return self._rows(texts, [()] * len(texts))

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageVectors]:
        """Unit vectors of texts, and of their sentences as the means of their tokens in context.

        A sentence without a token of its own gets the zero vector.
        """
        rows = self._rows(texts, sentences)
        ends = list(accumulate(1 + len(spans) for spans in sentences))
        starts = [0, *ends][: len(ends)]
        return [
            PassageVectors(passage=rows[start], sentences=rows[start + 1 : end])
            for start, end in zip(starts, ends, strict=True)
        ]

    def _encodings(self, texts: Sequence[str]) -> list[Tokens]:
        encodings = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Tokens(ids=e.ids, offsets=e.offsets) for e in encodings]

    def _rows(self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]) -> Vectors:
        windows: list[Window] = []
        row = 0
        for tokens, spans in zip(self._encodings(texts), sentences, strict=True):
            windows.extend(split_windows(tokens, spans, row, self.layout))
            row += 1 + len(spans)
        sums = np.zeros((row, self.info.dimension), np.float32)
        for batch in _batches(windows):
            pooled = self._run(batch)
            for window, of_window in zip(batch, pooled, strict=True):
                rows = [number for number, _ in window.members]
                sums[rows] += of_window[: len(rows)]
        return unit(sums)

    def _run(self, batch: Sequence[Window]) -> Vectors:
        length = max(len(window.ids) for window in batch)
        rows = max(len(window.members) for window in batch)
        ids = np.zeros((len(batch), length), np.int64)
        mask = np.zeros((len(batch), length), np.int32)
        pool = np.zeros((len(batch), rows, length), np.float32)
        for index, window in enumerate(batch):
            ids[index, : len(window.ids)] = window.ids
            mask[index, : len(window.ids)] = 1
            for row, (_, positions) in enumerate(window.members):
                pool[index, row, positions] = 1.0
        sums: Vectors = self.session.run(["sums"], {"ids": ids, "mask": mask, "pool": pool})[0]
        return sums


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session over a graph file, on the processor, with that many threads."""
    # From 1.29 on it would tell its makers of every start and model. It looks once, when loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # Imported here: loaded before a fork, it aborts the child when that ends.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would take the processor from other questions between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


def open_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer that neither cuts nor pads."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _batches(windows: Iterable[Window]) -> Iterator[list[Window]]:
    batch: list[Window] = []
    longest = 0
    for window in sorted(windows, key=lambda window: len(window.ids)):
        longest = max(longest, len(window.ids))
        if batch and longest * (len(batch) + 1) > _BATCH_TOKENS:
            yield batch
            batch, longest = [], len(window.ids)
        batch.append(window)
    if batch:
        yield batch
