"""Accept a graph only if its vectors are those of sentence-transformers."""

from __future__ import annotations

import numpy as np

from rag.embedding.onnx import OnnxEncoder
from rag.embedding.reference import SentenceTransformersEncoder
from rag.errors import ParityError

MINIMUM_COSINE = 0.9999
MINIMUM_QUESTION_COSINE = 0.985
_SENTENCE = "The spinal canal narrows with age, and the nerves inside it may be pressed. "

# Texts on which broken exports differ: empty, of one token, as long as the window, outside ASCII,
# and of very different lengths side by side, so that most of them are padded.
PROBES = (
    "",
    "a",
    "Knee.",
    "What helps against sciatica?",
    "DO NOT STOP your medicine without asking!",
    "Take 2.5 mg (half a tablet) at 8 p.m. — not 25 mg.",
    "椎管狭窄能治好吗？",
    "¿Se cura la estenosis espinal?",
    "naïve café — “quotes” and 😀 emoji",
    _SENTENCE,
    _SENTENCE * 5,
    _SENTENCE * 12,
    "word " * 254,
    "pneumonoultramicroscopicsilicovolcanoconiosis",
)


def is_near(questions: OnnxEncoder, encoder: OnnxEncoder) -> bool:
    """Whether an encoder for questions gives nearly the vectors of the one for passages.

    The mean cosine over all probes is at least MINIMUM_QUESTION_COSINE.
    """
    pairs = (questions.encode(PROBES) * encoder.encode(PROBES)).sum(axis=1)
    return float(pairs.mean()) >= MINIMUM_QUESTION_COSINE


def check_parity(encoder: OnnxEncoder, reference: SentenceTransformersEncoder) -> float:
    """The lowest cosine over all probes, each alone and all in one batch.

    Raises ParityError where it is below MINIMUM_COSINE.
    """
    fitting = [
        probe
        for probe, tokens in zip(PROBES, encoder.count(PROBES), strict=True)
        if tokens <= encoder.info.window - 2
    ]
    wanted = reference.encode_within_window(fitting)
    together = encoder.encode(fitting)
    alone = np.concatenate([encoder.encode([probe]) for probe in fitting])
    cosines = np.concatenate([(wanted * together).sum(axis=1), (wanted * alone).sum(axis=1)])
    lowest = float(cosines.min())
    if not lowest >= MINIMUM_COSINE:
        # The first that is not a number, if any, else the lowest.
        probe = fitting[int(np.argmin(cosines)) % len(fitting)]
        raise ParityError(
            f"The ONNX graph of {encoder.info.model} differs from sentence-transformers "
            f"(cosine {lowest:.4f} on {probe[:20]!r}). Please report it; nothing was indexed."
        )
    return lowest
