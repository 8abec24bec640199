from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import split_sentences


def sentences(text: str, language: str = "en") -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text, language)]


# Each case is its sentences; they are joined by a space, or by what the case says.
ONE_LINE = [
    ["Dr. Lee treats backs.", "He walks."],
    ["Ask Dr. Lee."],
    ["Mr. and Mrs. Lee came with Prof. Kim.", "All sat."],
    ["Use heat, e.g. a warm towel.", "It helps."],
    ["Rest, i.e. lie down.", "Then walk."],
    ["Sitting vs. standing matters.", "Move often."],
    ["Take 2.5 mg daily.", "Not 25 mg."],
    ["It rose by 0.5.", "Then it fell."],
    ["Approx. 5 in 100 have it.", "Most heal."],
    ["See Fig. 2 and pp. 4 to 6.", "They show it."],
    ["No. 5 is the disc.", "It slips."],
    ["Call by 8 p.m. Eastern time.", "We are open."],
    ["Call by 8 p.m. EST on Mondays.", "We are open."],
    ["Call by 8 p.m.", "We are open."],
    ["We close at 5 p.m. on Fridays.", "Come early."],
    ["The U.S. has many cases.", "They rise."],
    ["She moved to the U.S.", "They stayed."],
    ["J. R. Kim et al. found this.", "It holds."],
    ["Stages I. to III. are early.", "Stage IV. is late."],
    ["Walking helps [2,3].", "So does heat."],
    ["Walking helps. [2,3]", "So does heat [4]."],
    ["Walking helps.[2]", "So does heat.[3–5]"],
    ["Does it hurt?!", "Yes (at night)."],
    ["Rest (see below).", "Then walk."],
    ["He asked, “Does it hurt?”", "She nodded."],
    ["“It hurts.”", "He sat down."],
    ["It hurts!” he said.", "He sat down."],
    ["Wait … then stretch.", "Slowly."],
    ["Wait... what?", "Yes!"],
    ["See www.example.org or mail a.b@example.org.", "We answer."],
    ["The pH is 7.4.", "That is normal."],
    ["L4-L5 and L5-S1. are discs."],
    ["Take vitamin B12.", "Take vitamin D."],
    ["It costs $5.00.", "That is cheap."],
    ["腰痛会好吗？"],
]


@pytest.mark.parametrize("expected", ONE_LINE, ids=lambda case: case[0][:30])
def test_sentences_end_where_a_reader_would_say(expected: list[str]) -> None:
    assert expected == sentences(" ".join(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("腰痛会好吗？会的。请多走动！", ["腰痛会好吗？", "会的。", "请多走动！"]),
        ("多走动。Walk a lot. 休息。", ["多走动。", "Walk a lot.", "休息。"]),
        ("Signs\nPain at night. Fever.", ["Signs", "Pain at night.", "Fever."]),
        ("Pack:\n- ice\n- a towel", ["Pack:", "- ice", "- a towel"]),
        ("one\n\n\n\ntwo", ["one", "two"]),
        (
            "Many people with pain in the back get better\nwithin a few weeks. Some do not.",
            ["Many people with pain in the back get better", "within a few weeks.", "Some do not."],
        ),
        (
            "Many people with pain in the back get better\n\nwithin a few weeks.",
            ["Many people with pain in the back get better", "within a few weeks."],
        ),
        ("Short line\nwithin a list", ["Short line", "within a list"]),
        ("  padded.  \t Twice.  \n", ["padded.", "Twice."]),
        ("[2] begins with a mark. Then goes on.", ["[2] begins with a mark.", "Then goes on."]),
        ("", []),
        (" \n\t\n ", []),
        ("no full stop", ["no full stop"]),
        ("...", ["..."]),
    ],
)
def test_lines_and_lists_and_other_scripts_are_cut_too(text: str, expected: list[str]) -> None:
    assert expected == sentences(text)


def test_offsets_count_code_points() -> None:
    text = "😀 naïve. 椎管 狭窄。 End."
    assert [(0, 8), (9, 15), (16, 20)] == [(s.start, s.end) for s in split_sentences(text)]


@pytest.mark.parametrize("space", ["\u00a0", "\u2028", "\u3000", "\x85", "\u2009"])
def test_any_white_space_may_stand_before_a_full_stop(space: str) -> None:
    assert [f"Vitamin A{space}.", "Then D."] == sentences(f"Vitamin A{space}. Then D.")


@pytest.mark.parametrize("language", ["", "xx", "klingon", "zh-Hans", "EN_us", "-", "\0"])
def test_an_unknown_language_is_no_error(language: str) -> None:
    assert ["Walk.", "Rest.", "好。"] == sentences("Walk. Rest. 好。", language)


def test_a_book_in_one_line_takes_no_time_that_grows_with_its_square() -> None:
    line = "Walking is good for the back. "
    started = time.process_time()
    assert 30_000 == len(split_sentences(line * 30_000))
    # About one second; copying the rest of the line at every sentence takes thirty.
    assert time.process_time() - started < 15


PIECES = [
    *list('ab A.!?。？…[]2,3 ()"”’–-;:é\u0301😀\t你\n\r'),
    *("\u00a0", "\u2028", "\u3000", "\x85", "\x1c", "\n\n"),
    *(" p.m. ", "Dr. ", "e.g. ", "Approx. ", "Eastern ", " [2,3] ", "[4]", "www.a.b"),
    "one line that is as long as one that was wrapped",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text())
def test_every_character_but_white_space_is_in_exactly_one_sentence(text: str) -> None:
    end = 0
    for span in split_sentences(text):
        assert end <= span.start < span.end
        assert not text[end : span.start].strip()
        quote = text[span.start : span.end]
        assert quote == quote.strip()
        end = span.end
    assert not text[end:].strip()
