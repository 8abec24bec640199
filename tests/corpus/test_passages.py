from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import draft_article, heading_text, split_sentences
from rag.types import Article, DraftArticle, Section
from tests.doubles import HashingEncoder
from tests.making import make_article

COUNTER = HashingEncoder()
LONG = "Begin " + " ".join(f"word{number}" for number in range(999))

SENTENCES = st.integers(1, 40).map(lambda n: " ".join(["Walk", *["on"] * (n - 1)]) + ".")
BODIES = st.lists(SENTENCES, min_size=1, max_size=25).map(" ".join)
ARTICLES = st.builds(
    lambda bodies, title: make_article(
        "a", *bodies, title=title, headings=[f"Heading {n}" for n in range(len(bodies))]
    ),
    st.lists(BODIES, min_size=1, max_size=4),
    st.sampled_from(["Back pain", "Does it heal?", "word " * 90]),
)
WINDOWS = st.sampled_from([16, 64, 256, 512])


def passages_limit(window: int) -> int:
    """Tokens that a passage may have: three quarters of the window, but never more than 180."""
    return min(180, int((window - 2) * 0.75))


def texts(draft: DraftArticle) -> list[str]:
    return [draft.article.text[p.start : p.end] for p in draft.passages]


@settings(max_examples=60, deadline=None)
@given(ARTICLES, WINDOWS)
def test_every_sentence_of_every_section_is_in_exactly_one_passage(
    article: Article, window: int
) -> None:
    draft = draft_article(article, COUNTER, window)
    expected = [
        (section.heading, section.start + span.start, section.start + span.end)
        for section in article.sections
        for span in split_sentences(article.text[section.start : section.end])
    ]
    assert expected == [
        (draft.sections[passage.section].heading, span.start, span.end)
        for passage in draft.passages
        for span in passage.sentences
    ]


@settings(max_examples=60, deadline=None)
@given(ARTICLES, WINDOWS)
def test_a_passage_begins_and_ends_with_its_sentences(article: Article, window: int) -> None:
    for passage in draft_article(article, COUNTER, window).passages:
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end


@settings(max_examples=60, deadline=None)
@given(ARTICLES, WINDOWS)
def test_a_passage_keeps_to_its_limit_unless_it_is_one_sentence(
    article: Article, window: int
) -> None:
    for passage in draft_article(article, COUNTER, window).passages:
        [tokens] = COUNTER.count([article.text[passage.start : passage.end]])
        assert tokens <= passages_limit(window) or len(passage.sentences) == 1


@settings(max_examples=60, deadline=None)
@given(ARTICLES, WINDOWS)
def test_what_is_encoded_ends_with_the_passage_and_its_spans_are_its_sentences(
    article: Article, window: int
) -> None:
    for passage in draft_article(article, COUNTER, window).passages:
        encoded = passage.input.text
        assert encoded.endswith("\n" + article.text[passage.start : passage.end])
        assert [article.text[s.start : s.end] for s in passage.sentences] == [
            encoded[s.start : s.end] for s in passage.input.spans
        ]


@settings(max_examples=60, deadline=None)
@given(ARTICLES, WINDOWS)
def test_what_is_encoded_fits_the_window_unless_one_sentence_is_too_long(
    article: Article, window: int
) -> None:
    for passage in draft_article(article, COUNTER, window).passages:
        [tokens] = COUNTER.count([passage.input.text])
        assert tokens + 2 <= window or len(passage.sentences) == 1


@pytest.mark.parametrize("window", [64, 256])
def test_a_sentence_longer_than_a_passage_may_be_is_a_passage_of_its_own(window: int) -> None:
    article = make_article("a", f"Before. {LONG}. After.")
    assert ["Before.", f"{LONG}.", "After."] == texts(draft_article(article, COUNTER, window))


def test_passages_of_a_section_are_of_about_the_same_size() -> None:
    article = make_article("a", " ".join(["Walk ten steps and then rest."] * 11))
    sizes = COUNTER.count(texts(draft_article(article, COUNTER, 64)))
    # 66 tokens at 46 a passage are two of 36 and 30, not one of 42 and one of 24.
    assert [36, 30] == sizes


def test_a_passage_never_spans_two_sections() -> None:
    article = make_article("a", "Walk.", "Rest.", headings=["Do", "Also"])
    draft = draft_article(article, COUNTER, 256)
    assert ["Walk.", "Rest."] == texts(draft)
    assert ["Do", "Also"] == [section.heading for section in draft.sections]
    assert [0, 1] == [passage.section for passage in draft.passages]


def test_a_section_without_a_sentence_is_left_out() -> None:
    article = make_article("a", "Walk.")
    blank = replace(article, text=article.text + "\n  \n", sections=(Section("Empty", 6, 8),))
    assert () == draft_article(blank, COUNTER, 256).sections
    both = replace(blank, sections=(*blank.sections, *article.sections))
    assert [0] == [passage.section for passage in draft_article(both, COUNTER, 256).passages]


def test_an_article_is_cut_alike_whoever_else_is_cut() -> None:
    article = make_article("a", "Walk on. " * 40, "Rest.", headings=["Do", "Also"])
    first = draft_article(article, COUNTER, 64)
    draft_article(make_article("b", LONG), COUNTER, 64)
    assert first == draft_article(article, COUNTER, 64)


def test_offsets_count_code_points_outside_the_basic_plane() -> None:
    article = make_article("a", "😀 gut. 椎管 狭窄。 Ende.", headings=["😀"])
    assert ["😀 gut. 椎管 狭窄。 Ende."] == texts(draft_article(article, COUNTER, 256))


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("Back pain", "", "Back pain"),
        ("Back pain", "BACK PAIN", "Back pain"),
        ("Back pain", "Causes", "Back pain. Causes"),
        ("What is it?", "Causes", "What is it? Causes"),
        ("Now!", "Causes", "Now! Causes"),
        ("腰痛？", "原因", "腰痛？ 原因"),
        ("A title.", "Causes", "A title. Causes"),
    ],
)
def test_a_heading_is_encoded_after_its_title(title: str, heading: str, expected: str) -> None:
    assert expected == heading_text(title, heading)


def test_a_title_too_long_for_the_window_is_cut_at_a_word_beside_passages_only() -> None:
    title = "word " * 89 + "end"
    draft = draft_article(make_article("a", "Walk.", title=title), COUNTER, 64)
    assert title == draft.sections[0].input.text
    lead = draft.passages[0].input.text.removesuffix("\nWalk.")
    assert title.startswith(lead + " ")
    assert len(lead.split()) <= 64 - 2 - passages_limit(64)
