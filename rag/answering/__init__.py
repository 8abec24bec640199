"""From ranked passages to quotes with citations, or an honest no."""

from rag.answering.compose import answer_text, compose, place_of_markers, verify_quotes
from rag.answering.deeplink import deep_link
from rag.answering.extract import Candidate, extract
from rag.answering.limited import general_quotes, may_be_quoted
from rag.answering.refusal import refusal
from rag.answering.support import evidence, helpful, is_supported, relevance
from rag.answering.wording import Wording, load_wording

__all__ = [
    "Candidate",
    "Wording",
    "answer_text",
    "compose",
    "deep_link",
    "evidence",
    "extract",
    "general_quotes",
    "helpful",
    "is_supported",
    "load_wording",
    "may_be_quoted",
    "place_of_markers",
    "refusal",
    "relevance",
    "verify_quotes",
]
