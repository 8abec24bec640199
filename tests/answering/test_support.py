from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import evidence, is_supported, relevance
from rag.answering.support import Evidence
from rag.retrieval import rank
from rag.text import content_words
from rag.types import Article, Signals
from tests.answering.passages import article_of, passage_of, stored
from tests.doubles import HashingEncoder
from tests.making import build_index, make_article, reading

ABOUT = ["sciatica", "lumbar", "nerves", "pregnancy"]
NEAR, FAR = Signals(dense=1.0, heading=1.0), Signals(dense=0.0, heading=0.0)


def proof(found: int, dense: float, heading: float) -> Evidence:
    """What speaks for a passage with these cosines that has the first words of four asked for."""
    text = f"{' '.join(ABOUT[:found])} are told here."
    return evidence(ABOUT, stored(text), Signals(dense=dense, heading=heading))


def test_the_strongest_evidence_is_enough_and_none_is_not() -> None:
    assert is_supported([proof(4, 1.0, 1.0)])
    assert not is_supported([proof(0, 0.0, 0.0)])
    assert not is_supported([])


COSINES = st.floats(-1, 1)
PROOFS = st.builds(proof, st.integers(0, 4), COSINES, COSINES)


@given(st.integers(0, 4), COSINES, COSINES, st.integers(0, 4), COSINES, COSINES)
def test_more_of_any_signal_never_takes_support_away(
    found: int, dense: float, heading: float, more: int, closer: float, nearer: float
) -> None:
    if is_supported([proof(found, dense, heading)]):
        assert is_supported([proof(max(found, more), dense, heading)])
        assert is_supported([proof(found, max(dense, closer), heading)])
        assert is_supported([proof(found, dense, max(heading, nearer))])


def test_every_signal_counts_somewhere() -> None:
    """Along one signal, the others held, the decision turns for some values of those."""
    steps = [n / 20 for n in range(21)]
    turns = {"found": 0, "dense": 0, "heading": 0}
    for one in steps:
        for other in steps:
            turns["found"] += supported(4, one, other) - supported(0, one, other)
            turns["dense"] += supported(3, 1.0, one) - supported(3, 0.0, one)
            turns["heading"] += supported(3, one, 1.0) - supported(3, one, 0.0)

    assert all(turns.values())


def supported(found: int, dense: float, heading: float) -> int:
    return int(is_supported([proof(found, dense, heading)]))


@given(PROOFS, st.lists(st.builds(proof, st.just(0), st.floats(-1, 0.1), st.floats(-1, 0.1))))
def test_passages_that_say_nothing_on_the_matter_change_no_decision(
    best: Evidence, others: list[Evidence]
) -> None:
    assert is_supported([best]) == is_supported([best, *others])


@given(PROOFS, PROOFS)
def test_one_passage_that_answers_is_enough(one: Evidence, other: Evidence) -> None:
    alone = is_supported([one]) or is_supported([other])

    assert alone == is_supported([one, other])
    assert alone == is_supported([other, one])


MATTER = make_article(
    "matter",
    "Sciatica is pain along a nerve. Most people with sciatica recover in some weeks.",
    title="How long does sciatica last?",
)
OTHERS = tuple(
    make_article(f"other-{n}", f"{text} And that is all of it.", title=text)
    for n, text in enumerate(
        ["Bread needs flour.", "Rain fell on Oslo.", "Cats sleep a lot.", "Tin melts early."] * 5
    )
)


@pytest.mark.parametrize(
    "question", ["How long does sciatica last?", "Is sciatica a nerve pain?", "Who wrote Hamlet?"]
)
def test_what_else_is_in_the_corpus_does_not_change_the_evidence(
    tmp_path: Path, question: str
) -> None:
    alone = evidence_of(tmp_path / "alone", question, [MATTER])
    among = evidence_of(tmp_path / "among", question, [*OTHERS[:9], MATTER, *OTHERS[9:]])

    assert len(OTHERS) + 1 == len(among)
    assert pytest.approx(vars_of(alone["matter"]), abs=1e-6) == vars_of(among["matter"])


def vars_of(found: Evidence) -> list[float]:
    return [getattr(found, name) for name in Evidence.__slots__]


def evidence_of(index: Path, question: str, articles: Sequence[Article]) -> dict[str, Evidence]:
    """What speaks for each article's only passage, in an index of these articles."""
    build_index(index, *articles)
    vector = HashingEncoder().encode([question])[0]
    with reading(index) as opened:
        ranked = rank(opened.view, question, vector)
        passages = opened.passages([item.row for item in ranked])
        words = content_words(question)
        return {
            passage.article.id: evidence(words, passage, item.signals)
            for item, passage in zip(ranked, passages, strict=True)
        }


def test_signals_that_were_not_measured_count_as_nothing() -> None:
    passage = stored("Sciatica is pain along a nerve.")

    assert evidence(ABOUT, passage, FAR) == evidence(ABOUT, passage, Signals())


def test_a_word_counts_wherever_it_stands_with_a_passage() -> None:
    """In its text, in its heading, or in its article's title, which is “Back pain” here."""
    in_text = evidence(["lumbar"], stored("The lumbar spine bends."), NEAR)
    in_heading = evidence(["lumbar"], stored("It bends.", heading="Lumbar spine"), NEAR)
    in_title = evidence(["back"], stored("It bends."), NEAR)
    nowhere = evidence(["lumbar"], stored("It bends."), NEAR)

    assert in_text == in_heading == in_title
    assert nowhere != in_text


def test_words_of_other_passages_of_the_article_do_not_count() -> None:
    article, spans = article_of(["The lumbar spine bends.", "The neck turns."])
    neck = passage_of(article, spans[1:], spans[:1])

    assert evidence(["lumbar"], stored("It bends."), NEAR) == evidence(["lumbar"], neck, NEAR)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("nerve", "The nerves heal."),
        ("nerves", "A nerve heals."),
        ("fractures", "A fracture heals."),
        ("inflamed", "The inflammation settles."),
        ("sciatica", "SCIATICA settles."),
    ],
)
def test_another_form_of_a_word_counts_as_that_word(asked: str, text: str) -> None:
    same = evidence([asked], stored(f"{asked} {text}"), NEAR)

    assert same == evidence([asked], stored(text), NEAR)
    assert same != evidence([asked], stored("The neck turns."), NEAR)


def test_a_question_without_a_specific_word_lacks_none() -> None:
    assert 1.0 == evidence([], stored("It bends."), NEAR).coverage
    assert 1.0 == evidence(["doctor", "24"], stored("It bends."), NEAR).coverage
    assert 0.0 == evidence(["zebra"], stored("It bends."), NEAR).coverage


def test_a_misspelt_word_is_found_and_a_word_that_only_begins_alike_is_not() -> None:
    sciatica = stored("Sciatica is pain along a nerve.")

    assert 1.0 == evidence(["siatica"], sciatica, NEAR).coverage
    assert 0.0 == evidence(["neuroblastoma"], stored("Neurology is a field."), NEAR).coverage


@pytest.mark.parametrize(
    ("asked", "text", "supported"),
    [
        (["ibuprofen", "heel", "pain"], "Heel pain often comes from overloading.", False),
        (["ibuprofen", "heel", "pain"], "Ibuprofen may ease heel pain.", True),
        (["advil", "back", "pain"], "Ibuprofen may ease heel pain.", True),
        (["pitavastatin", "heel", "pain"], "Heel pain often comes from overloading.", False),
        (["turmeric", "heel", "pain"], "Heel pain often comes from overloading.", False),
        (["heel", "pain"], "Heel pain often comes from overloading.", True),
    ],
)
def test_a_short_question_about_a_remedy_is_answered_by_what_names_it(
    asked: list[str], text: str, supported: bool
) -> None:
    assert supported == is_supported([evidence(asked, stored(text), NEAR)])


def test_a_short_question_is_not_answered_by_something_alike() -> None:
    alike = stored("Sandrow syndrome changes the limbs.")

    assert not is_supported([evidence(["symptoms", "sandhoff"], alike, NEAR)])
    assert is_supported([evidence(["symptoms", "sandrow"], alike, NEAR)])


@given(st.integers(0, 4), COSINES)
def test_relevance_is_on_the_scale_of_cosines(found: int, cosine: float) -> None:
    assert pytest.approx(cosine) == relevance(proof(found, cosine, cosine))


@given(COSINES, COSINES, COSINES)
def test_relevance_grows_with_both_cosines(dense: float, heading: float, more: float) -> None:
    fits = relevance(proof(1, dense, heading))

    assert fits <= relevance(proof(1, max(dense, more), heading))
    assert fits <= relevance(proof(1, dense, max(heading, more)))
    assert -1 <= fits <= 1
