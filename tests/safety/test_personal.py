"""What is heard from a question's vector, where the rules have no words for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.embedding import encoder_digest, find_model, prepare_question_encoder
from rag.embedding.model import DEFAULT_MODEL
from rag.protocols import Encoder
from rag.safety import load_gate
from rag.safety.personal import load_personal
from rag.safety.tables import read_bytes, read_table
from rag.types import Reason
from tests.safety.personal_training import THRESHOLD, data_digest

# In words that no rule of limits has: otherwise the vector would decide nothing here.
REQUESTS = {
    "trying to work out how many of the 5 mg tablets I ought to be on these days": (
        Reason.PERSONAL_DOSING
    ),
    "the report mentions a ferritin of 9 for me, tell me what that says about my health": (
        Reason.RESULTS
    ),
}
ORDINARY = (
    "What helps against tension headaches?",
    "Which exercises are recommended for people with sciatica?",
    "How does metformin work in the body?",
    "Is rheumatoid arthritis hereditary?",
)


@pytest.fixture(scope="module")
def encoder(encoder_cache: Path) -> Encoder:
    return prepare_question_encoder(find_model(DEFAULT_MODEL), encoder_cache, None)


@pytest.mark.parametrize(("text", "reason"), REQUESTS.items())
def test_a_request_in_other_words_than_the_rules_have_is_heard(
    encoder: Encoder, text: str, reason: Reason
) -> None:
    gate = load_gate()
    assert gate.limit(text) is None
    assert gate.limit_by_meaning(encoder.encode([text])[0], encoder.info.digest) is reason


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_question_is_not_limited(encoder: Encoder, text: str) -> None:
    vector = encoder.encode([text])[0]
    assert load_gate().limit_by_meaning(vector, encoder.info.digest) is None


def test_it_is_silent_with_vectors_of_another_encoder(encoder: Encoder) -> None:
    vector = encoder.encode([next(iter(REQUESTS))])[0]
    assert load_gate().limit_by_meaning(vector, "another") is None


def test_the_weights_are_of_the_default_model_and_of_the_committed_messages() -> None:
    table = read_table("personal.toml")
    assert table["encoder"] == encoder_digest(find_model(DEFAULT_MODEL))
    assert (table["messages"], table["threshold"]) == (data_digest(), THRESHOLD)


def test_other_weights_than_the_described_ones_are_refused() -> None:
    raw = bytearray(read_bytes("personal.bin"))
    raw[100] ^= 1
    with pytest.raises(ValueError, match=r"personal\.bin"):
        load_personal(bytes(raw), read_table("personal.toml"))


def test_scores_are_log_odds_against_an_ordinary_question(encoder: Encoder) -> None:
    personal = load_gate().personal
    vector = encoder.encode(["Is it hereditary?"])[0]
    expected = personal.weights @ vector + personal.biases
    assert np.allclose(personal.scores(vector), expected, atol=1e-4)
