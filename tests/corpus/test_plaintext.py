from __future__ import annotations

import pytest

from tests.corpus.sources import page, plain, sections

PROSE = "Most people with a stiff neck get better within a week."


def text(body: str) -> str:
    return plain(body, title="T").article.text


def test_lines_of_plain_text_stay_lines_and_marks_of_markdown_stay_words() -> None:
    body = "# Not *a* heading of **this** text.\nSecond line &amp; more <b>words</b>.\n\nThird."
    assert text(body) == body


def test_lines_wrapped_at_a_column_are_joined() -> None:
    body = (
        "A stiff neck usually comes from sleeping in an awkward position, or from\n"
        "sitting at a desk for a long time without a break. The muscles at the\n"
        "back of the neck tighten, and turning the head hurts. Heat, gentle\n"
        "movement and time are what helps most people.\n"
        "\n"
        "Do this every day:\n"
        "- walk\n"
        "- stretch\n"
    )
    assert text(body) == (
        "A stiff neck usually comes from sleeping in an awkward position, or from sitting at a "
        "desk for a long time without a break. The muscles at the back of the neck tighten, and "
        "turning the head hurts. Heat, gentle movement and time are what helps most people.\n"
        "\n"
        "Do this every day:\n"
        "walk\n"
        "stretch"
    )


@pytest.mark.parametrize(
    "body",
    [
        "Fever\nCough\nRash",
        "A stiff neck usually gets better within a week. Heat helps most.\nRest does not help.",
        "Heat helps.\nCold helps.\nTime helps.\nRest does not.",
    ],
)
def test_lines_that_were_not_wrapped_stay_apart(body: str) -> None:
    assert text(body) == body


@pytest.mark.parametrize("bullet", ["• ", "- ", "* ", "– ", "▪ ", "·  "])
def test_bullets_are_dropped(bullet: str) -> None:
    body = f"Signs of a stiff neck are these:\n{bullet}Pain\n{bullet}Headache"
    assert text(body) == "Signs of a stiff neck are these:\nPain\nHeadache"


@pytest.mark.parametrize(
    "line", ["- 5 °C is cold.", "-5 °C is cold.", "1. Lie down.", "*see below"]
)
def test_what_could_be_more_than_a_bullet_stays(line: str) -> None:
    assert text(line) == line


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_ends_a_line(end: str) -> None:
    assert text(f"Rest helps.{end}Heat helps.") == "Rest helps.\nHeat helps."


def test_white_space_is_collapsed_and_invisible_characters_are_gone() -> None:
    body = "Take\u00a0\u2009 5\tmg\u200b of\u00ad it\ufeff, da\u200e\x00ily, cafe\u200d\u0301."
    assert text(body) == "Take 5 mg of it, daily, café."


@pytest.mark.parametrize(
    "heading",
    ["When to see a doctor", "What causes it?", "3 ways to help", "Symptoms", "TREATMENT"],
)
def test_a_short_line_between_paragraphs_is_a_heading(heading: str) -> None:
    understood = plain(f"{PROSE}\n\n{heading}\n\n{PROSE}", title="T")
    assert sections(understood) == [("", PROSE), (heading, PROSE)]


def test_a_short_line_after_a_list_is_a_heading() -> None:
    understood = plain(f"Signs are:\n- Pain\n- Cramp\n\nWhen to call\n\n{PROSE}", title="T")
    assert sections(understood) == [("", "Signs are:\nPain\nCramp"), ("When to call", PROSE)]


@pytest.mark.parametrize(
    "line",
    [
        "Rest does not help.",
        "Signs are:",
        "see a doctor",
        "Heat, and then,",
        "This is a line of so many words that it is surely no heading of anything",
    ],
)
def test_a_line_that_may_be_part_of_the_text_is_no_heading(line: str) -> None:
    assert sections(plain(f"{PROSE}\n\n{line}\n\n{PROSE}", title="T")) == [
        ("", f"{PROSE}\n\n{line}\n\n{PROSE}")
    ]


def test_short_lines_after_each_other_are_no_headings() -> None:
    body = f"Signs include:\n\nFever\n\nCough\n\n{PROSE}"
    assert sections(plain(body, title="T")) == [("", body)]


def test_a_usual_heading_may_stand_right_above_its_text() -> None:
    understood = page(f"{PROSE}\n\nTreatment\nHeat and gentle movement help most people.")
    assert sections(understood) == [
        ("", PROSE),
        ("Treatment", "Heat and gentle movement help most people."),
    ]
