"""From ranked passages to quotes with citations, or an honest no."""

from rag.answering.amounts import names_amount, names_number
from rag.answering.compose import answer_text, compose, verify_quotes
from rag.answering.deeplink import deep_link
from rag.answering.extract import Candidate, Quote, extract
from rag.answering.refusal import refusal
from rag.answering.support import evidence, helpful, is_supported, relevance
from rag.answering.wording import Wording, load_wording

__all__ = [
    "Candidate",
    "Quote",
    "Wording",
    "answer_text",
    "compose",
    "deep_link",
    "evidence",
    "extract",
    "helpful",
    "is_supported",
    "load_wording",
    "names_amount",
    "names_number",
    "refusal",
    "relevance",
    "verify_quotes",
]
