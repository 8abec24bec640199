from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.extract import Quote
from rag.answering.units import find_units
from rag.text import jaccard, word_set
from rag.types import StoredPassage
from tests.answering.passages import (
    article_of,
    extracted,
    passage_of,
    passage_with,
    quotes_of,
    toward,
)

# Four sentences that share hardly a word.
A = "Most slipped discs shrink within a few months."
B = "Walking keeps muscles strong while nerves settle."
C = "Surgeons operate when legs become weak or numb."
D = "Smoking slows healing and dries cartilage out."


def test_nothing_is_extracted_where_nothing_may_be_quoted() -> None:
    assert extracted() == []
    assert extracted(passage_with(("How long does it last?", 0.9))) == []


def test_the_deciding_sentence_comes_first_and_the_others_as_they_are_read() -> None:
    passage = passage_with((A, 0.6), ("Too short.", 0.3), (B, 0.7), ("Short too.", 0.3), (C, 0.9))

    assert extracted(passage, relevance=[0.9]) == [C, A, B]


def test_passages_are_read_in_the_order_of_their_rank() -> None:
    first = passage_with((A, 0.85), article_id="a")
    second = passage_with((B, 0.95), article_id="b")
    third = passage_with((C, 0.85), article_id="c")

    assert extracted(first, second, third) == [B, A, C]


def test_a_sentence_that_fits_much_worse_than_the_best_is_left_out() -> None:
    assert extracted(passage_with((A, 0.95), ("Too short.", 0.0), (B, -0.5))) == [A]


def test_a_passage_that_fits_better_is_preferred() -> None:
    fitting = passage_with((A, 0.7), article_id="a")
    other = passage_with((B, 0.7), article_id="b")

    assert extracted(fitting, other, most=1, relevance=[0.1, 0.9]) == [B]
    assert extracted(fitting, other, most=1, relevance=[0.9, 0.1]) == [A]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_there_are_no_more_sentences_than_asked_for(most: int) -> None:
    passage = passage_with((A, 0.9), ("No.", 0.0), (B, 0.9), ("No.", 0.0), (C, 0.9))

    assert len(extracted(passage, most=most)) == most


def test_what_takes_more_sentences_than_asked_for_gives_way_to_what_fits() -> None:
    passage = passage_with((A, 0.7), (f"However, {B[0].lower()}{B[1:]}", 0.99))

    assert extracted(passage, most=1) == [A]
    assert extracted(passage, most=2) == [f"{A} However, {B[0].lower()}{B[1:]}"]


def test_direct_neighbours_become_one_quote() -> None:
    assert extracted(passage_with((A, 0.9), (B, 0.9), (C, 0.9))) == [f"{A} {B} {C}"]


def test_neighbours_in_neighbouring_passages_become_one_quote() -> None:
    article, spans = article_of([A, B])
    first = passage_of(article, spans[:1], vectors=toward(0.9))
    second = passage_of(article, spans[1:], before=spans[:1], vectors=toward(0.9), row=1)

    assert extracted(first, second) == [f"{A} {B}"]
    assert extracted(second, first)[0].startswith(A) or extracted(second, first) == [B, A]


def test_what_stands_between_two_sentences_keeps_them_apart() -> None:
    assert extracted(passage_with((A, 0.9), ("Too short.", 0.9), (B, 0.9))) == [A, B]


def test_neighbours_of_different_articles_stay_apart() -> None:
    one = passage_with((A, 0.9), article_id="a")
    other = passage_with((f"{' ' * len(A)}"[:0] + B, 0.9), article_id="b")

    assert extracted(one, other) == [A, B]


def test_the_same_sentence_in_two_articles_is_quoted_once() -> None:
    again = "Most slipped discs shrink within some months."

    assert extracted(passage_with((A, 0.9)), passage_with((again, 0.9), article_id="b")) == [A]


def test_a_sentence_that_another_contains_is_not_quoted_too() -> None:
    longer = f"{A[:-1]}, and most people then walk, work and sleep without any pain at all."

    assert extracted(passage_with((longer, 0.95), ("Short.", 0.0), (A, 0.9))) == [longer]


def test_a_sentence_is_not_quoted_twice_because_another_points_back_to_it() -> None:
    pointing = "It needs no operation."
    quotes = extracted(passage_with((A, 0.9), (pointing, 0.9)))

    assert quotes in ([A], [f"{A} {pointing}"])


def words_of(letter: str) -> str:
    return " ".join(f"{letter}{n}" for n in range(5))


def test_a_quote_does_not_repeat_two_neighbours_together() -> None:
    """Half of what it says stands in one of them, and half in the other."""
    both = f"{words_of('p')} {words_of('q')}."
    left, right = f"{words_of('p')} one two.", f"{words_of('q')} three four."
    quotes = extracted(
        passage_with((both, 0.95)), passage_with((left, 0.9), (right, 0.9), article_id="b")
    )

    for one, other in combinations(quotes, 2):
        assert jaccard(word_set(one), word_set(other)) < 0.6


def test_where_every_sentence_is_far_from_the_question_the_nearest_is_still_extracted() -> None:
    """`rag eval answers` gives the documents, and nothing abstains there."""
    passage = passage_with((A, -0.9), (B, -0.95))

    assert extracted(passage, relevance=[-0.5])[:1] == [A]


def test_equal_sentences_are_taken_in_reading_order_every_time() -> None:
    one = passage_with((A, 0.8), article_id="a")
    other = passage_with((B, 0.8), article_id="b")

    assert {tuple(extracted(one, other, most=1)) for _ in range(3)} == {(A,)}


WORDS = ["pain", "nerve", "disc", "rest", "walk", "heat", "cold", "back", "leg", "sleep", "heal"]
WORDS += ["weeks", "surgery", "doctor", "muscle"]
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=4, max_size=8).map(
    lambda drawn: f"{' '.join(drawn).capitalize()}."
)
ODD = st.sampled_from(
    ["However, it hurts.", "These help:", "What helps?", "No.", "Do not run.", "Go for short walks"]
)
PAIRS = st.lists(
    st.tuples(st.one_of(SENTENCE, SENTENCE, ODD), st.floats(-1, 1, width=32)),
    min_size=1,
    max_size=10,
)


@st.composite
def passages(draw: st.DrawFn) -> list[StoredPassage]:
    """Some articles, each in one passage or two."""
    found = []
    for article_id in "abc"[: draw(st.integers(1, 3))]:
        pairs = draw(PAIRS)
        article, spans = article_of([text for text, _ in pairs], article_id)
        vectors = toward(*(cosine for _, cosine in pairs))
        cut = draw(st.integers(1, len(spans)))
        found.append(passage_of(article, spans[:cut], vectors=vectors[:cut]))
        if cut < len(spans):
            later = passage_of(article, spans[cut:], spans[:cut], vectors[cut:], row=1)
            found.append(later)
    return draw(st.permutations(found))


def places(quote: Quote) -> set[tuple[str, int]]:
    return {(quote.stored.article.id, at) for at in range(quote.span.start, quote.span.end)}


@settings(deadline=None, max_examples=60)
@given(passages(), st.integers(1, 6))
def test_quotes_are_few_distinct_and_made_of_units(found: list[StoredPassage], most: int) -> None:
    quotes = quotes_of(*found, most=most)
    units = [
        (unit, stored.article) for n, stored in enumerate(found) for unit in find_units(n, stored)
    ]

    # Every sentence that is counted has an end of its own; only the items of lists have none.
    assert sum(quote.text.count(".") + quote.text.count("?") for quote in quotes) <= most
    for one, other in combinations(quotes, 2):
        assert not places(one) & places(other)
    for quote in quotes:
        inside = [
            unit.span
            for unit, article in units
            if article.id == quote.stored.article.id
            and quote.span.start <= unit.span.start
            and unit.span.end <= quote.span.end
        ]
        assert min(span.start for span in inside) == quote.span.start
        assert max(span.end for span in inside) == quote.span.end


@settings(deadline=None, max_examples=60)
@given(passages(), st.integers(1, 6))
def test_a_quote_ends_where_none_of_the_later_ones_begins(
    found: list[StoredPassage], most: int
) -> None:
    quotes = quotes_of(*found, most=most)

    for before, after in combinations(quotes, 2):
        text = before.stored.article.text
        same = before.stored.article.id == after.stored.article.id
        later = same and before.span.end <= after.span.start
        assert not later or text[before.span.end : after.span.start].strip()


@settings(deadline=None, max_examples=60)
@given(passages(), st.integers(1, 6))
def test_the_others_are_in_reading_order(found: list[StoredPassage], most: int) -> None:
    """By passage as ranked, then by place; a joined quote stands where its first sentence does."""
    order = {id(stored): number for number, stored in enumerate(found)}
    rest = quotes_of(*found, most=most)[1:]
    keys = [(order[id(quote.stored)], quote.span.start) for quote in rest]

    assert keys == sorted(keys)


@settings(deadline=None, max_examples=60)
@given(passages(), st.integers(1, 6))
def test_more_room_keeps_the_deciding_sentence(found: list[StoredPassage], most: int) -> None:
    few, many = quotes_of(*found, most=most), quotes_of(*found, most=most + 5)

    if few and all(unit.size == 1 for n, p in enumerate(found) for unit in find_units(n, p)):
        assert np.isin(list(places(few[0])), list(places(many[0]))).any()
