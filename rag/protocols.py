"""The seams: what can be exchanged, each with one or two methods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.types import (
    EncoderInfo,
    LexicalQuery,
    PassageVectors,
    Reason,
    Rows,
    Safety,
    Span,
    Turn,
    Vectors,
)

Progress = Callable[[str, int, int], None]
"""Called as `progress(what, done, total)` during long work."""


class Encoder(Protocol):
    """Turns text into unit vectors; the same text always gives the same vector."""

    @property
    def info(self) -> EncoderInfo:
        """What makes these vectors comparable with others."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode whole texts, shape (n, dimension). No text is cut, whatever its length."""
        ...

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageVectors]:
        """Encode texts and, in context, the sentences that lie at the given spans of each."""
        ...


class SearchView(Protocol):
    """The passages of one generation, to be searched by their row numbers."""

    def nearest(self, vector: Vectors, k: int) -> Rows:
        """Rows of the k passages nearest to a unit vector, best first."""
        ...

    def nearest_by_heading(self, vector: Vectors, k: int) -> Rows:
        """Rows of all passages of the k sections whose "title. heading" is nearest."""
        ...

    def lexical(self, query: LexicalQuery, k: int) -> dict[int, float]:
        """BM25 scores of the best k passages by row."""
        ...

    def cosines(self, vector: Vectors, rows: Rows) -> tuple[NDArray[np.float32], ...]:
        """Exact cosines of the given passages and of their headings, two arrays like `rows`."""
        ...

    def freshness(self, rows: Rows) -> NDArray[np.float64]:
        """How fresh the articles of the given passages are, about −1 to 1; 0 where unknown."""
        ...


class TokenCounter(Protocol):
    """Measures text in the encoder's own tokens."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones at both ends."""
        ...


class PassageEncoder(Encoder, TokenCounter, Protocol):
    """What the indexer needs of an encoder."""


class SafetyGate(Protocol):
    """Decides from the messages alone whether a reader needs help now."""

    def assess(self, message: str, history: Sequence[Turn]) -> Safety:
        """Level and category of a message in its conversation; needs no index, never raises."""
        ...

    def present(self, safety: Safety, locale: str, country: str | None) -> Safety:
        """The same verdict with wording for a locale and contacts for a country."""
        ...

    def limit(self, message: str) -> Reason | None:
        """Why a message may not be answered as it was asked, if so; never raises."""
        ...

    def limit_by_meaning(self, vector: Vectors, encoder: str) -> Reason | None:
        """The same for a question's unit vector (dimension,) of the encoder with a digest."""
        ...

    def article(self, safety: Safety) -> str | None:
        """The id of the article to link to beside a card, if editors chose one."""
        ...

    def fill(self, text: str, locale: str, country: str | None) -> str:
        """A text with {emergency}, {crisis} and {advice} replaced by whom to call in a country."""
        ...
