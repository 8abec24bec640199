from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.corpus import draft_article
from rag.embedding import CachingEncoder
from rag.embedding.onnx import OnnxEncoder
from rag.protocols import PassageEncoder
from rag.types import Span
from tests.doubles import HashingEncoder
from tests.making import make_article

TEXTS = [
    "What helps against sciatica?",
    "a",
    "Walking eases the pain for most people. " * 3,
    "Rest for a day.\nThen walk.",
    "",
    "椎管狭窄能治好吗？",
    "Walking eases the pain for most people. " * 60,
]
LONG = "Begin " + " ".join(f"word{number}" for number in range(999))


@pytest.fixture(params=["onnx", "caching", "hashing"])
def any_encoder(
    request: pytest.FixtureRequest, encoder: OnnxEncoder, tmp_path: Path
) -> PassageEncoder:
    """Every encoder keeps the contract, the double among them."""
    made: dict[str, PassageEncoder] = {
        "onnx": encoder,
        "caching": CachingEncoder(encoder, tmp_path / "vectors.sqlite"),
        "hashing": HashingEncoder(),
    }
    return made[str(request.param)]


def span_of(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


def test_vectors_have_the_dimension_and_length_one(any_encoder: PassageEncoder) -> None:
    texts = [text for text in TEXTS if text]
    vectors = any_encoder.encode(texts)
    assert (len(texts), any_encoder.info.dimension) == vectors.shape
    assert np.float32 == vectors.dtype
    np.testing.assert_allclose(np.ones(len(texts)), np.linalg.norm(vectors, axis=1), atol=1e-5)


def test_nothing_to_encode_is_no_error(any_encoder: PassageEncoder) -> None:
    assert (0, any_encoder.info.dimension) == any_encoder.encode([]).shape
    assert [] == any_encoder.encode_passages([], [])
    assert [] == any_encoder.count([])


def test_a_text_has_the_same_vector_in_any_company(any_encoder: PassageEncoder) -> None:
    together = any_encoder.encode(TEXTS)
    alone = np.concatenate([any_encoder.encode([text]) for text in TEXTS])
    backwards = any_encoder.encode(TEXTS[::-1])[::-1]
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(alone, backwards, atol=1e-5)


def test_a_passage_has_the_vector_of_its_text(any_encoder: PassageEncoder) -> None:
    spans = [[Span(0, len(text))] if text else [] for text in TEXTS]
    passages = any_encoder.encode_passages(TEXTS, spans)
    # The cache keeps half precision.
    np.testing.assert_allclose(
        any_encoder.encode(TEXTS), np.stack([p.passage for p in passages]), atol=5e-4
    )
    assert [len(s) for s in spans] == [len(p.sentences) for p in passages]


def test_each_sentence_has_a_vector_of_its_own_in_order(any_encoder: PassageEncoder) -> None:
    text = "Rest for a day. Walk on the next one. 😀 Then swim."
    parts = ["Rest for a day.", "Walk on the next one.", "Then swim."]
    [passage] = any_encoder.encode_passages([text], [[span_of(text, part) for part in parts]])
    nearest = (any_encoder.encode(parts) @ passage.sentences.T).argmax(axis=1)
    assert [0, 1, 2] == nearest.tolist()
    np.testing.assert_allclose(np.ones(3), np.linalg.norm(passage.sentences, axis=1), atol=1e-5)


def test_a_sentence_without_a_token_has_the_zero_vector(any_encoder: PassageEncoder) -> None:
    [passage] = any_encoder.encode_passages(["Walk.   Rest."], [[Span(6, 7), Span(0, 5)]])
    np.testing.assert_allclose([0.0, 1.0], np.linalg.norm(passage.sentences, axis=1), atol=1e-5)


def test_the_last_word_of_a_text_beyond_the_window_counts(any_encoder: PassageEncoder) -> None:
    first, second = any_encoder.encode([f"{LONG} sciatica.", f"{LONG} chickenpox."])
    assert np.abs(first - second).max() > 1e-4


def test_the_last_word_of_a_sentence_beyond_the_window_counts(any_encoder: PassageEncoder) -> None:
    """A thousand words in one sentence are one passage, of which nothing is cut."""
    vectors = []
    for last in ("sciatica", "chickenpox"):
        draft = draft_article(make_article("a", f"{LONG} {last}."), any_encoder, 256)
        [passage] = draft.passages
        [encoded] = any_encoder.encode_passages([passage.input.text], [passage.input.spans])
        vectors.append(np.vstack([encoded.passage, encoded.sentences]))
    difference = np.abs(vectors[0] - vectors[1]).max(axis=1)
    assert (difference > 1e-4).tolist() == [True, True]


def test_tokens_are_counted_without_the_special_ones(encoder: OnnxEncoder) -> None:
    assert [0, 1, 2, 4] == encoder.count(["", "a", "Knee.", "2.5 mg"])


def test_a_long_text_is_counted_to_its_end(encoder: OnnxEncoder) -> None:
    assert [5_000] == encoder.count(["knee " * 5_000])


def test_a_passage_of_the_default_model_fits_its_window_with_title_and_heading(
    encoder: OnnxEncoder,
) -> None:
    body = "Walking eases the pain for most people, e.g. 30 min a day. 多走动。休息。" * 40
    article = make_article("a", body, title="knee " * 120, headings=["why " * 50])
    draft = draft_article(article, encoder, encoder.info.window)
    sizes = encoder.count([passage.input.text for passage in draft.passages])
    assert len(sizes) > 5
    assert max(sizes) + 2 <= encoder.info.window


def test_several_threads_may_encode_at_once(encoder: OnnxEncoder) -> None:
    expected = encoder.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: encoder.encode(TEXTS), range(8)):
            np.testing.assert_allclose(expected, vectors, atol=1e-6)


def test_related_texts_are_nearer_than_unrelated_ones(encoder: OnnxEncoder) -> None:
    question, near, far = encoder.encode(
        ["Can sciatica heal by itself?", "Most sciatica gets better on its own.", "Bake at 180 °C."]
    )
    assert question @ near > 0.6
    assert question @ far < 0.2


def test_a_process_that_only_encodes_loads_no_torch(encoder_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.embedding import open_encoder\n"
        f"encoder = open_encoder(Path({str(encoder_folder)!r}), threads=1)\n"
        "assert encoder.encode(['What helps?']).shape == (1, 384)\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'huggingface_hub'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert "[]\n" == run.stdout
