from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from rag.index import Reading
from rag.types import LexicalQuery, Rows, Vectors
from tests.doubles import HashingEncoder
from tests.making import build_index, make_article, reading

KNEE = make_article(
    "knee",
    "Rest the knee for a day. " * 12,
    "Walk on the next one.",
    title="Knee pain",
    headings=["First", "Then"],
)
HIP = make_article("hip", "Swim for an hour.", title="Hip pain", headings=["Sports"])


def vector_of(text: str) -> Vectors:
    vector: Vectors = HashingEncoder().encode([text])[0]
    return vector


def texts(opened: Reading, rows: Rows) -> list[str]:
    return [stored.text for stored in opened.passages(rows.tolist())]


def body(*words: str) -> LexicalQuery:
    return LexicalQuery({"body": words}, {"body": 1.0})


def test_a_passage_is_nearest_to_what_was_encoded_of_it(tmp_path: Path) -> None:
    build_index(tmp_path, KNEE, HIP)
    with reading(tmp_path) as opened:
        rows = opened.view.nearest(vector_of("Hip pain. Sports\nSwim for an hour."), 100)
        assert "Swim for an hour." == texts(opened, rows)[0]
        assert sorted(opened.article_ids()) == sorted(rows.tolist())
        assert [] == opened.view.nearest(vector_of("swim"), 0).tolist()


def test_the_nearest_heading_gives_all_passages_of_its_section(tmp_path: Path) -> None:
    build_index(tmp_path, HIP, KNEE)
    with reading(tmp_path) as opened:
        rows = opened.view.nearest_by_heading(vector_of("Knee pain. First"), 1)
        first = KNEE.sections[0]
        found = opened.passages(rows.tolist())
        assert len(found) > 1
        assert (first.start, first.end - 1) == (found[0].passage.start, found[-1].passage.end)
        assert {("knee", "First")} == {(p.article.id, p.passage.section) for p in found}
        every = opened.view.nearest_by_heading(vector_of("Knee pain. First"), 100)
        assert sorted(opened.article_ids()) == sorted(every.tolist())


def test_cosines_are_those_of_passage_and_heading(tmp_path: Path) -> None:
    build_index(tmp_path, KNEE, HIP)
    question = vector_of("swim or walk?")
    with reading(tmp_path) as opened:
        rows = np.array(sorted(opened.article_ids(), reverse=True), np.int64)
        passages, headings = opened.view.cosines(question, rows)
        for row, passage, heading in zip(rows.tolist(), passages, headings, strict=True):
            [stored] = opened.passages([row])
            above = f"{stored.article.title}. {stored.passage.section}"
            # Vectors are stored in half precision.
            expected = [
                question @ vector_of(f"{above}\n{stored.text}"),
                question @ vector_of(above),
            ]
            np.testing.assert_allclose(expected, [passage, heading], atol=0.0005)


def test_words_are_found_in_title_heading_and_body(tmp_path: Path) -> None:
    build_index(tmp_path, KNEE, HIP)
    with reading(tmp_path) as opened:
        for field, word in {"title": "hip", "heading": "sports", "body": "swimming"}.items():
            found = opened.view.lexical(LexicalQuery({field: [word]}, {field: 1.0}), 10)
            assert ["Swim for an hour."] == texts(opened, np.array(list(found), np.int64))


def test_dead_passages_take_no_place_of_living_ones(tmp_path: Path) -> None:
    """They rank before the living ones, and are as many as the lexical index may hold."""
    dying = [make_article(f"a{n}", "Knee knee knee.") for n in range(6)]
    living = [make_article(f"b{n}", f"The knee and {n} other joints.") for n in range(6)]
    build_index(tmp_path, *dying, *living)
    build_index(tmp_path, *living)
    with reading(tmp_path) as opened:
        assert 12 == opened.view.searcher.num_docs
        for k in range(1, 8):
            found = opened.view.lexical(body("knee"), k)
            assert min(k, 6) == len(found)
            assert found.keys() <= opened.article_ids().keys()
        assert {} == opened.view.lexical(body("knee"), 0)


def test_scores_are_as_if_the_dead_had_never_been_once_the_word_index_is_made_again(
    tmp_path: Path,
) -> None:
    dying = [make_article(f"a{n}", f"Knee knee knee {n}.") for n in range(5)]
    living = [make_article(f"b{n}", f"The knee and {n} other joints.") for n in range(4)]
    more = make_article("c", "One more knee.")
    build_index(tmp_path / "changed", *dying, *living)
    build_index(tmp_path / "changed", *living)
    build_index(tmp_path / "changed", *living, more)
    build_index(tmp_path / "fresh", *living, more)
    found = []
    for name in ("changed", "fresh"):
        with reading(tmp_path / name) as opened:
            scores = opened.view.lexical(body("knee"), 10)
            ids = opened.article_ids()
            found.append({ids[row]: round(score, 5) for row, score in scores.items()})
    assert found[0] == found[1]
    assert 5 == len(found[0])


def test_a_corrected_article_is_found_by_its_new_words_only(tmp_path: Path) -> None:
    build_index(tmp_path, KNEE, HIP)
    build_index(tmp_path, KNEE, make_article("hip", "Cycle.", title="Hip pain"))
    with reading(tmp_path) as opened:
        assert {} == opened.view.lexical(body("swim"), 10)
        found = opened.view.lexical(body("cycle"), 10)
        assert ["Cycle."] == texts(opened, np.array(list(found), np.int64))


def test_where_all_is_withdrawn_nothing_is_found(tmp_path: Path) -> None:
    build_index(tmp_path, KNEE, HIP)
    build_index(tmp_path)
    with reading(tmp_path) as opened:
        assert 2 == opened.generation
        assert {} == opened.article_ids()
        assert {} == opened.view.lexical(body("swim"), 10)
        assert [] == opened.view.nearest(vector_of("swim"), 10).tolist()
        assert [] == opened.view.nearest_by_heading(vector_of("swim"), 10).tolist()


def test_articles_that_differ_in_nothing_but_their_id_are_all_found(tmp_path: Path) -> None:
    """They share their vectors."""
    build_index(tmp_path, HIP, replace(HIP, id="hip-2"))
    with reading(tmp_path) as opened:
        rows = opened.view.nearest(vector_of("swim"), 10)
        assert ["hip", "hip-2"] == sorted(p.article.id for p in opened.passages(rows.tolist()))
