from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.corpus import Understood, understand, version_of
from rag.errors import ArticleRejected
from rag.text import visible
from rag.types import Article, Section
from tests.corpus.sources import markdown, page, plain, reasons, sections, source, split

NO_TITLE = "there is neither a title nor a heading; the first sentence stands for it"


# Title


def test_a_given_title_wins_over_the_heading_which_then_stays() -> None:
    understood = markdown("# Knee pain in runners\n\nRest helps.", title="Knees")
    assert understood.article.title == "Knees"
    assert sections(understood) == [("Knee pain in runners", "Rest helps.")]


@pytest.mark.parametrize("heading", ["Knee pain", "KNEE PAIN", "**Knee** pain", "Knee  pain?"])
def test_a_first_heading_equal_to_the_title_is_dropped(heading: str) -> None:
    understood = markdown(
        f"# {heading}\n\nRest helps.\n\n## Knee pain\n\nHeat too.", title="Knee pain"
    )
    assert understood.article.text == "Rest helps.\n\nKnee pain\n\nHeat too."
    assert sections(understood) == [("", "Rest helps."), ("Knee pain", "Heat too.")]


def test_front_matter_names_the_title_and_is_not_part_of_the_text() -> None:
    understood = markdown(
        "---\ntitle: Knees\nlanguage: en\n---\n# Knees\n\nRest helps.", title=None
    )
    article = understood.article
    assert (article.title, article.text, article.language) == ("Knees", "Rest helps.", "en")


def test_metadata_of_a_source_wins_over_its_front_matter() -> None:
    body = "---\ntitle: Old\npublisher: P\nlanguage: de\n---\n# Heading\n\nRest helps."
    article = markdown(body, title="New", language="en").article
    assert (article.title, article.language, article.publisher) == ("New", "en", "P")


def test_what_looks_like_front_matter_is_text_where_there_is_none() -> None:
    body = "---\nurl: none of it is read as metadata.\n---\nRest helps."
    row = replace(source(body, title="Rest"), fronted=False)
    article = understand(row, split).article
    assert "none of it is read as metadata." in article.text
    assert article.url is None


def test_the_first_heading_is_the_title_where_none_is_given() -> None:
    understood = markdown("## Knee pain\n\nRest helps.", title=None)
    assert (understood.article.title, understood.article.text) == ("Knee pain", "Rest helps.")
    assert understood.warnings == ()


def test_else_the_first_sentence_stands_for_the_title_with_a_warning() -> None:
    understood = markdown("Rest helps. Heat helps too.", title=None)
    assert understood.article.title == "Rest helps."
    assert understood.article.text == "Rest helps. Heat helps too."
    assert reasons(understood) == [NO_TITLE]


def test_a_long_first_sentence_is_cut_at_a_word_for_the_title() -> None:
    title = markdown("word " * 40, title=None).article.title
    assert title == " ".join(["word"] * 15) + "…"
    assert len(title) <= 80


def test_the_first_line_of_a_plain_text_is_its_title_if_an_empty_line_follows() -> None:
    understood = plain("Knee pain\n\nRest helps.")
    assert (understood.article.title, understood.article.text) == ("Knee pain", "Rest helps.")
    assert understood.warnings == ()


@pytest.mark.parametrize(("length", "title"), [(120, "x" * 120), (121, "x" * 78)])
def test_a_title_line_has_at_most_120_characters(length: int, title: str) -> None:
    line = "x" * length
    assert plain(f"{line}\n\nRest helps.").article.title.startswith(title)
    assert (plain(f"{line}\n\nRest helps.").article.text == "Rest helps.") is (length == 120)


@pytest.mark.parametrize("body", ["Knee pain\nRest helps.", "Rest helps knees."])
def test_a_first_line_without_an_empty_line_below_is_text(body: str) -> None:
    understood = plain(body)
    assert understood.article.text == body
    assert reasons(understood) == [NO_TITLE]


def test_a_title_line_equal_to_the_given_title_is_dropped_and_another_is_not() -> None:
    assert plain("Knee pain\n\nRest helps.", title="Knee Pain").article.text == "Rest helps."
    assert plain("Knee pain\n\nRest helps.", title="T").article.text == "Knee pain\n\nRest helps."


# Facts


def test_facts_of_a_row_are_mapped() -> None:
    article = plain(
        "Rest helps.",
        title="Knee",
        url="https://e.org/knee",
        source="NIH",
        authors="Ann Lee",
        date="2025/01/02",
        last_update="2025-03-04",
        supersedes="old",
        category="ignored",
    ).article
    assert article == Article(
        id="a",
        version=article.version,
        title="Knee",
        text="Rest helps.",
        sections=(Section("", 0, 11),),
        authors=("Ann Lee",),
        publisher="NIH",
        url="https://e.org/knee",
        published="2025-01-02",
        reviewed="2025-03-04",
        supersedes="old",
    )


def test_a_bad_value_is_a_warning_and_the_article_goes_on() -> None:
    understood = plain("Rest helps.", title="Knee", url="ftp://e.org", published="soon")
    assert (understood.article.url, understood.article.published) == (None, None)
    assert reasons(understood) == [
        "url 'ftp://e.org' is not an absolute http or https address; it is left out",
        "published 'soon' is not a date; write YYYY-MM-DD; it is left out",
    ]
    assert {warning.path for warning in understood.warnings} == {"a.md"}


def test_broken_front_matter_is_a_warning_and_never_text() -> None:
    understood = markdown("---\ntitle: Knee: pain\n\t- x\n---\nRest helps.", title=None)
    assert (understood.article.title, understood.article.text) == ("Knee: pain", "Rest helps.")
    assert len(understood.warnings) == 1


# Rejection


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n\t\n",
        "\u200b\ufeff",
        "# Only a heading",
        "---\ntitle: x\n---\n",
        "<!-- x -->",
        "![](a.png)",
    ],
)
def test_an_article_without_text_is_rejected(body: str) -> None:
    with pytest.raises(ArticleRejected, match="there is no text left after cleaning"):
        markdown(body)


def test_a_page_that_is_boilerplate_alone_is_rejected() -> None:
    with pytest.raises(ArticleRejected):
        page("Sep 29, 2025\n\nRelated Articles\n\nView All")


# Version


def test_the_version_is_the_hash_of_the_canonical_json() -> None:
    article = markdown("Rest helps.", title="Knee").article
    fields = {k: v for k, v in asdict(article).items() if k not in ("id", "version")}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert article.version == hashlib.sha256(canonical.encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Rest helps"},
        {"title": "Knees"},
        {"authors": ("Ann",)},
        {"publisher": "P"},
        {"url": "https://e.org"},
        {"published": "2025-01-01"},
        {"reviewed": "2025-01-01"},
        {"next_review": "2025-01-01"},
        {"expires": "2025-01-01"},
        {"supersedes": "b"},
        {"language": "en"},
        {"sections": (Section("New", 0, 11),)},
    ],
)
def test_every_citable_field_changes_the_version(change: dict[str, object]) -> None:
    article = markdown("Rest helps.", title="Knee").article
    assert version_of(replace(article, **change)) != article.version  # type: ignore[arg-type]


def test_neither_the_id_nor_invisible_differences_change_the_version() -> None:
    first = markdown("Rest **helps**.").article
    second = understand(
        replace(source("Rest\n_helps_\u200b.\r\n", title="T"), id="b"), split
    ).article
    assert first.version == second.version


# Properties

ALPHABET = st.sampled_from(
    "abcXYZ 0123456789.,:;!?-*_`#>|[]()<>&~\\/\n\n\t\"'=+°é中\u200b\u0301\r\x0c"
)
WORDS = st.sampled_from(
    """Rest helps.@Heat does not help!@Is it so?@ @\n@\n\n@# @## Heading\n\n@- @1. @> @**@---\n
    @title: @id: x\n@| a | b |\n|-|-|\n@<div>@</div>@<!--@-->@<sup>5</sup>@&amp;@[x](y)@Source: X
    @Sep 29, 2025@By A B@Dr. X Y@Introduction\n@Related Articles\n@© 2025\n@Advertisement\n
    """.split("@")  # noqa: SIM905 - forty literals would hide what they are
)
BODIES = st.one_of(
    st.text(),
    st.lists(ALPHABET).map("".join),
    st.lists(WORDS).map("".join),
    st.lists(WORDS).map("\n".join),
)


def understood_or_none(body: str, format_: str, clean: bool) -> Understood | None:
    try:
        return understand(source(body, format_), split, clean=clean)
    except ArticleRejected:
        return None


@given(BODIES, st.sampled_from(["markdown", "text"]), st.booleans())
@example("\ud800", "markdown", True)
@example("e\u200b\u0301", "text", True)
@example("&#xD800;&#0;&#x1F; x", "markdown", True)
def test_any_text_gives_visible_text_in_exact_sections_or_is_rejected(
    body: str, format_: str, clean: bool
) -> None:
    understood = understood_or_none(body, format_, clean)
    if understood is None:
        return
    article = understood.article
    for text in (article.text, article.title, article.publisher or "", *article.authors):
        assert text == unicodedata.normalize("NFC", text)
        assert text == visible(text)
        assert "\t" not in text
        assert not re.search(r" \s|\s |\n{3}", text)
    assert article.title
    assert article.version == version_of(article)
    end = 0
    for section in article.sections:
        assert end <= section.start < section.end <= len(article.text)
        quote = article.text[section.start : section.end]
        assert quote == quote.strip()
        if section.heading:
            assert article.text[: section.start].rstrip("\n").endswith(section.heading)
        end = section.end
    assert article.sections[-1].end <= len(article.text)


@given(BODIES, st.sampled_from(["markdown", "text"]))
def test_understanding_is_a_function_of_the_source(body: str, format_: str) -> None:
    assert understood_or_none(body, format_, True) == understood_or_none(body, format_, True)


@given(
    st.dictionaries(
        st.sampled_from(["title", "url", "authors", "published", "source", "language", "format"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda values: st.lists(values) | st.dictionaries(st.text(), values),
            max_leaves=5,
        ),
    )
)
def test_no_metadata_of_a_row_keeps_its_text_from_being_indexed(
    metadata: dict[str, object],
) -> None:
    article = understand(source("Rest helps.", "text", "T", metadata), split).article
    assert (article.text, article.title) == ("Rest helps.", "T")


@given(
    st.lists(st.sampled_from(["Rest helps.", "Heat helps too, by 5 mg.", "Is it so?"]), min_size=1)
)
def test_plain_sentences_are_never_changed(sentences: list[str]) -> None:
    body = " ".join(sentences)
    assert markdown(body).article.text == body
    assert plain(body, title="T").article.text == body
