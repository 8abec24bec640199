from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from rag.corpus import draft_article
from rag.index.builds import lexical_folder, live_build, writing
from rag.index.lexical import open_lexical
from rag.index.lookups import known_sources, live_versions
from rag.index.schema import checksum
from rag.index.writer import Change, input_digest, missing_inputs, publish, store_vectors
from rag.types import Article, EncoderInput, LexicalQuery, PassageVectors, Span
from tests.doubles import HashingEncoder
from tests.making import build_index, database_of, live_texts, make_article, reading

WALK = make_article("walk", "Walk on the knee.")
REST = make_article("rest", "Rest the knee.")


def change_to(article: Article, summary: dict[str, int]) -> Change:
    draft = draft_article(article, HashingEncoder(), 64)
    return Change([draft], (), {article.id: ("path", "digest")}, summary)


def store_inputs(index: Path, change: Change) -> None:
    """Encode what a change needs."""
    encoder = HashingEncoder()
    passages = [passage.input for draft in change.published for passage in draft.passages]
    sections = [section.input for draft in change.published for section in draft.sections]
    with writing(live_build(index)) as database:
        missing = missing_inputs(database, passages + sections)
        vectors = encoder.encode_passages(
            [item.text for item in missing.values()], [item.spans for item in missing.values()]
        )
        store_vectors(database, zip(missing, vectors, strict=True))


@pytest.mark.parametrize(
    "other",
    [
        EncoderInput("Walk on!", (Span(0, 8),)),
        EncoderInput("Walk on.", (Span(0, 4), Span(5, 8))),
        EncoderInput("Walk on."),
    ],
)
def test_inputs_that_differ_in_text_or_spans_have_different_digests(other: EncoderInput) -> None:
    assert input_digest(other) != input_digest(EncoderInput("Walk on.", (Span(0, 8),)))


def test_what_has_a_vector_is_not_missing_and_what_has_none_is_so_once(tmp_path: Path) -> None:
    build_index(tmp_path, WALK)
    known = draft_article(WALK, HashingEncoder(), 64).passages[0].input
    new = EncoderInput("Swim.", (Span(0, 5),))
    with database_of(tmp_path) as database:
        assert {input_digest(new): new} == missing_inputs(database, [new, known, new])


def test_vectors_are_kept_all_or_none(tmp_path: Path) -> None:
    build_index(tmp_path, WALK)
    vectors = PassageVectors(np.ones(32, np.float32), np.ones((1, 32), np.float32))
    with database_of(tmp_path) as database:
        before = database.execute("SELECT count(*) FROM vectors").fetchone()
        with pytest.raises(Exception, match="UNIQUE"):
            store_vectors(database, [(b"1" * 16, vectors), (b"1" * 16, vectors)])
        assert before == database.execute("SELECT count(*) FROM vectors").fetchone()


def test_a_generation_says_what_it_changed_and_is_guarded(tmp_path: Path) -> None:
    build_index(tmp_path, WALK, REST)
    build_index(tmp_path, make_article("walk", "Walk on."), make_article("swim", "Swim."))
    with database_of(tmp_path) as database:
        rows = database.execute(
            "SELECT generation, created, summary, checksum FROM generations ORDER BY 1"
        ).fetchall()
    expected = [
        {"added": 2, "updated": 0, "withdrawn": 0},
        {"added": 1, "updated": 1, "withdrawn": 1},
    ]
    assert expected == [json.loads(row[2]) for row in rows]
    assert [1, 2] == [row[0] for row in rows]
    assert [row[3] for row in rows] == [checksum(*row[:3]) for row in rows]


def test_a_publication_that_fails_at_its_very_end_changes_nothing(tmp_path: Path) -> None:
    """The word index is committed by then: what only it knows is not served, and cleared away."""
    build_index(tmp_path, WALK, REST)
    build = live_build(tmp_path)
    cannot_be_written = {"added": cast(int, object())}
    change = change_to(make_article("swim", "Swimming helps."), cannot_be_written)
    store_inputs(tmp_path, change)
    with reading(tmp_path) as opened:
        before = live_texts(opened)
    with writing(build) as database, pytest.raises(TypeError):
        publish(database, build, change)
    lexical = open_lexical(lexical_folder(build) / "1")
    assert 3 == lexical.searcher().num_docs

    with reading(tmp_path) as opened:
        assert (1, before) == (opened.generation, live_texts(opened))
        swim = LexicalQuery({"body": ["swimming"]}, {"body": 1.0})
        assert {} == opened.view.lexical(swim, 10)
    with database_of(tmp_path) as database:
        assert {"walk": WALK.version, "rest": REST.version} == live_versions(database)
        assert {"walk", "rest"} == known_sources(database).keys()

    build_index(tmp_path, WALK, REST)
    assert ["2"] == [path.name for path in lexical_folder(build).iterdir()]
    with reading(tmp_path) as opened:
        assert (1, before) == (opened.generation, live_texts(opened))
        assert 2 == opened.view.searcher.num_docs


def test_the_word_index_grows_until_more_than_half_of_it_is_dead(tmp_path: Path) -> None:
    states = []
    for day in range(4):
        build_index(tmp_path, REST, make_article("walk", f"Walk on day {day}."))
        with database_of(tmp_path) as database:
            states.append(database.execute("SELECT folder, documents FROM derived").fetchone())
    assert [("1", 2), ("1", 3), ("1", 4), ("2", 2)] == states
    assert ["2"] == [path.name for path in lexical_folder(live_build(tmp_path)).iterdir()]


def test_equal_texts_share_a_vector_over_articles_and_versions(tmp_path: Path) -> None:
    same = make_article("twin", "Walk on the knee.")
    build_index(tmp_path, WALK, same)
    build_index(tmp_path, make_article("walk", "Walk on the knee.", "Then rest."), same)
    with database_of(tmp_path) as database:
        # Two passages and the title, which all sections share.
        assert (3,) == database.execute("SELECT count(*) FROM vectors").fetchone()
        assert (2,) == database.execute("SELECT count(*) FROM sentence_vectors").fetchone()
