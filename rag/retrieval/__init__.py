"""Which passages are about a question."""

from rag.retrieval.rank import RankingWeights, rank

__all__ = ["RankingWeights", "rank"]
