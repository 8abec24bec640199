"""Which passages are about a question."""

from rag.retrieval.query import content_words
from rag.retrieval.rank import RankingWeights, rank

__all__ = ["RankingWeights", "content_words", "rank"]
