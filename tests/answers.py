"""Arbitrary answers that keep the rules of the contract, for property tests."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from rag.answering import answer_text
from rag.text import collapse
from rag.types import (
    Answer,
    Article,
    Citation,
    Disclaimer,
    Level,
    Outcome,
    Question,
    Safety,
    Statement,
)
from tests.doubles import EMERGENCY_CONTACT, ScriptedAssistant

# Text as articles have it: no control characters but line ends, no lone surrogates.
words = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn"), include_characters="\n"),
    min_size=1,
    max_size=60,
).filter(lambda text: bool(collapse(text)))
addresses = st.none() | st.sampled_from(
    ["https://news.example/a", "http://x.example/?q=(1)&r=[2]#part", 'https://x.example/">\\)`']
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return Article(
        id=draw(st.from_regex(r"[a-z][a-z0-9._-]{0,9}", fullmatch=True)),
        version=draw(st.from_regex(r"[0-9a-f]{16}", fullmatch=True)),
        title=collapse(draw(words)),
        text=draw(words),
        publisher=draw(st.none() | words),
        url=draw(addresses),
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer of any outcome; citations are numbered by first use, and each is used."""
    safety = draw(st.sampled_from(Level).flatmap(_safeties))
    disclaimer = Disclaimer(draw(words), "1", "en")
    bare = Answer("ans_drawn", Outcome.ABSTAINED, draw(words), safety, disclaimer)
    if safety.level in (Level.EMERGENCY, Level.CRISIS):
        return replace(bare, outcome=Outcome(safety.level.value), text=safety.notice or "")
    order = draw(st.lists(st.integers(0, 3), max_size=6))
    quoted = {n: draw(articles()) for n in dict.fromkeys(order)}
    numbers = {n: number for number, n in enumerate(quoted, start=1)}
    citations = tuple(
        Citation(numbers[n], article, "", 0, len(article.text), article.text)
        for n, article in quoted.items()
    )
    statements = tuple(Statement(collapse(quoted[n].text), (numbers[n],)) for n in order)
    if not statements:
        return bare
    outcome = draw(st.sampled_from([Outcome.ANSWERED, Outcome.LIMITED]))
    fixed = f"{collapse(draw(words))} " if outcome is Outcome.LIMITED else ""
    return replace(
        bare,
        outcome=outcome,
        text=fixed + answer_text(statements),
        statements=statements,
        citations=citations,
    )


class Telling(ScriptedAssistant):
    """An assistant whose gate, disclaimer and answer are those of the answer it was given last."""

    def __init__(self) -> None:
        super().__init__(lambda question: self.told)

    def tell(self, answer: Answer) -> None:
        self.told = answer

    def safety(self, question: Question) -> Safety:
        return self.told.safety

    def disclaimer(self, locale: str | None) -> Disclaimer:
        return self.told.disclaimer


def _safeties(level: Level) -> st.SearchStrategy[Safety]:
    if level is Level.NONE:
        return st.just(Safety())
    return st.builds(Safety, st.just(level), st.none(), words, st.just((EMERGENCY_CONTACT,)))
