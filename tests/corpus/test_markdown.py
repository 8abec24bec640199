from __future__ import annotations

import pytest

from tests.corpus.sources import markdown, sections


def text(body: str) -> str:
    return markdown(body).article.text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Rest **really** helps.", "Rest really helps."),
        ("Rest __really__ *does* _help_.", "Rest really does help."),
        ("***Both*** marks.", "Both marks."),
        ("Take `aspirin` daily.", "Take aspirin daily."),
        ("See [the **guide**](https://e.org/a_b_c).", "See the guide."),
        ("See [the guide][1].\n\n[1]: https://e.org", "See the guide."),
        (
            "Write to <help@e.org> or <https://e.org/a_b>.",
            "Write to help@e.org or https://e.org/a_b.",
        ),
        ("Before ![a scan](scan.png) after.", "Before after."),
        ("[![a scan](scan.png)](https://e.org) Text.", "Text."),
        ("Wrapped\nin mid-sentence.", "Wrapped in mid-sentence."),
        ("> Rest helps,\n> she said.", "Rest helps, she said."),
        ("One.\n\n---\n\nTwo.", "One.\n\nTwo."),
        ("One.\n\n\n\n\nTwo.", "One.\n\nTwo."),
        ("A \\*literal\\* star.", "A *literal* star."),
        ("Salt &amp; water &lt; 5&nbsp;g.", "Salt & water < 5 g."),
        ("    Indented text is text.", "Indented text is text."),
        ("```\nFenced **text**.\nLine two.\n```", "Fenced **text**.\nLine two."),
        ("~~Take two.~~ Take one.", "Take one."),
        ("<del>Take two.</del> Take one.", "Take one."),
        ("Proven[^1] so.\n\n[^1]: A trial in 2020.", "Proven so.\n\nA trial in 2020."),
        ("One sentence.  \nNext line.", "One sentence.\nNext line."),
        ("Do not take  \nibuprofen.", "Do not take ibuprofen."),
        ("**注意：**不要停药。", "注意：不要停药。"),
    ],
)
def test_marks_are_gone_and_the_words_stay(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "Take 5 * 3 tablets, 2*3*4 in all, and 2 ** 3 more.",
        "The alleles HLA-B*27 and HLA-B*57:01, or CYP2C19*2 and *3, matter.",
        "Keep snake_case_words and p_value as they are.",
        "Infants <3 months, p < .05, a<b, BMI > 30, x <b and c>d.",
        "Take 2.5 mg of it; 0.5 ml is enough.",
        "#1 cause of pain.",
        "#NoHeading here.",
        "It's \"quoted\" -- 'so' -- and (c) goes on...",
        "Pain, e.g. at 37.5 °C—or 98.6 °F…",
        "See http://example.org/_a_/b_c_ for more.",
        "About ~5 mm, or ~2-7 mm, costs $5 | $6.",
        "A [bracket] and [2,3] stay.",
        "1986. A year at the start.",
        "37. 5 is a temperature.",
        "> 65 years of age counts as older.",
        ">= 3 drinks a day is too much.",
        "50% of 10^6 cells, a = b + c.",
        "<your name> stays, and so does <x>.",
        "Ümlaute, naïve, Ærø, 中文。",
    ],
)
def test_no_other_character_of_a_sentence_changes(body: str) -> None:
    assert text(body) == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("- Fever\n- Cough\n* Rash", "Fever\nCough\n\nRash"),
        (
            "Signs:\n\n- Fever\n\n- Cough\n  and cold\n    - dry\n    - wet",
            "Signs:\n\nFever\nCough and cold\ndry\nwet",
        ),
        ("1. Wash.\n2. Dry.\n\nDone.", "Wash.\nDry.\n\nDone."),
        ("3) Wash.\n4) Dry.", "Wash.\nDry."),
        ("- [x] Call\n- [ ] Rest", "Call\nRest"),
        ("- > 65 years\n- 20 mg", "> 65 years\n20 mg"),
        ("Words\n-\nmore words", "Words\n\nmore words"),
        ("- # Not a heading\n- Text", "Not a heading\nText"),
    ],
)
def test_list_items_stand_on_lines_of_their_own(body: str, expected: str) -> None:
    assert text(body) == expected


def test_table_rows_stand_on_lines_of_their_own_with_their_cells_apart() -> None:
    table = "| Age | Dose | Note |\n|---|:-:|---|\n| Adults | **500** mg | |\n| Under 2 | | ask |"
    assert text(table) == "Age; Dose; Note\nAdults; 500 mg\nUnder 2; ; ask"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<div class='x'>One <b>word</b>.</div>", "One word."),
        ("<p>One.</p>\n<p>Two.</p>", "One.\n\nTwo."),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<ul>\n<li>Fever</li>\n<li>Cough</li>\n</ul>", "Fever\nCough"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a; b\nc"),
        ("One.<!-- two\n\nthree -->\n\nFour.", "One.\n\nFour."),
        (
            "One.\n\n<script>\n\nalert('two')\n</script>\n<STYLE>p {}</style>\n\nThree.",
            "One.\n\nThree.",
        ),
        ("One <!-- never closed.", "One <!-- never closed."),
        ('<span data-x="a > b">One</span> two.', "One two."),
        (
            "CO<sub>2</sub> at 10<sup>5</sup> per m<sup>2</sup>, Ca<sup>2+</sup>.",
            "CO2 at 10⁵ per m², Ca²⁺.",
        ),
        ("The 1<sup>st</sup> trial<sup>1,2</sup>.", "The 1st trial¹,²."),
    ],
)
def test_html_leaves_what_a_reader_sees(body: str, expected: str) -> None:
    assert text(body) == expected


def test_an_html_heading_is_a_heading() -> None:
    understood = markdown("<h2 id='a'>Causes of\npain</h2>\nWear and tear.")
    assert sections(understood) == [("Causes of pain", "Wear and tear.")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Take 5 mg[1](#ref).", "Take 5 mg[1]."),
        ("Call [911](tel:911) or [15](tel:15).", "Call 911 or 15."),
        ("Since [2020](https://e.org).", "Since 2020."),
    ],
)
def test_the_number_of_a_reference_never_joins_an_amount(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("# A\nOne.\n## B ##\nTwo.", [("A", "One."), ("B", "Two.")]),
        ("A\n===\nOne.\n\nB\n---\nTwo.", [("A", "One."), ("B", "Two.")]),
        ("# *Marked* `up` [here](x)\nOne.", [("Marked up here", "One.")]),
        ("Lead.\n# A\nOne.", [("", "Lead."), ("A", "One.")]),
        ("# A\n## B\nOne.\n# C", [("B", "One.")]),
        ("One line\nand another.\n---\nTwo.", [("", "One line and another.\n\nTwo.")]),
        ("A whole sentence.\n---\nTwo.", [("", "A whole sentence.\n\nTwo.")]),
        ("> # Quoted\n> One.", [("Quoted", "One.")]),
    ],
)
def test_sections_begin_after_their_headings(body: str, expected: list[tuple[str, str]]) -> None:
    assert sections(markdown(body)) == expected


def test_headings_stay_as_lines_of_the_text() -> None:
    assert text("Lead.\n# A\n## B\n- One\n- Two\n# C") == "Lead.\n\nA\n\nB\n\nOne\nTwo\n\nC"
