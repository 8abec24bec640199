from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import (
    collapse,
    jaccard,
    match_locale,
    one_slip_apart,
    read_words,
    shorten,
    visible,
    word_set,
    words,
)

# Characters that cleaning treats differently, beside letters that NFC changes.
SIGNIFICANT = (
    "a e\u0301é\u200b\u200d\ufeff\u00ad\u202e\u0000\x07\t\n\r\x85\u00a0\ud800\ue000가\u1100\u1161"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Low-back pain", ["low", "back", "pain"]),
        ("Don’t, DON'T.", ["don't", "don't"]),
        ("'quoted' words'", ["quoted", "words"]),
        ("L4-L5 and 2.5 mg", ["l4", "l5", "and", "2", "5", "mg"]),
        ("snake_case", ["snake", "case"]),
        ("naïve café", ["naïve", "café"]),
        ("腰痛 ¿Qué?", ["腰痛", "qué"]),
        ("— … !", []),
    ],
)
def test_words_are_lower_cased_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert expected == words(text)


def test_a_word_set_holds_each_word_once() -> None:
    assert frozenset({"the", "knee"}) == word_set("The knee, the KNEE")


@given(st.text())
def test_words_do_not_depend_on_the_white_space_between_them(text: str) -> None:
    assert words(text) == words(collapse(text))


@given(st.text())
def test_a_collapsed_text_is_one_line_without_outer_or_double_spaces(text: str) -> None:
    assert " ".join(text.split()) == collapse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("left\u202eright", "leftright"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("tab\there", "tab\there"),
        ("bell\x07", "bell"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("no\u00a0break", "no\u00a0break"),
        ("cafe\u0301", "café"),
        ("cafe\u200d\u0301", "café"),
        ("2\u00a0µg", "2\u00a0µg"),
    ],
)
def test_visible_text_is_what_a_reader_sees(text: str, expected: str) -> None:
    assert expected == visible(text)


@given(st.text(st.one_of(st.sampled_from(SIGNIFICANT), st.characters()), max_size=20))
def test_visible_text_is_in_nfc_and_has_nothing_more_to_lose(text: str) -> None:
    seen = visible(text)
    assert unicodedata.is_normalized("NFC", seen)
    assert seen == visible(seen)
    assert not {unicodedata.category(char) for char in seen if char not in "\n\t"} & {
        *("Cc", "Cf", "Cs", "Co", "Cn")
    }


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_visible_text_keeps_every_letter_digit_and_mark(text: str) -> None:
    assert unicodedata.normalize("NFC", text) == visible(text)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("", "", 1.0),
        ("a", "", 0.0),
        ("a b", "b a", 1.0),
        ("a b c", "b c d", 0.5),
        ("a", "b", 0.0),
    ],
)
def test_jaccard_is_the_shared_share_of_two_sets(left: str, right: str, expected: float) -> None:
    assert expected == jaccard(word_set(left), word_set(right))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("What helps against sciatica?", 20, "What helps against…"),
        ("First, second", 8, "First…"),
        ("unbreakable", 6, "unbre…"),
        ("", 3, ""),
    ],
)
def test_a_long_text_is_cut_at_a_word(text: str, limit: int, expected: str) -> None:
    assert expected == shorten(text, limit)


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_is_never_longer_than_allowed(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        ("zh-Hans-CN", ["en", "zh"], "zh"),
        ("zh-Hans-CN", ["zh", "zh-Hans"], "zh-Hans"),
        ("ZH-hans-cn", ["zh-Hans-CN", "zh"], "zh-Hans-CN"),
        ("pt_BR", ["pt-BR"], "pt-BR"),
        ("pt", ["pt-BR"], None),
        ("en-GB", ["en"], "en"),
        ("english", ["en"], None),
        ("*", ["en"], None),
        ("", ["en"], None),
        (None, ["en"], None),
        ("en", [], None),
    ],
)
def test_a_locale_is_matched_by_dropping_subtags_from_its_end(
    wanted: str | None, available: list[str], expected: str | None
) -> None:
    assert expected == match_locale(wanted, available)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("siatica", "sciatica", True),
        ("sciaticca", "sciatica", True),
        ("carpel", "carpal", True),
        ("arthirtis", "arthritis", True),
        ("migraine", "migraines", True),
        ("migraine", "migraine", False),
        ("keflex", "reflex", False),
        ("nimodipine", "nifedipine", False),
        ("stenosis", "steno", False),
        ("", "", False),
        ("a", "", False),
    ],
)
def test_one_slip_of_the_finger_is_one_letter_or_one_swap_but_not_the_first(
    left: str, right: str, expected: bool
) -> None:
    assert expected == one_slip_apart(left, right)
    assert expected == one_slip_apart(right, left)


def test_a_word_list_leaves_its_comments_out() -> None:
    listed = read_words("rag", "stop-words.txt")
    assert "the" in listed
    assert not [word for word in listed if word.startswith("#") or word != word.strip()]
