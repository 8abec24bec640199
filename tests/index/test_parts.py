"""However articles came into an index, what it holds and finds is the same."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.types import Article, Mode
from tests.making import (
    Corpus,
    build_index,
    live_texts,
    make_article,
    make_indexer,
    reading,
    searched,
    update,
)

SENTENCES = ["Walk on the knee.", "Rest the knee.", "Swim for an hour.", "The knee heals."]
BODIES = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map(" ".join)
HEADINGS = st.sampled_from(["", "What helps", "Knee"])


@st.composite
def articles_of(draw: st.DrawFn, article_id: str) -> Article:
    sections = draw(st.lists(st.tuples(BODIES, HEADINGS), min_size=1, max_size=3))
    return make_article(
        article_id,
        *(body for body, _ in sections),
        title=draw(st.sampled_from(["Back pain", "Knee pain"])),
        headings=[heading for _, heading in sections],
    )


CORPORA = st.lists(st.sampled_from("abcdef"), min_size=2, max_size=6, unique=True).flatmap(
    lambda ids: st.tuples(*(articles_of(article_id) for article_id in ids))
)


def index_in_parts(index: Path, parts: Sequence[Sequence[Article]]) -> None:
    """Each part is added to what is there, in an update of its own."""
    corpus = Corpus()
    for part in parts:
        corpus.put(*part)
        update(make_indexer(index, corpus))


def assert_the_same(first: Path, second: Path, *modes: Mode) -> None:
    """Compare what two indexes hold and find."""
    with reading(first) as one, reading(second) as other:
        assert live_texts(one) == live_texts(other)
        assert one.articles(None, 100) == other.articles(None, 100)
        for summary in one.articles(None, 100).articles:
            wanted = summary.article_id
            assert one.article(wanted).article == other.article(wanted).article
        for question in ("does the knee heal?", "walk or swim for an hour", "sciatica"):
            for mode in modes:
                scores = searched(one, question, mode)
                # Sums of the same numbers in another order.
                assert scores == pytest.approx(searched(other, question, mode), rel=1e-4, abs=1e-5)


@settings(max_examples=12, deadline=None)
@given(CORPORA, st.data())
def test_articles_indexed_in_parts_equal_the_same_articles_indexed_at_once(
    articles: tuple[Article, ...], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(articles))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(order) - 1), max_size=4)))
    parts = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        index_in_parts(Path(folder, "parts"), parts)
        build_index(Path(folder, "at once"), *articles)
        assert_the_same(Path(folder, "parts"), Path(folder, "at once"), *Mode)


@settings(max_examples=12, deadline=None)
@given(CORPORA, st.data())
def test_articles_indexed_by_way_of_other_versions_equal_the_same_articles_indexed_at_once(
    articles: tuple[Article, ...], data: st.DataObject
) -> None:
    """Word scores are left out: documents of dead passages count in them for a while."""
    earlier = [data.draw(articles_of(article.id)) for article in articles]
    first = data.draw(st.lists(st.sampled_from(earlier), min_size=1, unique_by=lambda a: a.id))
    second = data.draw(st.lists(st.sampled_from([*earlier, *articles]), max_size=4))
    with tempfile.TemporaryDirectory() as folder:
        index_in_parts(Path(folder, "parts"), [first, second, articles])
        build_index(Path(folder, "at once"), *articles)
        assert_the_same(Path(folder, "parts"), Path(folder, "at once"), Mode.DENSE)
        found = []
        for name in ("parts", "at once"):
            with reading(Path(folder, name)) as opened:
                found.append(searched(opened, "does the knee heal?", Mode.LEXICAL).keys())
        assert found[0] == found[1]


def test_ten_articles_indexed_one_by_one_equal_the_same_articles_indexed_at_once(
    tmp_path: Path,
) -> None:
    """So many parts that those of the word index are merged."""
    articles = [make_article(f"a{n}", "Walk. " * (n + 1), f"The knee {n}.") for n in range(10)]
    index_in_parts(tmp_path / "parts", [[article] for article in articles])
    build_index(tmp_path / "at once", *articles[::-1])
    assert_the_same(tmp_path / "parts", tmp_path / "at once", *Mode)
