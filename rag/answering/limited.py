"""What may be quoted where a question asks for a decision about one person."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.amounts import names_amount, names_number
from rag.answering.extract import Quote
from rag.types import Reason

# What is asked here is helped by no quote, however general.
_NEVER_QUOTED = frozenset(
    {Reason.OVERDOSE_AMOUNT, Reason.EATING_DISORDER, Reason.PROCUREMENT, Reason.SELF_CARE}
)
# A threshold or a share of survivors would be taken for one's own.
_NO_NUMBERS = frozenset({Reason.RESULTS, Reason.PROGNOSIS})


def may_be_quoted(limit: Reason) -> bool:
    """Whether general sentences may follow what this service cannot do."""
    return limit not in _NEVER_QUOTED


def general_quotes(quotes: Sequence[Quote], limit: Reason) -> list[Quote]:
    """The quotes that hold nothing which could be taken for an answer to one person."""
    barred = names_number if limit in _NO_NUMBERS else names_amount
    return [quote for quote in quotes if not barred(quote.text)]
