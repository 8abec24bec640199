from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import answer_text, compose, verify_quotes
from rag.answering.compose import with_markers
from rag.answering.extract import Quote
from rag.errors import QuoteMismatch
from rag.text import collapse
from rag.types import Article, Citation, Span, Statement
from tests.answering.passages import article_of, passage_of

A = "Most slipped discs shrink."
B = "Walking keeps muscles strong."
C = "Smoking slows healing."


def quotes_from(*sentences: str, article_id: str = "a", version: str = "v" * 16) -> list[Quote]:
    """One quote for each sentence of an article."""
    article, spans = article_of(sentences, article_id, "What helps", version)
    return [Quote(passage_of(article, spans), span) for span in spans]


def store(*articles: Article) -> Callable[[str, str], Article]:
    """What reads these article versions."""
    held = {(article.id, article.version): article for article in articles}
    return lambda article_id, version: held[article_id, version]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rest helps.", "Rest helps [1]."),
        ("Rest helps!", "Rest helps [1]!"),
        ("Does rest help?!", "Does rest help [1]?!"),
        ("And so on...", "And so on [1]..."),
        ("And so on…", "And so on [1]…"),
        ("Do this:", "Do this [1]:"),
        ("Go for short walks", "Go for short walks [1]"),
        ("He said: “Rest.”", "He said: “Rest [1].”"),
        ('He said: "Rest."', 'He said: "Rest [1]."'),
        ("(Rest helps.)", "(Rest helps [1].)"),
        ("(They say: “Rest.”)", "(They say: “Rest [1].”)"),
        ("Elle dit : «Repos.»", "Elle dit : «Repos [1].»"),
        ("卧床休息没有帮助。", "卧床休息没有帮助 [1]。"),
        ("医生说：「多走路。」", "医生说：「多走路 [1]。」"),
        ("（多走路！）", "（多走路 [1]！）"),
        ("Take 2.5 mg a day.", "Take 2.5 mg a day [1]."),
        ("It is 5 p.m. in Bern.", "It is 5 p.m. in Bern [1]."),
        ("Rest helps in most people.[3]", "Rest helps in most people [1].[3]"),
        ("Rest helps. [3, 5–7]", "Rest helps [1]. [3, 5–7]"),
    ],
)
def test_markers_stand_before_the_final_punctuation(text: str, expected: str) -> None:
    assert expected == with_markers(Statement(text, (1,)))


@pytest.mark.parametrize("mark", ["।", "؟", "۔", "։", "።", "｡"])
def test_markers_stand_before_the_final_punctuation_of_every_script(mark: str) -> None:
    assert f"word [1]{mark}" == with_markers(Statement(f"word{mark}", (1,)))


def test_markers_stand_before_the_final_punctuation_in_french_quotation_marks() -> None:
    assert "Il dit : « Repos [1]. »" == with_markers(Statement("Il dit : « Repos. »", (1,)))


def test_several_markers_stand_together_in_order() -> None:
    assert "Rest helps [2] [7]." == with_markers(Statement("Rest helps.", (2, 7)))


def test_a_statement_in_the_middle_is_marked_like_the_last() -> None:
    statements = [Statement(A, (1,)), Statement("(See B.)", (2,)), Statement("Walk", (1,))]

    assert "Most slipped discs shrink [1]. (See B [2].) Walk [1]" == answer_text(statements)


def test_no_statement_makes_no_text() -> None:
    assert "" == answer_text([])


BARE = st.text(st.sampled_from("ab é走。.!?…:,;'\"”’»)]」』 (“«「"), max_size=12).map(collapse)
STATEMENTS = st.lists(
    st.builds(Statement, BARE, st.lists(st.integers(1, 30), max_size=3).map(tuple)), max_size=5
)


@given(STATEMENTS)
def test_without_its_markers_an_answer_is_its_statements(statements: list[Statement]) -> None:
    bare = re.sub(r" \[\d+\]", "", answer_text(statements))

    assert " ".join(statement.text for statement in statements) == bare


@given(
    st.text("ab é走", min_size=1).map(collapse).filter(bool),
    st.sampled_from([".", "!", "?", "…", "?!", "。", "！", "？"]),
    st.text("\"'”’»)]」』", max_size=3),
)
def test_closing_quotes_and_brackets_belong_to_the_final_punctuation(
    words: str, mark: str, closers: str
) -> None:
    statement = Statement(f"{words}{mark}{closers}", (4,))

    assert f"{words} [4]{mark}{closers}" == with_markers(statement)


def test_each_quote_becomes_a_statement_with_a_citation_that_says_where_it_stands() -> None:
    quotes = quotes_from(A, B)
    article = quotes[0].stored.article
    statements, citations = compose(quotes)

    at = len("What helps\n")
    assert (Statement(A, (1,)), Statement(B, (2,))) == statements
    assert (
        Citation(1, article, "What helps", at, at + len(A), A),
        Citation(2, article, "What helps", at + len(A) + 1, at + len(A) + 1 + len(B), B),
    ) == citations


def test_citations_are_numbered_by_first_use_and_used_again() -> None:
    a, b, c = quotes_from(A, B, C)
    statements, citations = compose([c, a, c, b, a])

    assert [(1,), (2,), (1,), (3,), (2,)] == [statement.citations for statement in statements]
    assert [(1, C), (2, A), (3, B)] == [(cited.number, cited.quote) for cited in citations]


def test_the_same_place_in_another_article_or_version_has_a_number_of_its_own() -> None:
    quotes = [
        *quotes_from(A, article_id="a"),
        *quotes_from(A, article_id="b"),
        *quotes_from(A, article_id="a", version="w" * 16),
    ]

    assert [1, 2, 3] == [cited.number for cited in compose(quotes)[1]]


def test_a_quote_over_several_lines_is_a_statement_of_one_line() -> None:
    article, spans = article_of(["These steps help:", "\n\nWalk", "\nRest"])
    whole = Quote(passage_of(article, spans), Span(spans[0].start, spans[-1].end))
    (statement,), (citation,) = compose([whole])

    assert "These steps help: Walk Rest" == statement.text
    assert "These steps help:\n\nWalk\nRest" == citation.quote


def test_nothing_is_composed_of_nothing() -> None:
    assert ((), ()) == compose([])


@given(st.lists(st.integers(0, 2), max_size=6))
def test_whatever_is_composed_is_verified(order: list[int]) -> None:
    quotes = quotes_from(A, B, C)
    statements, citations = compose([quotes[n] for n in order])

    verify_quotes(statements, citations, store(quotes[0].stored.article))
    assert list(range(1, len(set(order)) + 1)) == [cited.number for cited in citations]


@given(st.integers(0, len(A) - 1), st.characters(exclude_characters=A))
def test_a_quote_that_differs_from_the_stored_text_by_one_character_is_never_shown(
    at: int, other: str
) -> None:
    quotes = quotes_from(A, B)
    article = quotes[0].stored.article
    start = quotes[0].span.start + at
    changed = replace(article, text=f"{article.text[:start]}{other}{article.text[start + 1 :]}")
    statements, citations = compose(quotes)

    with pytest.raises(QuoteMismatch, match="'a'"):
        verify_quotes(statements, citations, store(changed))


@pytest.mark.parametrize("shift", [(1, 0), (0, 1), (0, -1), (-1, -1), (500, 500)])
def test_a_citation_of_another_place_is_never_shown(shift: tuple[int, int]) -> None:
    statements, (citation, _) = compose(quotes_from(A, B))
    moved = replace(citation, start=citation.start + shift[0], end=citation.end + shift[1])

    with pytest.raises(QuoteMismatch):
        verify_quotes(statements[:1], [moved], store(citation.article))


def test_a_quote_is_looked_for_in_the_version_that_is_cited() -> None:
    quotes = quotes_from(A, version="1" * 16)
    newer = quotes_from(B, version="2" * 16)[0].stored.article
    statements, citations = compose(quotes)
    other = replace(citations[0], article=newer)

    verify_quotes(statements, citations, store(quotes[0].stored.article, newer))
    with pytest.raises(QuoteMismatch, match="2222"):
        verify_quotes(statements, [other], store(quotes[0].stored.article, newer))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (A[:-1], (1,)),
        (f"{A} ", (1,)),
        (f"{A} {B}", (1,)),
        (f"{B} {A}", (1, 2)),
        (A.lower(), (1,)),
        (A, (2,)),
        (A, (3,)),
        (A, ()),
        (A, (1, 2)),
    ],
)
def test_a_statement_that_is_not_exactly_its_quotes_is_never_shown(
    text: str, numbers: tuple[int, ...]
) -> None:
    quotes = quotes_from(A, B)
    citations = compose(quotes)[1]

    with pytest.raises(QuoteMismatch, match="statement"):
        verify_quotes([Statement(text, numbers)], citations, store(quotes[0].stored.article))


def test_a_statement_may_be_several_quotes() -> None:
    quotes = quotes_from(A, B)
    citations = compose(quotes)[1]

    verify_quotes([Statement(f"{B} {A}", (2, 1))], citations, store(quotes[0].stored.article))
