from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import refusal
from rag.types import Reason

QUERIES = Path(__file__).parents[1] / "quality" / "queries.jsonl"
MESSAGES = Path(__file__).parents[1] / "safety" / "messages.jsonl"


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "Hi!",
        "HEY THERE",
        "Good morning",
        "good evening 🙂",
        "How are you?",
        "hello there, how are you doing?",
        "Thanks!",
        "Thank you very much.",
        "ok, thanks",
        "great",
        "Bye bye",
        "Who are you?",
        "What can you do?",
        "What is your name?",
        "Can you help me?",
        "lol",
    ],
)
def test_greetings_thanks_and_questions_to_the_service_are_small_talk(message: str) -> None:
    assert Reason.SMALL_TALK is refusal(message)


@pytest.mark.parametrize("message", ["Thanks a lot!", "Thank you for your help"])
def test_more_thanks_are_small_talk(message: str) -> None:
    assert Reason.SMALL_TALK is refusal(message)


@pytest.mark.parametrize("message", ["", " \n", "?!", "👍", "…"])
def test_a_message_without_a_word_is_small_talk(message: str) -> None:
    assert Reason.SMALL_TALK is refusal(message)


@pytest.mark.parametrize(
    "message",
    [
        "¿Cuánto dura la ciática?",
        "que es la ciatica",
        "Me duele la espalda",
        "Comment soigner une sciatique avec des exercices ?",
        "Est-ce que la sciatique est grave et pourquoi ?",
        "Was ist Ischias?",
        "Wie lange dauert ein Bandscheibenvorfall?",
        "RÜCKENSCHMERZEN WAS HILFT",
        "Como posso tratar a dor nas costas?",
        "Quais são os sintomas de uma hérnia?",
        "Cosa posso fare per il mal di schiena?",
        "Quali sono i sintomi della sciatica?",
        "坐骨神经痛会持续多久？",
        "MRI 检查是什么？",
        "Как долго длится ишиас?",
        "كم تستمر آلام الظهر؟",
        "허리 디스크는 얼마나 가나요?",
    ],
)
def test_messages_in_other_languages_are_told_so(message: str) -> None:
    assert Reason.LANGUAGE is refusal(message)


@pytest.mark.parametrize(
    "message",
    [
        "Combien de temps dure la sciatique ?",
        "Quanto dura a dor ciática?",
        "Hoe lang duurt een hernia?",
    ],
)
def test_more_messages_in_other_languages_are_told_so(message: str) -> None:
    assert Reason.LANGUAGE is refusal(message)


QUESTIONS = [
    "How long does sciatica last?",
    "sciatica",
    "MRI",
    "Is it cancer?",
    "And for children?",
    "Can it come back?",
    "Will I die?",
    "How much is too much?",
    "What helps at night?",
    "Is walking good for me?",
    "What are the signs of E. coli?",
    "What is de Quervain's tenosynovitis?",
    "Mal de débarquement",
    "café au lait spots",
    "tic douloureux",
    "petit mal seizures",
    "cauda equina syndrome",
    "What is cri du chat?",
    "What is an en bloc resection?",
    "Guillain-Barré",
    "Is IL-2 or IL-6 raised in sepsis?",
    "Does α-synuclein cause Parkinson's?",
    "Why is pellagra called el mal de la rosa in my book?",
    "What does “dolor de la espalda” mean in English?",
    "I have a pain in my back, called 腰痛 in my country",
    "Is morning sickness a good sign?",
    "How do I get a good night of sleep?",
    "My doctor said hello to an operation",
    "Do die-hard smokers die early?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_health_questions_in_english_are_searched_for(question: str) -> None:
    assert refusal(question) is None


@pytest.mark.parametrize("greeting", ["Hi,", "Hello there!", "Good morning.", "Thanks. And"])
def test_a_greeting_before_a_question_does_not_hide_it(greeting: str) -> None:
    for question in QUESTIONS:
        assert refusal(f"{greeting} {question}") is None


@pytest.mark.parametrize("path", [QUERIES, MESSAGES], ids=["queries", "messages"])
def test_real_questions_in_english_are_searched_for(path: Path) -> None:
    """Those that quality and safety are measured with."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    english = [row["text"] for row in rows if row.get("lang", "en") == "en"]

    assert len(english) >= 30
    assert [] == [text for text in english if refusal(text) is not None]


def test_chinese_messages_are_told_so() -> None:
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    chinese = [row["text"] for row in rows if row["lang"] == "zh"]

    assert len(chinese) >= 5
    assert {Reason.LANGUAGE} == {refusal(text) for text in chinese}


@given(st.text(max_size=80))
def test_any_message_can_be_judged_and_space_around_it_says_nothing(message: str) -> None:
    assert refusal(message) == refusal(f"  {message}\n")
    assert refusal(message) in (None, Reason.SMALL_TALK, Reason.LANGUAGE)


@given(st.lists(st.sampled_from(["hi", "hello", "thanks", "you", "how", "good", "ok", "bye"])))
def test_a_word_about_health_makes_a_message_more_than_small_talk(drawn: list[str]) -> None:
    for at in range(len(drawn) + 1):
        assert refusal(" ".join([*drawn[:at], "sciatica", *drawn[at:]])) is None
