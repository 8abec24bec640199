from __future__ import annotations

import json

import pytest

from rag.corpus.html_dates import page_date
from rag.corpus.understand import Understood, understand
from rag.types import Article
from tests.corpus.sources import reasons, source, split

PROSE = "Most people with a stiff neck get better within a week, whatever they do about it."


def read(head: str, top: str = "<h1>A stiff neck</h1>", more: str = "") -> Understood:
    body = f"<html><head>{head}</head><body>{top}<p>{PROSE}</p>{more}</body></html>"
    return understand(source(body, "html"), split)


def facts(head: str, top: str = "<h1>A stiff neck</h1>", more: str = "") -> Article:
    return read(head, top, more).article


def meta(**named: str) -> str:
    return "".join(
        f"<meta name='{name.replace('__', ':')}' content=\"{value}\">"
        for name, value in named.items()
    )


def linked(**values: object) -> str:
    data = json.dumps({"@context": "https://schema.org", "@type": "Article", **values})
    return f"<script type='application/ld+json'>{data}</script>"


@pytest.mark.parametrize(
    ("head", "top", "expected"),
    [
        ("<title>A stiff neck - Clinic</title>", "<h1>A stiff neck</h1>", "A stiff neck"),
        ("<title>A stiff neck: causes | Clinic</title>", "<h1>A stiff neck</h1>", "A stiff neck"),
        ("<title>A stiff neck</title>", "<h1>Clinic</h1><h1>A stiff neck</h1>", "A stiff neck"),
        ("<title>Gout - Overview</title>", "<h1>Overview</h1>", "Gout - Overview"),
        (meta(og__title="A stiff neck", og__site_name="Clinic"), "<h1>Clinic</h1>", "A stiff neck"),
        (meta(og__title="Clinic | A stiff neck", og__site_name="Clinic"), "", "A stiff neck"),
        (linked(headline="A stiff neck &amp; a sore one"), "", "A stiff neck & a sore one"),
        (
            linked(headline="A stiff neck and what…"),
            "<h1>A stiff neck and what helps</h1>",
            "A stiff neck and what helps",
        ),
        ("", "<h1>A stiff neck</h1>", "A stiff neck"),
        ("<title>A stiff neck</title>", "", "A stiff neck"),
    ],
)
def test_a_title_is_that_of_the_article_without_the_name_of_the_site(
    head: str, top: str, expected: str
) -> None:
    assert expected == facts(head, top).title


@pytest.mark.parametrize(
    ("head", "top", "expected"),
    [
        (meta(citation_author="Doe, Jane A."), "", ("Jane A. Doe",)),
        (meta(citation_author="Jane A. Doe, MD"), "", ("Jane A. Doe, MD",)),
        (meta(citation_authors="Doe, J.; Roe, R. B."), "", ("J. Doe", "R. B. Roe")),
        (meta(author="By Jane A. Doe and R. B. Roe"), "", ("Jane A. Doe", "R. B. Roe")),
        (meta(author="admin"), "", ()),
        (meta(article__author="https://social.example/jane"), "", ()),
        (linked(author="Jane A. Doe"), "", ("Jane A. Doe",)),
        (linked(author={"@type": "Person", "name": "Jane A. Doe"}), "", ("Jane A. Doe",)),
        (linked(author=[{"name": "Jane A. Doe"}, "R. B. Roe"]), "", ("Jane A. Doe", "R. B. Roe")),
        (linked(author={"@type": "Organization", "name": "Clinic Staff"}), "", ("Clinic Staff",)),
        (meta(author="Clinic", og__site_name="Clinic"), "<p>By Jane A. Doe</p>", ("Jane A. Doe",)),
        ("", "<p class='byline'>By <a rel='author'>Jane A. Doe</a></p>", ("Jane A. Doe",)),
        ("", "<span class='author-name'>Jane A. Doe</span>", ("Jane A. Doe",)),
        ("", "<p>Medically reviewed by Jane A. Doe, MD</p>", ()),
        (linked(reviewedBy={"name": "R. B. Roe"}), "<p>By Jane A. Doe</p>", ("Jane A. Doe",)),
        (
            meta(citation_author="Jane A. Doe"),
            "<h4>Jane A. Doe, MD<sup>1</sup>; R. B. Roe<sup>2</sup></h4>",
            ("Jane A. Doe", "R. B. Roe"),
        ),
    ],
)
def test_authors_are_persons_named_in_full(head: str, top: str, expected: tuple[str, ...]) -> None:
    assert expected == facts(head, f"<h1>A stiff neck</h1>{top}").authors


@pytest.mark.parametrize(
    ("head", "top", "published", "reviewed"),
    [
        (meta(article__published_time="2020-01-02T23:30:00-05:00"), "", "2020-01-02", None),
        (meta(citation_publication_date="2020/1/2"), "", "2020-01-02", None),
        (meta(citation_publication_date="2020"), "", None, None),
        (meta(dcterms__issued="2020-01-02"), "", None, None),
        (meta(parsely_pub_date="2020-01-02"), "", "2020-01-02", None),
        (
            linked(datePublished="2020-01-02", dateModified="2021-01-01"),
            "",
            "2020-01-02",
            "2021-01-01",
        ),
        (linked(datePublished="2020-01-02", dateModified="2020-01-02"), "", "2020-01-02", None),
        (
            linked(
                datePublished="2020-01-02", dateModified="2022-01-01", lastReviewed="2021-01-01"
            ),
            "",
            "2020-01-02",
            "2021-01-01",
        ),
        (linked(lastReviewed="2021-01-01"), "", None, "2021-01-01"),
        (
            "",
            "<p>Published: 2 January 2020 | Last reviewed: 3 May 2021</p>",
            "2020-01-02",
            "2021-05-03",
        ),
        ("", "<p>RESEARCH — Volume 2 — January 2, 2020</p>", "2020-01-02", None),
        ("", "<p>Publicado el 2 de enero de 2020</p>", "2020-01-02", None),
        ("", "<p>Veröffentlicht am 2. Januar 2020</p>", "2020-01-02", None),
        ("", "<p>Actualizado: 3 de mayo de 2021</p>", None, "2021-05-03"),
        ("", "<p><time datetime='2020-01-02'>two days ago</time></p>", "2020-01-02", None),
        ("", "<p>Updated <time datetime='2021-05-03'>two days ago</time></p>", None, "2021-05-03"),
        (linked(datePublished="2020-01-02"), "<p>March 3, 2021</p>", "2020-01-02", None),
        (
            "<meta property='cdc:first_published' content='May 2, 2020'>",
            "<p>NOTES — January 2, 2020</p>",
            "2020-01-02",
            None,
        ),
        (meta(DC__date="2020-01-02"), "", None, None),
        ("<link rel='canonical' href='https://a.example/2020/01/02/neck'>", "", "2020-01-02", None),
    ],
)
def test_each_date_of_a_page_is_taken_for_what_it_is(
    head: str, top: str, published: str | None, reviewed: str | None
) -> None:
    head = head.replace("dcterms:issued", "dcterms.other").replace("DC:date", "other")
    article = facts(head, f"<h1>A stiff neck</h1>{top}")
    assert (published, reviewed) == (article.published, article.reviewed)


def test_a_date_in_the_text_or_beside_another_article_is_not_the_date_of_the_page() -> None:
    more = (
        "<p>On 3 March 2021 a survey found that few people know this.</p>"
        "<div class='teasers'><h3>Sore throats</h3><p>4 May 2022</p></div><p>© 2025 Clinic</p>"
    )
    article = facts("", more=more)
    assert (None, None) == (article.published, article.reviewed)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (meta(og__site_name="The Clinic"), "The Clinic"),
        (meta(citation_journal_title="Journal of Necks"), "Journal of Necks"),
        (linked(publisher={"@type": "Organization", "name": "The Clinic"}), "The Clinic"),
        (meta(og__site_name="https://clinic.example"), None),
        ("<link rel='canonical' href='https://clinic.example/neck'>", None),
    ],
)
def test_a_publisher_is_named_and_no_address(head: str, expected: str | None) -> None:
    assert expected == facts(head).publisher


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<link rel='canonical' href='https://a.example/neck'>", "https://a.example/neck"),
        ("<meta property='og:url' content='https://a.example/neck'>", "https://a.example/neck"),
        (linked(url="https://a.example/neck"), "https://a.example/neck"),
        (linked(mainEntityOfPage={"@id": "https://a.example/neck#page"}), "https://a.example/neck"),
        (
            "<link rel='canonical' href='/neck'>" + meta(og__url="https://a.example/n"),
            "https://a.example/n",
        ),
        ("<link rel='stylesheet' href='https://a.example/neck'>", None),
    ],
)
def test_the_address_of_a_page_is_its_canonical_one(head: str, expected: str | None) -> None:
    assert expected == facts(head).url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "https://me:pw@a.example/", "/neck", "ftp://a.b/"],
)
def test_an_unusable_address_is_left_out_with_a_warning(url: str) -> None:
    understood = read(f"<link rel='canonical' href='{url}'>")
    assert understood.article.url is None
    assert len(reasons(understood)) == 1
    assert url in reasons(understood)[0]


def test_json_ld_is_read_in_a_graph_by_reference_and_with_broken_lines() -> None:
    script = """<script type="application/ld+json"><!--
    {"@graph": [{"@type": "WebPage", "lastReviewed": "2021-05-03"},
      {"@type": ["NewsArticle"], "headline": "A stiff
      neck", "author": {"@id": "#jane"}},
      {"@type": "Person", "@id": "#jane", "name": "Jane A. Doe"}]}
    --></script>"""
    article = facts(script)
    assert ("A stiff neck", ("Jane A. Doe",), "2021-05-03") == (
        article.title,
        article.authors,
        article.reviewed,
    )


def test_json_ld_of_another_article_does_not_count() -> None:
    other = linked(headline="Ferries", datePublished="2019-01-01", author="Someone Else")
    own = linked(headline="A stiff neck", datePublished="2020-01-02", author="Jane A. Doe")
    article = facts(f"<title>A stiff neck</title>{other}{own}")
    assert ("2020-01-02", ("Jane A. Doe",)) == (article.published, article.authors)


@pytest.mark.parametrize(
    "script", ["", "{", "[]", "null", "3", '{"@type": 3, "author": 4}', "[[[]]]"]
)
def test_json_ld_that_says_nothing_is_ignored(script: str) -> None:
    head = f"<script type='application/ld+json'>{script}</script>"
    assert facts(head).title == "A stiff neck"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-02", "2024-05-02"),
        ("2024/5/2", "2024-05-02"),
        ("2024-05-02T10:11:12.345Z", "2024-05-02"),
        ("20240502", "2024-05-02"),
        ("May 2, 2024", "2024-05-02"),
        ("Thu, 02 May 2024 10:00:00 GMT", "2024-05-02"),
        ("2 de mayo de 2024", "2024-05-02"),
        ("2 mai 2024", "2024-05-02"),
        ("2. März 2024", "2024-03-02"),
        ("2024年5月2日", "2024-05-02"),
    ],
)
def test_dates_of_pages_are_read_in_many_forms(value: str, expected: str) -> None:
    assert expected == page_date(value)


@pytest.mark.parametrize("value", ["", "2024", "2024-05", "03/04/2024", "2024-02-30", "soon"])
def test_what_is_no_certain_day_is_no_date(value: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        page_date(value)
