from __future__ import annotations

import pytest

from rag.corpus.dates import find_dates
from rag.corpus.frontmatter import read_front_matter
from rag.corpus.metadata import Metadata, read_metadata


def test_every_known_name_is_read() -> None:
    assert read_metadata(
        {
            "title": " Knee  pain ",
            "authors": ["Ann Lee", "Bo Ray, MD"],
            "publisher": "Knee Journal",
            "url": "https://example.org/knee?a=1#b",
            "published": "2025-01-02",
            "reviewed": "2025/03/04",
            "next_review": "2027-03-04",
            "expires": "2028-01-01",
            "supersedes": "old-knee",
            "language": "en-GB",
            "keywords": "ignored",
        }
    ) == Metadata(
        title="Knee pain",
        authors=("Ann Lee", "Bo Ray, MD"),
        publisher="Knee Journal",
        url="https://example.org/knee?a=1#b",
        published="2025-01-02",
        reviewed="2025-03-04",
        next_review="2027-03-04",
        expires="2028-01-01",
        supersedes="old-knee",
        language="en-GB",
    )


def test_second_names_count_where_the_first_are_absent_or_empty() -> None:
    found = read_metadata(
        {"publisher": "", "source": "NHS", "date": "2025-01-02", "last_update": "2025-03-04"}
    )
    assert (found.publisher, found.published, found.reviewed) == ("NHS", "2025-01-02", "2025-03-04")


def test_first_names_win_over_second_ones() -> None:
    found = read_metadata(
        {"publisher": "A", "source": "B", "published": "2025-01-02", "date": "2020-01-01"}
    )
    assert (found.publisher, found.published) == ("A", "2025-01-02")


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_an_empty_value_is_unknown_without_a_warning(value: object) -> None:
    names = ["title", "authors", "publisher", "url", "published", "language", "supersedes"]
    assert read_metadata(dict.fromkeys(names, value)) == Metadata()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ann Lee", ("Ann Lee",)),
        ("Ann Lee, MD", ("Ann Lee, MD",)),
        ("Ann Lee; Bo Ray", ("Ann Lee", "Bo Ray")),
        (
            "Centers for Disease Control and Prevention",
            ("Centers for Disease Control and Prevention",),
        ),
        (["Ann Lee", "", "Ann Lee"], ("Ann Lee",)),
    ],
)
def test_authors_are_a_list_or_one_string(value: object, expected: tuple[str, ...]) -> None:
    assert read_metadata({"authors": value}) == Metadata(authors=expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-09-29", "2025-09-29"),
        ("2025/09/29", "2025-09-29"),
        (" 2024-02-29 ", "2024-02-29"),
        ("2025-09-29T10:00:00Z", "2025-09-29"),
        ("2025-09-29 10:00:00 +02:00", "2025-09-29"),
    ],
)
def test_a_date_has_the_year_first(value: str, expected: str) -> None:
    assert read_metadata({"published": value}) == Metadata(published=expected)


@pytest.mark.parametrize(
    "value",
    [
        "2025-02-30",
        "2025-13-01",
        "29/09/2025",
        "Sept 2025",
        "2025",
        "2025-09/29",
        "2025-9-29",
        "2025/09/3",
        "soon",
        2025,
        ["2025-09-29"],
    ],
)
def test_a_bad_date_becomes_none_with_a_warning(value: object) -> None:
    found = read_metadata({"published": value})
    assert found.published is None
    (warning,) = found.warnings
    assert warning.startswith("published ")
    assert "is not a date" in warning


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c&d=%20#e",
        "HTTPS://EXAMPLE.ORG/",
        "https://пример.рф/путь",
    ],
)
def test_an_absolute_web_address_is_kept_as_it_is(value: str) -> None:
    assert read_metadata({"url": value}) == Metadata(url=value)


@pytest.mark.parametrize(
    "value",
    [
        "ftp://example.org",
        "javascript:alert(1)",
        "//example.org/a",
        "/a/b",
        "example.org",
        "https://",
        "https:///path",
        "https://user@example.org",
        "https://user:secret@example.org",
        "https://example.org\\@other.org",
        "https://example.org/a b",
        "https://example.org/\u200ba",
        "https://exam\nple.org",
        "https://[::1",
        "https://example.org:99999",
        "mailto:a@example.org",
        "data:text/html,x",
        "https://example.org/" + "a" * 2_000,
        7,
        ["https://example.org"],
    ],
)
def test_any_other_address_becomes_none_with_a_warning(value: object) -> None:
    found = read_metadata({"url": value})
    assert found.url is None
    (warning,) = found.warnings
    assert warning.startswith("url ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("supersedes", "no id"),
        ("supersedes", 7),
        ("language", "english, please"),
        ("language", 7),
        ("publisher", ["A"]),
        ("publisher", "\u200b"),
        ("authors", 7),
        ("authors", {"name": "Ann"}),
        ("authors", [["Ann"]]),
    ],
)
def test_a_value_of_another_kind_is_left_out_with_a_warning(name: str, value: object) -> None:
    found = read_metadata({name: value})
    assert found == Metadata(warnings=found.warnings)
    assert [warning.split()[0] for warning in found.warnings] == [name]


def test_words_of_metadata_are_visible_and_on_one_line() -> None:
    found = read_metadata({"title": "Kne\u00ade\u200b\n pain", "publisher": "Cafe\u0301"})
    assert (found.title, found.publisher) == ("Knee pain", "Café")


def test_a_warning_cuts_what_it_quotes() -> None:
    (warning,) = read_metadata({"url": "x" * 10_000}).warnings
    assert len(warning) < 200


# Front matter


def test_front_matter_is_separated_from_the_text() -> None:
    front = read_front_matter("---\ntitle: Knee\nauthors: [A B, C D]\n---\n\n# Knee\n")
    assert front.fields == {"title": "Knee", "authors": ["A B", "C D"]}
    assert front.body == "\n# Knee\n"
    assert front.warning is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-02-30", "2025-02-30"),
        ("no", "no"),
        ("007", "007"),
        ("1e3", "1e3"),
        ("'a: b'", "a: b"),
        ("'null'", "null"),
        ('"~"', "~"),
    ],
)
def test_values_stay_as_they_are_written(value: str, expected: str) -> None:
    assert read_front_matter(f"---\ntitle: {value}\n---\nx").fields == {"title": expected}


@pytest.mark.parametrize("value", ["", "~", "null"])
def test_a_field_without_a_value_is_absent(value: str) -> None:
    assert read_front_matter(f"---\ntitle: {value}\nurl: u\n---\nx").fields == {"url": "u"}


@pytest.mark.parametrize(
    "head",
    [
        "title: What is HIV: the facts\nauthors: [A B\n",
        "title: What is HIV: the facts\n\tbad: tab\n",
        "- a list\ntitle: What is HIV: the facts\n",
    ],
)
def test_broken_front_matter_is_read_by_line_with_a_warning(head: str) -> None:
    front = read_front_matter(f"---\n{head}---\nText.")
    assert front.body == "Text."
    assert front.fields["title"] == "What is HIV: the facts"
    assert front.warning is not None
    assert front.warning.startswith("the front matter is not valid YAML (")


def test_broken_front_matter_without_a_known_name_is_never_shown() -> None:
    front = read_front_matter("---\nlayout: a: b\n---\nText.")
    assert (front.body, front.fields) == ("Text.", {})
    assert front.warning is not None


@pytest.mark.parametrize(
    "text",
    [
        "Text.",
        "---\n\nText between rules.\n\n---\n\nMore.",
        "---\ntitle: never closed\n\nText.",
        "Text\n---\ntitle: x\n---\n",
        "--- \nRemember this: it is no field\n---\n",
    ],
)
def test_text_between_rules_is_no_front_matter(text: str) -> None:
    assert read_front_matter(text).body == text


def test_empty_front_matter_is_dropped() -> None:
    assert read_front_matter("---\n---\nText.").body == "Text."


# Dates as pages print them


@pytest.mark.parametrize(
    "text",
    [
        "Sep 29, 2025",
        "Sept. 29, 2025",
        "September 29, 2025",
        "September 29 2025",
        "september 29th, 2025",
        "29 September 2025",
        "29th of September, 2025",
        "29 Sep 2025",
        "29-Sep-2025",
        "Monday, September 29, 2025",
        "Mon 29 Sep 2025",
        "2025-09-29",
        "2025/09/29",
        "2025.9.29",
        "09/29/2025",
        "29.09.2025",
        "2025年9月29日",
        "2025-09-29T10:30:00Z",
        "Sep 29, 2025 at 10:30 AM EST",
        "29 September 2025, 10:30",
    ],
)
def test_a_printed_date_is_found_whole(text: str) -> None:
    (found,) = find_dates(f"Published {text}")
    assert found.iso == "2025-09-29"
    assert (found.start, found.end) == (10, 10 + len(text))


@pytest.mark.parametrize("text", ["03/04/2025", "September 2025", "Feb 30, 2025"])
def test_a_date_that_names_no_certain_day_is_found_without_one(text: str) -> None:
    assert [found.iso for found in find_dates(text)] == [None]


@pytest.mark.parametrize(
    "text",
    ["120/80", "2.5 mg", "10/2025", "in 2025", "may 5 people", "1-2-3", "1234567", "v2025-01-01"],
)
def test_other_numbers_are_no_dates(text: str) -> None:
    assert find_dates(text) == []


def test_several_dates_are_found_in_order() -> None:
    found = find_dates("Published 2 May 2024, updated 2025-01-03")
    assert [date.iso for date in found] == ["2024-05-02", "2025-01-03"]
