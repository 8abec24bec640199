from __future__ import annotations

import pytest

from rag.corpus import understand
from rag.corpus.byline import Byline, read_byline
from rag.types import Article
from tests.corpus.sources import markdown, page, plain, sections, source, split

BODY = (
    "A stiff neck usually comes from a strained muscle. It gets better within a week. "
    "Heat and gentle movement help most people, and a collar does not."
)


def facts(article: Article) -> dict[str, object]:
    names = ("authors", "publisher", "published", "reviewed", "next_review")
    return {name: value for name in names if (value := getattr(article, name))}


def test_a_page_as_copied_from_a_browser_is_understood() -> None:
    understood = plain(
        "Can a frozen shoulder thaw by itself?\n"
        "\n"
        "Mar 4, 2025 Source: Joint Digest\n"
        "Dr. Mina Osei\n"
        "Introduction\n"
        "A frozen shoulder often gets better without surgery, although this takes one to three "
        "years. Gentle movement helps to keep what range is left.\n"
        "\n"
        "In most people a frozen shoulder gets better without surgery, although it takes one to "
        "three years until movement is back. It hurts most at night.\n"
        "\n"
        "Gentle movement every day helps to keep the range of motion that is left. Forcing the "
        "arm makes the pain worse.\n"
        "\n"
        "Related Articles\n"
        "\n"
        "View All"
    )
    article = understood.article
    assert article.title == "Can a frozen shoulder thaw by itself?"
    assert facts(article) == {
        "authors": ("Dr. Mina Osei",),
        "publisher": "Joint Digest",
        "published": "2025-03-04",
    }
    assert article.text == (
        "In most people a frozen shoulder gets better without surgery, although it takes one to "
        "three years until movement is back. It hurts most at night.\n"
        "\n"
        "Gentle movement every day helps to keep the range of motion that is left. Forcing the "
        "arm makes the pain worse."
    )
    assert [line.split(":")[0] for line in understood.removed] == [
        "byline",
        "byline",
        "boilerplate",
        "boilerplate",
        "introduction that the text repeats",
    ]
    assert understood.warnings == ()


def test_nothing_is_cleaned_where_that_is_not_wanted() -> None:
    body = f"Sep 29, 2025 Source: X\n\n{BODY}\n\nRelated Articles"
    understood = understand(source(body, "text", title="T"), split, clean=False)
    assert understood.article.text == body
    assert facts(understood.article) == {}
    assert understood.removed == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Sep 29, 2025 Source: Joint Digest",
            Byline(published="2025-09-29", publisher="Joint Digest"),
        ),
        ("29 September 2025", Byline(published="2025-09-29")),
        ("Published: 2025-09-29", Byline(published="2025-09-29")),
        ("Published on September 29, 2025 at 10:30 AM", Byline(published="2025-09-29")),
        (
            "First published 2025/09/29, last updated 2025/10/01",
            Byline(published="2025-09-29", updated="2025-10-01"),
        ),
        ("Updated May 4, 2024", Byline(updated="2024-05-04")),
        ("Last medically reviewed on May 4, 2024", Byline(reviewed="2024-05-04")),
        (
            "Page last reviewed: 12 March 2024   Next review due: 12 March 2027",
            Byline(reviewed="2024-03-12", next_review="2027-03-12"),
        ),
        ("By Ann Lee", Byline(authors=("Ann Lee",))),
        (
            "By Ann Lee, MD, and Bo van der Ray, Ph.D.",
            Byline(authors=("Ann Lee, MD", "Bo van der Ray, Ph.D.")),
        ),
        ("Author: Ann Lee; Bo Ray", Byline(authors=("Ann Lee", "Bo Ray"))),
        ("Authors: Ann Lee, Bo Ray & Cy Fox", Byline(authors=("Ann Lee", "Bo Ray", "Cy Fox"))),
        (
            "Written by the Spine Clinic Editorial Team",
            Byline(authors=("Spine Clinic Editorial Team",)),
        ),
        ("Ann Lee, MD, FACS", Byline(authors=("Ann Lee, MD, FACS",))),
        ("Prof. Ann Lee", Byline(authors=("Prof. Ann Lee",))),
        (
            "By Ann Lee · Updated 3 May 2025 · 5 min read",
            Byline(authors=("Ann Lee",), updated="2025-05-03"),
        ),
        ("Medically reviewed by Bo Ray, MD, on June 12, 2024", Byline(reviewed="2024-06-12")),
        ("Medically reviewed by Bo Ray, MD", Byline()),
        (
            "Written by Ann Lee — Reviewed by Bo Ray — Sep 29, 2025",
            Byline(authors=("Ann Lee",), published="2025-09-29"),
        ),
        (
            "Source: National Institute of Arthritis and Skin Diseases",
            Byline(publisher="National Institute of Arthritis and Skin Diseases"),
        ),
        (
            "Published by Joint Digest on 29th September 2025",
            Byline(publisher="Joint Digest", published="2025-09-29"),
        ),
        ("Posted by Ann Lee on 2025-09-29", Byline(authors=("Ann Lee",), published="2025-09-29")),
        ("Updated 03/04/2025", Byline()),
        (
            "发布时间：2025年9月29日 来源：关节文摘 作者：陈建",
            Byline(published="2025-09-29", publisher="关节文摘", authors=("陈建",)),
        ),
    ],
)
def test_a_byline_is_understood_word_for_word(line: str, expected: Byline) -> None:
    assert read_byline(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Updated guidelines were published in 2024.",
        "By 2025, one in five adults will be over 65.",
        "By drinking water you can prevent it.",
        "By itself a stiff neck is harmless.",
        "March 11, 2020: a pandemic is declared.",
        "On 3 May 2024 the rules changed.",
        "Reviewed evidence shows that heat helps.",
        "Source: we read every trial that was ever published about it.",
        "Spinal Stenosis",
        "Lumbar Spine MRI",
        "X-rays, CT and MRI",
        "Ann Lee",
        "",
        "|",
        "Published",
        "By " + "Ann Lee, " * 100,
    ],
)
def test_a_line_with_any_other_word_is_no_byline(line: str) -> None:
    assert read_byline(line) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "Sep 29, 2025\nSource: Joint Digest\nAuthor: Ann Lee",
            {"authors": ("Ann Lee",), "publisher": "Joint Digest", "published": "2025-09-29"},
        ),
        ("Ann Lee\nSep 29, 2025", {"authors": ("Ann Lee",), "published": "2025-09-29"}),
        ("Ann Lee | Sep 29, 2025", {"authors": ("Ann Lee",), "published": "2025-09-29"}),
        (
            "Sep 29, 2025\n\nDr. Ann Lee\n\nShare\nPrint",
            {"authors": ("Dr. Ann Lee",), "published": "2025-09-29"},
        ),
        ("By Ann Lee\nUpdated: May 4, 2024", {"authors": ("Ann Lee",), "reviewed": "2024-05-04"}),
        ("Updated: May 4, 2024\nReviewed: May 1, 2024", {"reviewed": "2024-05-01"}),
        ("Home > Neck > Pain\nSep 29, 2025", {"published": "2025-09-29"}),
        ("Health News | Sep 29, 2025", {"published": "2025-09-29"}),
    ],
)
def test_bylines_above_the_text_become_facts(head: str, expected: dict[str, object]) -> None:
    understood = page(f"{head}\n\n{BODY}")
    assert facts(understood.article) == expected
    assert understood.article.text == BODY


def test_a_title_right_above_its_byline_is_the_title() -> None:
    article = plain(f"What helps a stiff neck?\nSep 29, 2025 Source: X\n\n{BODY}").article
    assert (article.title, article.text, article.publisher) == (
        "What helps a stiff neck?",
        BODY,
        "X",
    )


def test_bylines_above_the_title_do_not_become_the_title() -> None:
    understood = plain(f"Home > Neck\n\nSep 29, 2025\n\nWhat helps a stiff neck?\n\n{BODY}")
    assert understood.article.title == "What helps a stiff neck?"
    assert understood.article.published == "2025-09-29"


@pytest.mark.parametrize("name", ["Stiff Neck", "Key Points", "Gentle Movement"])
def test_capitalised_words_that_the_text_uses_are_no_author(name: str) -> None:
    understood = page(f"{name}\nSep 29, 2025\n\n{BODY} These are the key points.")
    assert understood.article.authors == ()
    assert name in understood.article.text


def test_a_date_further_down_is_part_of_the_text() -> None:
    understood = page(f"{BODY}\n\nSep 29, 2025\n\n{BODY}")
    assert understood.article.published is None
    assert "Sep 29, 2025" in understood.article.text


def test_facts_given_apart_win_over_bylines_and_the_lines_still_go() -> None:
    article = plain(
        f"Sep 29, 2025 Source: Joint Digest\nDr. Ann Lee\n\n{BODY}",
        title="T",
        published="2020-01-01",
        publisher="P",
    ).article
    assert facts(article) == {
        "authors": ("Dr. Ann Lee",),
        "publisher": "P",
        "published": "2020-01-01",
    }
    assert article.text == BODY


def test_bylines_of_markdown_are_read_below_its_title() -> None:
    understood = markdown(
        f"# Neck\n\n*By [Ann Lee](a.md), MD* | Published: 2025-09-29\nUpdated 2025-10-01\n\n{BODY}",
        title=None,
    )
    assert facts(understood.article) == {
        "authors": ("Ann Lee, MD",),
        "published": "2025-09-29",
        "reviewed": "2025-10-01",
    }
    assert understood.article.text == BODY


def test_a_byline_is_taken_from_above_a_text_in_the_same_paragraph() -> None:
    understood = markdown(f"By Ann Lee\nSep 29, 2025\n{BODY}")
    assert understood.article.authors == ("Ann Lee",)
    assert understood.article.text == BODY


@pytest.mark.parametrize(
    "tail",
    [
        "Related Articles\n\nView All",
        "Related articles:\nWhat is a pinched nerve?\nNeck exercises\nSee all articles >",
        "You may also like\n\nNeck exercises",
        "Read more\nNeck exercises",
        "More from Joint Digest\nNeck exercises",
        "Share\nFacebook\nTwitter\nPrint",
        "Share this article",
        "Subscribe to our newsletter to get tips in your inbox.",
        "© 2025 Joint Digest. All rights reserved.",
        "Copyright 2025 Joint Digest\nPrivacy Policy\nTerms of Use | Contact",
        "This site uses cookies to improve your experience.\nAccept all cookies",
        "Was this article helpful? Yes / No",
        "Back to top",
        "3 comments\nLeave a comment",
        "Advertisement",
        "相关文章\n查看全部",
    ],
)
def test_boilerplate_at_the_end_is_removed(tail: str) -> None:
    understood = page(f"{BODY}\n\n{tail}")
    assert understood.article.text == BODY
    assert len(understood.removed) == len([line for line in tail.split("\n") if line])


@pytest.mark.parametrize(
    "tail",
    [
        "Call 911 if you cannot move your arm.",
        "Related conditions",
        "Share your medicine with nobody.",
        "Print this list for your doctor and keep it.",
        "Related articles show that heat helps. Cold does not.",
        "Related Articles\n\nA torn disc is another matter. Read about it before you decide.",
        "Signs of danger:\nFever\nWeak arm",
        "Sign up for a class with a physiotherapist.",
        "National Neck Helpline: 555 0100",
    ],
)
def test_what_may_be_part_of_the_article_stays(tail: str) -> None:
    assert page(f"{BODY}\n\n{tail}").article.text == f"{BODY}\n\n{tail}"


def test_dates_of_review_at_the_end_become_facts() -> None:
    article = page(
        f"{BODY}\n\nPage last reviewed: 12 March 2024\nNext review due: 12 March 2027"
    ).article
    assert facts(article) == {"reviewed": "2024-03-12", "next_review": "2027-03-12"}
    assert article.text == BODY


def test_advertisements_are_removed_from_the_middle() -> None:
    understood = page(f"{BODY}\n\nAdvertisement\n\nContinue reading below\n\n{BODY}")
    assert understood.article.text == f"{BODY}\n\n{BODY}"


def test_a_list_of_links_at_the_end_of_markdown_is_removed() -> None:
    understood = markdown(
        f"{BODY}\n\n## Related articles\n\n- [Neck exercises](a.md)\n- [Pain](b.md)"
    )
    assert understood.article.text == BODY


REPEATED = (
    "A stiff neck mostly comes from a strained muscle and gets better in a week. "
    "Heat and gentle movement help."
)
SAID_AGAIN = (
    "In nearly all people a stiff neck comes from a strained muscle that gets better in a week.\n\n"
    "Heat and gentle movement help more than a collar."
)


@pytest.mark.parametrize("heading", ["Introduction", "Summary", "Abstract"])
def test_an_introduction_that_is_said_again_is_dropped(heading: str) -> None:
    understood = page(f"{heading}\n{REPEATED}\n\n{SAID_AGAIN}")
    assert understood.article.text == SAID_AGAIN
    (removed,) = understood.removed
    assert removed.startswith("introduction that the text repeats: A stiff neck mostly")


def test_an_introduction_of_markdown_that_is_said_again_is_dropped() -> None:
    understood = markdown(f"# T\n\n## Introduction\n\n{REPEATED}\n\n## Causes\n\n{SAID_AGAIN}")
    assert sections(understood) == [("Causes", SAID_AGAIN)]


def test_an_introduction_with_one_sentence_of_its_own_stays_whole() -> None:
    own = f"{REPEATED} Call 911 if your arm is suddenly weak."
    understood = page(f"Introduction\n{own}\n\nCauses\n\n{SAID_AGAIN}")
    assert sections(understood)[0] == ("Introduction", own)
    assert understood.removed == ()


def test_an_introduction_is_not_dropped_because_two_sentences_together_cover_it() -> None:
    introduction = "Heat eases neck pain, while cold calms swollen knees quickly."
    body = "Heat eases neck pain in winter.\n\nCold calms swollen knees quickly at night."
    assert page(f"Introduction\n{introduction}\n\n{body}").article.text == (
        f"{introduction}\n\n{body}"
    )


@pytest.mark.parametrize(("shared", "dropped"), [(6, True), (5, False)])
def test_sixty_percent_of_the_words_cover_a_sentence(shared: int, dropped: bool) -> None:
    names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    introduction = " ".join(names) + "."
    body = " ".join([*names[:shared], "and some other words that are not in it"]) + "."
    understood = page(f"Introduction\n{introduction} {introduction}\n\n{body}")
    assert (understood.article.text == body) is dropped


def test_the_lone_heading_of_an_introduction_does_not_name_the_whole_text() -> None:
    understood = page(f"Introduction\n{BODY}\n\nA pinched nerve is something else.")
    assert sections(understood) == [("", f"{BODY}\n\nA pinched nerve is something else.")]


def test_a_paragraph_that_repeats_without_such_a_heading_stays() -> None:
    assert page(f"{REPEATED}\n\n{SAID_AGAIN}").article.text == f"{REPEATED}\n\n{SAID_AGAIN}"
