"""Whole pages, in the styles in which sites write theirs: `tests/data/html`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.corpus import read_sources
from rag.corpus.understand import Understood, understand
from rag.errors import ArticleRejected
from rag.types import SourceFile
from tests.corpus.sources import reasons, sections, source, split

PAGES = Path(__file__).parents[1] / "data" / "html"


def page(name: str) -> Understood:
    body = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    return understand(source(body, "html"), split)


@dataclass(frozen=True)
class Facts:
    """What a page says of its article."""

    title: str
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    reviewed: str | None = None
    next_review: str | None = None
    language: str | None = "en"


FACTS = {
    "news": Facts(
        "Evening walks may ease restless legs, small study suggests",
        ("Mara J. Okafor", "Tom B. Reyes"),
        "The Harbour Post",
        "https://news.example.org/health/evening-walks",
        "2025-03-04",
        "2025-03-06",
        language="en-GB",
    ),
    "portal": Facts(
        "Plantar fasciitis",
        ("Ines de la Cruz, MD",),
        "Meadow Health & Care",
        "https://portal.example.com/conditions/plantar-fasciitis/",
        "2021-09-14",
        "2024-05-02",
    ),
    "blog": Facts(
        "My first month with a standing desk",
        ("Jane A. Doe",),
        "The Stiff Neck Diary",
        "https://diary.example.net/2023/10/17/standing-desk/",
        "2023-10-17",
        language="en-US",
    ),
    "journal": Facts(
        "Shoulder exercise in older gardeners: a survey",
        ("Petra L. Novak", "Wei Ng", "Samuel O'Hara, PhD"),
        "Journal of Example Medicine",
        "https://journal.example.edu/articles/2022/117",
        "2022-10-28",
    ),
    "plain": Facts(
        "Looking after dry hands", ("Rosa Lindqvist",), published="2019-02-08", language=None
    ),
    "broken": Facts(
        "Ear wax: what to do and what to leave", ("K. Adeyemi",), published="2020-06-30"
    ),
    "spanish": Facts(
        "Cómo cuidar una quemadura leve",
        ("Lucía Fernández Ortega",),
        "Portal Ejemplo Salud",
        "https://salud.example.es/quemadura-leve",
        "2024-05-12",
        "2024-06-03",
        language="es",
    ),
    "chinese": Facts(
        "久坐之后怎样放松腰部",
        ("王小明",),
        "示例健康网",
        "https://jiankang.example.cn/yao/1001.html",
        "2024-07-09",
        language="zh-CN",
    ),
    "faq": Facts(
        "Questions about hay fever",
        ("Example Allergy Society",),
        None,
        "https://allergy.example.org/faq",
        "2022-04-11",
        "2024-01-09",
        "2027-01-09",
    ),
    "hidden": Facts("Sleeping well in summer"),
    "links": Facts("Cold feet at night", language=None),
    "dates": Facts("Nose bleeds", published="2019-05-20", reviewed="2023-08-15", language="en-AU"),
    "short": Facts("Hiccups"),
}

HEADINGS = {
    "news": ["", "What the walkers noticed", "What experts say"],
    "portal": ["", "Symptoms", "Causes", "What you can do yourself", "When to see a doctor"],
    "blog": ["", "What did not help"],
    "journal": ["Introduction", "Results", "Methods", "Discussion", "Acknowledgments"],
    "plain": ["", "Washing", "Creams"],
    "broken": [""],
    "spanish": ["", "Primeros pasos", "Cuándo ir al médico"],
    "chinese": ["", "简单的动作", "什么时候去看医生"],
    "faq": [
        "",
        "Can I have hay fever in winter?",
        "Do masks help?",
        "Should I keep the windows shut?",
        "Words you may meet",
    ],
}

# A text that readers of the article see, and texts of the site around it, which must be gone.
AROUND = {
    "news": [
        "cookies",
        "Skip to",
        "Sport",
        "Share",
        "ADVERTISEMENT",
        "ALT TEXT",
        "Picture:",
        "Our guide to sleep",
        "naps",
        "inbox",
        "All rights",
        "Ferry",
        "Someone Else",
        "By Mara",
    ],
    "portal": [
        "A–Z",
        "Log in",
        "On this page",
        "reviewed",
        "helpful",
        "Heel spurs",
        "Ten foods",
        "Terms of use",
        "#",
        "Related",
    ],
    "blog": [
        "Archive",
        "Twitter",
        "Six pillows",
        "magnets",
        "Leave a reply",
        "A week without",
        "Proudly",
        "after a year",
        "October",
    ],
    "journal": [
        "Field A",
        "Rake B",
        "Corresponding",
        "Suggested citation",
        "Top",
        "RESEARCH",
        "affiliations",
        "Novak",
    ],
    "plain": ["Rosa", "2019"],
    "spanish": ["cookies", "Inicio", "Publicado", "Quemaduras de sol", "Aviso legal", "Por Lucía"],
    "chinese": ["首页", "发布时间", "怎样选择椅子", "微信", "版权所有", "相关文章"],
    "faq": ["Next review", "last reviewed"],
    "dates": ["Sore throats", "Example Clinic", "Last updated", "Medically reviewed"],
    "short": ["Home", "©"],
}


@pytest.mark.parametrize("name", FACTS)
def test_a_page_gives_the_facts_that_it_states(name: str) -> None:
    article = page(name).article
    found = Facts(
        article.title,
        article.authors,
        article.publisher,
        article.url,
        article.published,
        article.reviewed,
        article.next_review,
        article.language,
    )
    assert FACTS[name] == found


@pytest.mark.parametrize("name", HEADINGS)
def test_the_headings_of_a_page_open_its_sections(name: str) -> None:
    assert HEADINGS[name] == [heading for heading, _ in sections(page(name))]


@pytest.mark.parametrize("name", AROUND)
def test_what_surrounds_an_article_on_its_page_is_gone(name: str) -> None:
    text = page(name).article.text
    assert [] == [around for around in AROUND[name] if around in text]


@pytest.mark.parametrize("name", FACTS)
def test_sections_of_a_page_are_offsets_into_its_text(name: str) -> None:
    article = page(name).article
    assert article.sections
    for section in article.sections:
        text = article.text[section.start : section.end]
        assert text == text.strip() != ""
        assert article.text[: section.start].endswith(f"{section.heading}\n\n"[: section.start])


def test_lists_and_tables_of_a_page_are_lines() -> None:
    found = dict(sections(page("portal")))
    assert found["Symptoms"] == (
        "The pain is usually worst:\n\n"
        "with the first steps of the morning,\n"
        "after sitting for a long time,\n"
        "as at a desk or in a car\n"
        "at the end of a day on hard floors."
    )
    assert found["What you can do yourself"].endswith(
        "How long recovery takes\n\n"
        "Measure; Usual time\nStretching; 6 to 12 weeks\nInsoles; 3 months"
    )


def test_tags_that_nobody_closed_glue_no_words_together() -> None:
    text = page("broken").article.text
    assert "Lie on your side\nLet two drops run in\nStay for ten minutes" in text
    assert "Drops; twice a day\nSyringe; never at home" in text
    assert "push wax deeper & can hurt the ear drum < this happens often." in text


def test_nothing_that_a_reader_does_not_see_becomes_text_or_fact() -> None:
    article = page("hidden").article
    assert "HIDDEN" not in repr(article)
    assert article.text == (
        "A cool bedroom is the best start to a summer night. Open the windows late in the "
        "evening, when the air outside is cooler than the air inside.\n\n"
        "Thin cotton sheets and a shower that is not too cold also help. Drink enough, but little "
        "alcohol.\n\n"
        "See a doctor if you sleep badly for more than a month."
    )


def test_an_address_that_must_not_be_followed_is_left_out_with_a_warning() -> None:
    understood = page("links")
    assert understood.article.url is None
    assert "secret" not in repr(understood.article)
    assert [
        "url 'javascript:alert(1)' is not an absolute http or https address; it is left out",
        "url 'https://user:secret@feet.example.com/cold' holds user info; it is left out",
        "url '/cold' is not an absolute http or https address; it is left out",
        "published 'soon' is not a date; write YYYY-MM-DD; it is left out",
        "language 'not a language' is not a language code such as en; it is left out",
    ] == reasons(understood)


@pytest.mark.parametrize("name", ["empty", "scripts"])
def test_a_page_without_an_article_is_rejected(name: str) -> None:
    with pytest.raises(ArticleRejected, match="there is no text left after cleaning"):
        page(name)


def test_a_page_in_another_encoding_is_rejected_and_the_others_are_read() -> None:
    entries = list(read_sources(PAGES))
    read = [entry.id for entry in entries if isinstance(entry, SourceFile)]
    (rejected,) = [entry for entry in entries if not isinstance(entry, SourceFile)]
    assert sorted({path.stem for path in PAGES.glob("*.html")} - {"latin1"}) == read
    assert getattr(rejected, "path", None) == "latin1.html"
    assert "is not UTF-8" in getattr(rejected, "reason", "")
