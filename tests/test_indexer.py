from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from rag.corpus import Rejection, read_sources, split_sentences, understand
from rag.errors import (
    CorpusError,
    IndexBusy,
    IndexMissing,
    ModelError,
    WithdrawalRefused,
)
from rag.index.builds import live_build, writer_lock
from rag.index.lookups import known_sources
from rag.indexer import Indexer, IndexOptions
from rag.protocols import PassageEncoder
from rag.types import Article, Notice, PassageVectors, Span, Status
from tests.doubles import HashingEncoder
from tests.making import (
    RECIPE,
    Corpus,
    database_of,
    live_texts,
    make_article,
    make_indexer,
    reading,
    update,
)

OTHER = replace(RECIPE, chunking="test-2")
WALK = make_article("walk", "Walk on the knee.")
WALK_2 = make_article("walk", "Walk on the knee each day.")
REST = make_article("rest", "Rest the knee.")
SWIM = make_article("swim", "Swim with the knee.")


def corpus_of(*articles: Article) -> Corpus:
    corpus = Corpus()
    corpus.put(*articles)
    return corpus


def many(count: int) -> list[Article]:
    return [make_article(f"a{n:03}", f"The knee on day {n}.") for n in range(count)]


def forbidden() -> PassageEncoder:
    raise AssertionError("the encoder is loaded though nothing has changed")


def snapshot(index: Path) -> tuple[int, Path, dict[str, str]]:
    """All that a reader sees: the generation, its build, and every live passage."""
    with reading(index) as opened:
        return opened.generation, live_build(index), dict(live_texts(opened))


def texts_of(index: Path) -> set[str]:
    return set(snapshot(index)[2].values())


def indexer_of_folder(index: Path, folder: Path) -> Indexer:
    """An indexer of a corpus folder that is on disk."""
    return Indexer(
        partial(read_sources, folder),
        partial(understand, split=split_sentences),
        index,
        RECIPE,
        HashingEncoder,
    )


# Counting and encoding


def test_what_is_new_changed_the_same_and_gone_is_counted(tmp_path: Path) -> None:
    corpus = corpus_of(WALK, REST)
    first = update(make_indexer(tmp_path, corpus))
    assert (1, 2, 2) == (first.generation, first.articles, first.passages)
    assert (2, 0, 0, 0) == (first.added, first.updated, first.unchanged, first.withdrawn)

    corpus.put(WALK_2, SWIM, make_article("cycle", "Cycle.", "Then rest.", headings=["A", "B"]))
    corpus.remove("rest")
    second = update(make_indexer(tmp_path, corpus))
    assert (2, 3, 4) == (second.generation, second.articles, second.passages)
    assert (2, 1, 0, 1) == (second.added, second.updated, second.unchanged, second.withdrawn)
    assert {WALK_2.text, SWIM.text, "Cycle.", "Then rest."} == texts_of(tmp_path)

    corpus.put(WALK)
    third = update(make_indexer(tmp_path, corpus))
    assert (0, 1, 2, 0) == (third.added, third.updated, third.unchanged, third.withdrawn)


def test_unchanged_articles_make_no_generation_and_load_no_encoder(tmp_path: Path) -> None:
    corpus = corpus_of(WALK, REST)
    update(make_indexer(tmp_path, corpus))
    before = snapshot(tmp_path)
    report = update(make_indexer(tmp_path, corpus, forbidden))
    assert (1, 2, 2, 2) == (report.generation, report.articles, report.passages, report.unchanged)
    assert 0 == report.embedded_passages
    assert before == snapshot(tmp_path)


def test_where_nothing_has_changed_the_encoder_is_mended_all_the_same(tmp_path: Path) -> None:
    corpus, mended = Corpus(), list[bool]()
    corpus.put(make_article("a", "Walk on."))
    indexer = replace(make_indexer(tmp_path, corpus), mend_encoder=lambda: mended.append(True))
    update(indexer)
    assert [] == mended
    update(indexer)
    assert [True] == mended


def test_a_file_that_changes_in_nothing_citable_makes_no_generation(tmp_path: Path) -> None:
    folder, index = tmp_path / "corpus", tmp_path / "index"
    folder.mkdir()
    (folder / "knee.md").write_text("# Knee pain\n\nWalk on.\n")
    update(indexer_of_folder(index, folder))
    before = snapshot(index)
    (folder / "knee.md").write_text("# Knee pain\n\n\nWalk   on.\n\n")
    for _ in range(2):
        report = update(indexer_of_folder(index, folder))
        assert (1, 1, 0) == (report.generation, report.unchanged, report.embedded_passages)
    assert before == snapshot(index)
    # Its new digest is known from now on, so it is not understood again.
    update(replace(indexer_of_folder(index, folder), encoder=forbidden))


def test_only_passages_that_change_are_encoded_again(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    headings = ["Why", "How", "When"]
    before = make_article("knee", "It swells.", "Walk on.", "Each day.", headings=headings)
    after = make_article("knee", "It swells.", "Swim a lot.", "Each day.", headings=headings)
    corpus = corpus_of(before, WALK)
    first = update(make_indexer(tmp_path, corpus, lambda: encoder))
    assert (4, 8) == (first.embedded_passages, len(encoder.encoded))

    corpus.put(after)
    encoder.encoded.clear()
    second = update(make_indexer(tmp_path, corpus, lambda: encoder))
    assert 1 == second.embedded_passages
    assert ["Back pain. How\nSwim a lot."] == encoder.encoded
    assert {"It swells.", "Swim a lot.", "Each day.", WALK.text} == texts_of(tmp_path)

    corpus.put(before)
    encoder.encoded.clear()
    third = update(make_indexer(tmp_path, corpus, lambda: encoder))
    assert (0, []) == (third.embedded_passages, encoder.encoded)
    assert {"It swells.", "Walk on.", "Each day.", WALK.text} == texts_of(tmp_path)


def test_a_text_that_stands_in_several_articles_is_encoded_once(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    twins = [make_article(name, "Walk on.") for name in ("a", "b", "c")]
    report = update(make_indexer(tmp_path, corpus_of(*twins), lambda: encoder))
    assert ["Back pain", "Back pain\nWalk on."] == sorted(encoder.encoded)
    assert (1, 3) == (report.embedded_passages, report.passages)


# Interruptions


@dataclass
class FailingEncoder(HashingEncoder):
    """An encoder that fails after so many parts."""

    parts: int = 1

    def encode_passages(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageVectors]:
        if self.parts == 0:
            raise ModelError("out of memory")
        self.parts -= 1
        return super().encode_passages(texts, sentences)


def test_an_interrupted_run_changes_nothing_and_the_next_goes_on_from_there(
    tmp_path: Path,
) -> None:
    corpus = corpus_of(WALK)
    update(make_indexer(tmp_path, corpus))
    before = snapshot(tmp_path)
    corpus.put(WALK_2, *many(600))
    failing = FailingEncoder(parts=2)
    with pytest.raises(ModelError):
        update(make_indexer(tmp_path, corpus, lambda: failing))
    assert before == snapshot(tmp_path)

    encoder = HashingEncoder()
    report = update(make_indexer(tmp_path, corpus, lambda: encoder))
    assert (2, 600, 1) == (report.generation, report.added, report.updated)
    # The title was encoded before; each of the passages is encoded in one of the two runs.
    both = failing.encoded + encoder.encoded
    assert sorted(f"Back pain\n{article.text}" for article in corpus.articles.values()) == sorted(
        both
    )
    assert len(encoder.encoded) < len(failing.encoded)
    assert {article.text for article in corpus.articles.values()} == texts_of(tmp_path)


def test_a_first_run_that_is_interrupted_leaves_no_index(tmp_path: Path) -> None:
    corpus = corpus_of(WALK)
    with pytest.raises(ModelError):
        update(make_indexer(tmp_path, corpus, lambda: FailingEncoder(parts=0)))
    with pytest.raises(IndexMissing):
        live_build(tmp_path)
    assert 1 == update(make_indexer(tmp_path, corpus)).generation
    assert {WALK.text} == texts_of(tmp_path)


def test_progress_names_the_steps_in_order_and_counts_to_the_end(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    indexer = make_indexer(tmp_path, corpus_of(*many(300)))
    indexer.update(IndexOptions(), lambda *call: calls.append(call))
    steps = list(dict.fromkeys(what for what, _, _ in calls))
    assert ["reading", "understanding", "cutting", "encoding", "publishing"] == steps
    assert [("encoding", done, 301) for done in (0, 256, 301)] == [
        call for call in calls if call[0] == "encoding"
    ]
    assert [("understanding", n, 300) for n in range(1, 301)] == [
        call for call in calls if call[0] == "understanding"
    ]


# Rejections


def test_a_rejected_article_keeps_its_last_good_version_and_an_absent_one_is_withdrawn(
    tmp_path: Path,
) -> None:
    corpus = corpus_of(WALK, REST, SWIM)
    update(make_indexer(tmp_path, corpus))
    corpus.put(WALK_2)
    corpus.rejected.add("walk")
    corpus.remove("rest")
    report = update(make_indexer(tmp_path, corpus))
    assert (2, 2, 0, 1) == (report.generation, report.articles, report.updated, report.withdrawn)
    assert (Notice("walk.md", "nothing is left of it"),) == report.rejected
    with reading(tmp_path) as opened:
        assert (WALK, Status.LIVE) == (
            opened.article("walk").article,
            opened.article("walk").status,
        )
        assert Status.WITHDRAWN == opened.article("rest").status
    assert {WALK.text, SWIM.text} == texts_of(tmp_path)

    corpus.rejected.clear()
    assert 1 == update(make_indexer(tmp_path, corpus)).updated
    assert {WALK_2.text, SWIM.text} == texts_of(tmp_path)


def test_an_article_that_stays_rejected_stays_live_and_is_reported_every_time(
    tmp_path: Path,
) -> None:
    corpus = corpus_of(WALK, REST)
    update(make_indexer(tmp_path, corpus))
    corpus.put(WALK_2)
    corpus.rejected.add("walk")
    for _ in range(2):
        report = update(make_indexer(tmp_path, corpus))
        assert (1, 1, 0) == (report.generation, len(report.rejected), report.withdrawn)
    assert {WALK.text, REST.text} == texts_of(tmp_path)


@pytest.mark.parametrize(
    ("rejection", "kept"),
    [
        (Rejection("elsewhere.md", "", "one"), {"one"}),
        (Rejection("news/one.md", ""), {"one"}),
        (Rejection("news", ""), {"one", "two"}),
        (Rejection("new", ""), set()),
        (Rejection("rows.jsonl:9", ""), {"three", "four"}),
        (Rejection("rows.jsonl", ""), {"three", "four"}),
        (Rejection("more.jsonl.gz:1", ""), {"five"}),
        (Rejection("more.jsonl.gz", ""), {"five"}),
        (Rejection(".", ""), {"one", "two", "three", "four", "five"}),
        (Rejection("other.md", ""), set()),
    ],
)
def test_whatever_a_rejection_may_have_been_is_kept(
    tmp_path: Path, rejection: Rejection, kept: set[str]
) -> None:
    corpus = corpus_of(WALK)
    corpus.paths = {
        "one": "news/one.md",
        "two": "news/deep/two.md",
        "three": "rows.jsonl:1",
        "four": "rows.jsonl:2",
        "five": "more.jsonl.gz:7",
    }
    corpus.put(*(make_article(name, f"{name}.") for name in corpus.paths))
    update(make_indexer(tmp_path, corpus))
    corpus.remove(*corpus.paths)
    corpus.others.append(rejection)
    report = update(make_indexer(tmp_path, corpus), allow_withdraw=True)
    assert (Notice(rejection.path, ""),) == report.rejected
    assert 5 - len(kept) == report.withdrawn
    assert {WALK.text, *(f"{name}." for name in kept)} == texts_of(tmp_path)


def test_an_article_that_an_editor_withdrew_is_withdrawn_whatever_else_is_rejected(
    tmp_path: Path,
) -> None:
    folder, index = tmp_path / "corpus", tmp_path / "index"
    folder.mkdir()
    rows = ['{"_id": "x", "text": "Walk on."}', '{"_id": "y", "text": "Rest."}']
    (folder / "news.jsonl").write_text("\n".join(rows))
    update(indexer_of_folder(index, folder))
    (folder / "_withdrawn").mkdir()
    (folder / "_withdrawn" / "x.json").write_text("{}")
    (folder / "news.jsonl").write_text("\n".join([*rows, "{broken"]))
    assert 1 == update(indexer_of_folder(index, folder)).withdrawn


def test_where_all_is_rejected_on_the_first_run_there_is_no_index(tmp_path: Path) -> None:
    corpus = corpus_of(WALK)
    corpus.rejected.add("walk")
    corpus.others.append(Rejection("rest.md", "is not UTF-8", "rest"))
    report = update(make_indexer(tmp_path, corpus))
    assert (0, 0, 2) == (report.generation, report.articles, len(report.rejected))
    with pytest.raises(IndexMissing), reading(tmp_path):
        pytest.fail("something is live")

    corpus.rejected.clear()
    assert 1 == update(make_indexer(tmp_path, corpus)).generation
    assert {WALK.text} == texts_of(tmp_path)


def test_warnings_are_passed_on(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "knee.md").write_text("Walk on.\n")
    (folder / "scan.pdf").write_bytes(b"%PDF")
    report = update(indexer_of_folder(tmp_path / "index", folder))
    assert ["scan.pdf", "knee.md"] == [warning.path for warning in report.warnings]
    assert () == report.rejected


def test_files_of_a_folder_are_followed_as_they_come_change_break_and_go(tmp_path: Path) -> None:
    folder, index = tmp_path / "corpus", tmp_path / "index"
    (folder / "news").mkdir(parents=True)
    for name in ("knee", "hip"):
        (folder / "news" / f"{name}.md").write_text(f"# Pain\n\nThe {name} hurts.\n")
    update(indexer_of_folder(index, folder))
    (folder / "news" / "knee.md").write_text("# Pain\n\nThe knee swells.\n")
    (folder / "foot.txt").write_text("The foot\n\nThe foot hurts.\n")
    update(indexer_of_folder(index, folder))
    assert {"The knee swells.", "The hip hurts.", "The foot hurts."} == texts_of(index)
    (folder / "news" / "knee.md").write_bytes(b"# Pain\n\nThe knee \xff\n")
    (folder / "foot.txt").unlink()
    report = update(indexer_of_folder(index, folder))
    assert ["news/knee.md"] == [rejected.path for rejected in report.rejected]
    assert {"The knee swells.", "The hip hurts."} == texts_of(index)


# Withdrawals


@pytest.mark.parametrize(
    ("before", "gone", "refused"),
    [(5, 4, False), (5, 5, True), (25, 5, False), (24, 5, True), (100, 20, False), (100, 21, True)],
)
def test_more_than_a_fifth_and_at_least_five_are_too_many_to_withdraw_unasked(
    tmp_path: Path, before: int, gone: int, refused: bool
) -> None:
    articles = many(before)
    corpus = corpus_of(*articles)
    update(make_indexer(tmp_path, corpus))
    state = snapshot(tmp_path)
    corpus.remove(*(article.id for article in articles[:gone]))
    corpus.put(WALK)
    if refused:
        with pytest.raises(WithdrawalRefused, match=f"{gone} of {before} articles"):
            update(make_indexer(tmp_path, corpus))
        assert state == snapshot(tmp_path)
        with database_of(tmp_path) as database:
            assert {article.id for article in articles} == known_sources(database).keys()
    report = update(make_indexer(tmp_path, corpus), allow_withdraw=refused)
    assert (2, 1, gone) == (report.generation, report.added, report.withdrawn)
    assert {WALK.text, *(article.text for article in articles[gone:])} == texts_of(tmp_path)


def test_articles_that_are_only_rejected_are_no_withdrawals(tmp_path: Path) -> None:
    articles = many(10)
    update(make_indexer(tmp_path, corpus_of(*articles)))
    corpus = corpus_of(*(make_article(article.id, "Other.") for article in articles))
    corpus.rejected.update(corpus.articles)
    report = update(make_indexer(tmp_path, corpus))
    assert (1, 0, 10) == (report.generation, report.withdrawn, len(report.rejected))


@pytest.mark.parametrize("missing", [True, False])
def test_a_corpus_folder_that_is_missing_or_empty_is_refused_unless_meant(
    tmp_path: Path, missing: bool
) -> None:
    folder, index = tmp_path / "corpus", tmp_path / "index"
    folder.mkdir()
    (folder / "knee.md").write_text("# Knee pain\n\nWalk on.\n")
    update(indexer_of_folder(index, folder))
    before = snapshot(index)
    (folder / "knee.md").unlink()
    if missing:
        folder.rmdir()
    with pytest.raises(CorpusError):
        update(indexer_of_folder(index, folder))
    assert before == snapshot(index)

    report = update(indexer_of_folder(index, folder), allow_withdraw=True)
    assert (2, 0, 1) == (report.generation, report.articles, report.withdrawn)
    assert set() == texts_of(index)


def test_a_first_run_without_a_corpus_is_refused_even_if_withdrawals_are_meant(
    tmp_path: Path,
) -> None:
    for allow_withdraw in (False, True):
        with pytest.raises(CorpusError):
            update(
                indexer_of_folder(tmp_path / "index", tmp_path / "corpus"),
                allow_withdraw=allow_withdraw,
            )
    with pytest.raises(IndexMissing):
        live_build(tmp_path / "index")


# Recipes


def test_another_recipe_makes_a_build_beside_and_switches_at_the_end(tmp_path: Path) -> None:
    corpus = corpus_of(WALK, REST)
    update(make_indexer(tmp_path, corpus))
    before = snapshot(tmp_path)

    with pytest.raises(ModelError):
        update(make_indexer(tmp_path, corpus, lambda: FailingEncoder(parts=0), OTHER))
    assert before == snapshot(tmp_path)

    encoder = HashingEncoder()
    report = update(make_indexer(tmp_path, corpus, lambda: encoder, OTHER))
    assert (1, 2, 2) == (report.generation, report.added, report.embedded_passages)
    assert 3 == len(encoder.encoded)
    after = snapshot(tmp_path)
    assert (True, before[2]) == (after[1] != before[1], after[2])
    with reading(tmp_path) as opened:
        assert OTHER == opened.recipe


def test_a_recipe_that_comes_back_goes_on_with_its_build(tmp_path: Path) -> None:
    corpus = corpus_of(WALK, REST)
    update(make_indexer(tmp_path, corpus))
    first = live_build(tmp_path)
    corpus.put(SWIM)
    corpus.remove("rest")
    update(make_indexer(tmp_path, corpus, recipe=OTHER))
    report = update(make_indexer(tmp_path, corpus))
    assert (2, 1, 1, 1) == (
        report.generation,
        report.added,
        report.withdrawn,
        report.embedded_passages,
    )
    assert (first, {WALK.text, SWIM.text}) == (live_build(tmp_path), texts_of(tmp_path))


def test_another_recipe_under_which_all_is_rejected_shows_the_last_good_versions(
    tmp_path: Path,
) -> None:
    corpus = corpus_of(WALK)
    update(make_indexer(tmp_path, corpus))
    corpus.rejected.add("walk")
    report = update(make_indexer(tmp_path, corpus, recipe=OTHER))
    assert (1, 1, 0) == (report.generation, report.articles, report.unchanged)
    assert {WALK.text} == texts_of(tmp_path)


def test_another_recipe_is_no_way_around_the_refusal_of_withdrawals(tmp_path: Path) -> None:
    articles = many(20)
    corpus = corpus_of(*articles)
    update(make_indexer(tmp_path, corpus))
    corpus.remove(*(article.id for article in articles[:12]))
    with pytest.raises(WithdrawalRefused):
        update(make_indexer(tmp_path, corpus, recipe=OTHER))


def test_a_rejected_article_keeps_its_last_good_version_under_another_recipe(
    tmp_path: Path,
) -> None:
    corpus = corpus_of(WALK, REST)
    update(make_indexer(tmp_path, corpus))
    corpus.rejected.add("walk")
    update(make_indexer(tmp_path, corpus, recipe=OTHER))
    with reading(tmp_path) as opened:
        assert Status.LIVE == opened.article("walk").status


# Two writers


def test_of_two_writers_at_once_the_second_is_told_that_the_index_is_busy(tmp_path: Path) -> None:
    met: list[type[Exception]] = []

    def encoder() -> PassageEncoder:
        """Another process comes by while this one is at work."""
        try:
            update(make_indexer(tmp_path, corpus_of(REST)))
        except IndexBusy as error:
            met.append(type(error))
        return HashingEncoder()

    update(make_indexer(tmp_path, corpus_of(WALK), encoder))
    assert {IndexBusy} == set(met)
    assert (1, {WALK.text}) == (snapshot(tmp_path)[0], texts_of(tmp_path))


def test_a_writer_that_may_wait_does_so_and_then_goes_on(tmp_path: Path) -> None:
    update(make_indexer(tmp_path, corpus_of(WALK)))
    with ThreadPoolExecutor() as pool:
        with writer_lock(tmp_path, 0):
            waiting = pool.submit(update, make_indexer(tmp_path, corpus_of(WALK, REST)), wait=60)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.25)
            assert {WALK.text} == texts_of(tmp_path)
        assert 2 == waiting.result(timeout=30).generation
    assert {WALK.text, REST.text} == texts_of(tmp_path)
