from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.aspects import DEFINITION, asked_aspects, speaks_of

NAMED = {
    "What causes sciatica?": "causes",
    "What are the symptoms of a stroke?": "symptoms",
    "How is carpal tunnel syndrome treated?": "treatment",
    "How do doctors diagnose a migraine?": "diagnosis",
    "How can I prevent falls?": "prevention",
    "How long does a frozen shoulder last?": "outlook",
    "Is it inherited?": "inheritance",
    "How common is scoliosis?": "frequency",
    "When is back pain an emergency?": "urgency",
    "Is shingles contagious?": "contagion",
}
# A sentence that speaks of each, and of none of the others asked about above.
TOLD = {
    "causes": "Pressure on a nerve root is the main cause.",
    "symptoms": "Tingling toes are a sign.",
    "treatment": "Tablets and splints treat it.",
    "diagnosis": "It is diagnosed with a scan.",
    "prevention": "Gloves protect the skin.",
    "outlook": "Nearly everyone recovers.",
    "inheritance": "It runs in families, so it is hereditary.",
    "frequency": "One in ten people has it, so it is common.",
    "urgency": "Go to the hospital at once.",
    "contagion": "It spreads by touch.",
}


@pytest.mark.parametrize(("question", "aspect"), NAMED.items())
def test_the_aspect_that_a_question_names_is_told(question: str, aspect: str) -> None:
    assert aspect in asked_aspects(question)
    assert DEFINITION not in asked_aspects(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is sciatica?",
        "What's a slipped disc?",
        "What’s a slipped disc?",
        "  what are bone spurs",
        "What does stenosis mean?",
        "Define kyphosis.",
        "Meaning of spondylosis",
        "“What is sciatica?”",
    ],
)
def test_what_something_is_asks_for_its_definition(question: str) -> None:
    assert {DEFINITION} == asked_aspects(question)


@pytest.mark.parametrize("question", ["What is the treatment?", "What are the signs of it?"])
def test_what_is_the_treatment_does_not_ask_for_a_definition(question: str) -> None:
    assert DEFINITION not in asked_aspects(question)
    assert asked_aspects(question)


@pytest.mark.parametrize("question", ["sciatica", "And my wrist?", "", "?"])
def test_a_question_that_names_nothing_asks_for_nothing_in_particular(question: str) -> None:
    assert frozenset() == asked_aspects(question)


def test_a_question_may_ask_for_several_aspects() -> None:
    asked = asked_aspects("What are the causes, symptoms and treatments of gout?")

    assert {"causes", "symptoms", "treatment"} <= asked


def test_case_says_nothing() -> None:
    for question in NAMED:
        assert asked_aspects(question) == asked_aspects(question.upper())


@pytest.mark.parametrize(("aspect", "sentence"), TOLD.items())
def test_a_sentence_speaks_of_its_aspect(aspect: str, sentence: str) -> None:
    assert speaks_of(sentence, frozenset({aspect}))


def test_a_sentence_does_not_speak_of_every_aspect() -> None:
    for sentence in TOLD.values():
        spoken = {aspect for aspect in TOLD if speaks_of(sentence, frozenset({aspect}))}
        assert 1 <= len(spoken) <= 2


@pytest.mark.parametrize(
    "sentence",
    [
        "Sciatica is a pain along the nerve of the leg.",
        "Bone spurs are the result of wear.",
        "Stenosis means that a canal is narrow.",
        "A migraine occurs when nerves overreact.",
        "Wear of the joints is called osteoarthritis.",
    ],
)
def test_a_sentence_that_says_what_something_is_defines_it(sentence: str) -> None:
    assert speaks_of(sentence, frozenset({DEFINITION}))


@pytest.mark.parametrize(
    "sentence", ["Walking eases sciatica.", "Heat helps many people.", "", "Rest for a day."]
)
def test_a_sentence_that_only_mentions_something_does_not_define_it(sentence: str) -> None:
    assert not speaks_of(sentence, frozenset({DEFINITION}))


def test_nothing_speaks_of_nothing() -> None:
    for sentence in ("", *TOLD.values()):
        assert not speaks_of(sentence, frozenset())


ASPECTS = st.frozensets(st.sampled_from([*TOLD, DEFINITION]))


@given(st.sampled_from(["", "Bone spurs are the result of wear.", *TOLD.values()]), ASPECTS)
def test_to_speak_of_several_aspects_is_to_speak_of_one_of_them(
    sentence: str, aspects: frozenset[str]
) -> None:
    each = [speaks_of(sentence, frozenset({aspect})) for aspect in aspects]

    assert any(each) == speaks_of(sentence, aspects)


@given(st.text(max_size=60))
def test_a_text_speaks_of_whatever_it_asks_for(question: str) -> None:
    """But for definitions, which are asked for in one way and given in another."""
    for aspect in asked_aspects(question) - {DEFINITION}:
        assert speaks_of(question, frozenset({aspect}))
