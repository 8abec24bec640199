from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.query import lexical_query
from rag.text import content_words, words


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How long does sciatica last?", ["long", "sciatica"]),
        ("What is the treatment for a slipped disc?", ["treatment", "slipped", "disc"]),
        ("I don’t sleep: is it my PILLOW?", ["sleep", "pillow"]),
        ("pain, pain, pain", ["pain", "pain", "pain"]),
    ],
)
def test_content_words_say_what_a_question_is_about(question: str, expected: list[str]) -> None:
    assert expected == content_words(question)


@pytest.mark.parametrize("question", ["What is it?", "who", "To be or not to be"])
def test_where_no_word_has_content_all_count(question: str) -> None:
    assert words(question) == content_words(question)


def test_words_without_content_are_looked_for_in_titles_and_headings_only() -> None:
    query = lexical_query("What is the cure?")

    assert {
        "title": ["what", "is", "the", "cure"],
        "heading": ["what", "is", "the", "cure"],
        "body": ["cure"],
    } == query.words


def test_every_field_counts() -> None:
    query = lexical_query("What is the cure?")

    assert set(query.words) == set(query.weights)
    assert all(weight > 0 for weight in query.weights.values())


def test_a_question_without_a_word_looks_for_nothing() -> None:
    assert {"title": [], "heading": [], "body": []} == lexical_query("?!").words


@given(st.lists(st.sampled_from(["what", "is", "the", "Disc", "nerve's", "pain", "to", "?"])))
def test_content_words_are_some_of_the_words_in_their_order(drawn: list[str]) -> None:
    question = " ".join(drawn)
    every, content = words(question), content_words(question)
    rest = iter(every)

    assert all(word in rest for word in content)
    assert bool(every) == bool(content)
    assert content in (every, [word for word in every if word in {"disc", "nerve's", "pain"}])
