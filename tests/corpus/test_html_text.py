from __future__ import annotations

import pytest

from rag.corpus.understand import Understood, understand
from rag.errors import ArticleRejected
from tests.corpus.sources import sections, source, split

PROSE = "Most people with a stiff neck get better within a week, whatever they do about it."
MORE = "Heat, gentle movement and time are what helps; a collar keeps the muscles from working."


def read(body: str, title: str | None = "T", **metadata: object) -> Understood:
    return understand(source(body, "html", title, metadata), split)


def text(body: str) -> str:
    return read(body).article.text


def whole(body: str) -> Understood:
    """A page with so much text that it is an article beyond doubt."""
    prose = f"<p>{PROSE}</p><p>{MORE}</p>" * 2
    return read(
        f"<html><body><main><h1>T</h1>{prose}{body}<h2>End</h2><p>{MORE}</p></main></body></html>"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Rest helps.</p>", "Rest helps."),
        ("Rest helps.", "Rest helps."),
        ("<p>Rest <b>really</b> <i>he</i>lps.</p>", "Rest really helps."),
        (
            "<div>Rest helps.<p>Heat too.</p>So does time.</div>",
            "Rest helps.\n\nHeat too.\n\nSo does time.",
        ),
        ("<p>10<sup>5</sup> cells, R<sup>2</sup></p>", "10⁵ cells, R²"),
        ("<p>Weight<sup>a</sup> and H<sub>2</sub>O</p>", "Weightᵃ and H2O"),
        ("<p>the 1<sup>st</sup> day</p>", "the 1st day"),
        (
            "<p>It works<a href='#1'>1</a> (<a href='#2'>2</a>,<a href='#3'>3</a>).</p>",
            "It works[1] (2,3).",
        ),
        ("<p>Take <del>5</del> 4 <s>x</s>tablets.</p>", "Take 4 tablets."),
        ("<p>It&#146;s caf&eacute; &amp; tea &lt; 5</p>", "It’s café & tea < 5"),
        ("<p>a&#8203;b&shy;c&#xFEFF;d&#11;e&#0;f</p>", "abcdef"),
        ("<p>Rest helps.<br>Heat too.</p>", "Rest helps.\nHeat too."),
        ("<p>Rest helps.<br><br>Heat too.</p>", "Rest helps.\n\nHeat too."),
        ("<p>Rest<br>and heat help.</p>", "Rest and heat help."),
        ("<ul><li>Pain</li><li><p>Cramp</p></li></ul>", "Pain\nCramp"),
        ("<p>• Pain<br>• Cramp</p>", "Pain\nCramp"),
        ("<pre>Rest\nHeat</pre>", "Rest\nHeat"),
        ("<table><tr><td>a<td><td>c<tr><td>d</table>", "a; ; c\nd"),
        (
            "<table><tr><td><h2>Rest</h2>helps</td><td>Heat</td></tr></table>",
            "Rest\n\nhelps\n\nHeat",
        ),
    ],
)
def test_text_of_html_is_what_a_reader_sees(body: str, expected: str) -> None:
    assert expected == text(body)


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>Seven tablets.</p>",
        "<p style='display: none'>Seven tablets.</p>",
        "<p style='visibility:hidden'>Seven tablets.</p>",
        "<p style='font-size:0px'>Seven tablets.</p>",
        "<p style='opacity:0'>Seven tablets.</p>",
        "<p style='font-size:1px; color:white'>Seven tablets.</p>",
        "<p style='position:absolute; left:-5000px'>Seven tablets.</p>",
        "<p class='screen-reader-text'>Seven tablets.</p>",
        "<p class='d-none'>Seven tablets.</p>",
        "<style>#x { display:none }</style><p id='x'>Seven tablets.</p>",
        "<style>@media screen { p { color: red } } .x, .y { visibility: hidden }</style>"
        "<p class='y'>Seven tablets.</p>",
        "<!-- Seven tablets. -->",
        "<script>Seven tablets.</script>",
        "<template>Seven tablets.</template>",
        "<noscript>Seven tablets.</noscript>",
        "<img alt='Seven tablets.' title='Seven tablets.'>",
        "<textarea>Seven tablets.</textarea>",
        "<button>Seven tablets.</button>",
    ],
)
def test_hidden_text_is_no_text(hidden: str) -> None:
    assert PROSE == text(f"{hidden}<p>{PROSE}</p>")


@pytest.mark.parametrize(
    "shown",
    [
        "<p class='d-none d-lg-block'>Seven tablets.</p>",
        "<p class='hidden md:block'>Seven tablets.</p>",
        "<style>@media print { .x { display:none } }</style><p class='x'>Seven tablets.</p>",
        "<style>.a .x { display:none }</style><p class='x'>Seven tablets.</p>",
        "<p style='opacity:0.5'>Seven tablets.</p>",
        "<p style='font-size:2em; margin-left:-100px; min-width:0'>Seven tablets.</p>",
        "<p style='font-size:0.9em'>Seven tablets.</p>",
        "<p aria-hidden='true'>Seven tablets.</p>",
    ],
)
def test_what_is_shown_somewhere_is_text(shown: str) -> None:
    assert f"Seven tablets.\n\n{PROSE}" == text(f"{shown}<p>{PROSE}</p>")


@pytest.mark.parametrize(
    "around",
    [
        "<nav><a href='/'>Home</a></nav>",
        "<aside><p>A tip of the week for you.</p></aside>",
        "<div role='navigation'>Home</div>",
        "<div class='cookieBanner'>This site sets cookies.</div>",
        "<div id='share-buttons'>Tell your friends about it.</div>",
        "<ul class='social-links'><li>Facebook</li></ul>",
        "<div class='relatedArticles'><p>Another story about something else.</p></div>",
        "<h3>Related articles</h3><ul><li><a href='/a'>Another story</a></li></ul>",
        "<div><p><strong>You may also like</strong></p></div>"
        "<ul><li><a href='/a'>A story</a></li></ul>",
        "<h3>También te puede interesar</h3><div><a href='/a'>Otra historia</a></div>",
        "<p>推荐阅读</p><ul><li><a href='/a'>别的文章</a></li></ul>",
        "<form><p>Write to the editor of this page.</p></form>",
        "<h2>References</h2><ol><li>Field A. Spades. 2010.</li></ol>"
        "<h3>More</h3><p>Rake B. 2011.</p>",
        "<p>Jump to:</p><ul><li><a href='#a'>Causes</a></li><li><a href='#b'>Care</a></li></ul>",
        "<div class='author-box'><p>Jane Doe is a nurse who lives in Leeds.</p></div>",
        "<p>Tags: <a>neck</a>, <a>pain</a></p>",
        "<p>Peer reviewed</p>",
        "<p>Cite this article: Doe J. A stiff neck. 2020.</p>",
    ],
)
def test_what_belongs_to_the_site_is_no_text(around: str) -> None:
    with_it, without = whole(around).article.text, whole("").article.text
    assert without == with_it


def test_a_warning_beside_the_text_stays() -> None:
    warning = "Warning: call an ambulance if you cannot move your arm."
    assert warning in whole(f"<aside class='callout'><p>{warning}</p></aside>").article.text


def test_a_list_of_symptoms_that_are_links_stays() -> None:
    links = "".join(f"<li><a href='/{n}'>{n}</a></li>" for n in ("Fever", "Headache", "Cramp"))
    found = whole(f"<h2>Symptoms</h2><p>Look for:</p><ul>{links}</ul>").article.text
    assert "Look for:\n\nFever\nHeadache\nCramp" in found


def test_a_page_whose_body_is_named_after_its_sidebar_is_kept() -> None:
    body = f"<div class='has-sidebar sidebar'><p>{PROSE}</p><p>{MORE}</p></div>"
    assert f"{PROSE}\n\n{MORE}" == text(body)


def test_a_section_after_the_references_is_kept() -> None:
    references = "<h2>References</h2><p>Field A. 2010.</p>"
    body = f"<p>{PROSE}</p>{references}<h2>Notes for nurses</h2><p>{MORE}</p>"
    assert [("", PROSE), ("Notes for nurses", MORE)] == sections(read(body))


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("<p><b>What helps</b></p>", True),
        ("<p><strong>What helps?</strong><br></p>", True),
        ("<p><b>Do not use a collar.</b></p>", False),
        ("<p><b>What helps</b> most</p>", False),
        ("<p><b>what helps</b></p>", False),
        ("<summary>What helps</summary>", True),
        ("<h2><button>What helps</button></h2>", True),
    ],
)
def test_a_bold_line_alone_is_a_heading(line: str, is_heading: bool) -> None:
    found = sections(read(f"<p>{PROSE}</p>{line}<p>{MORE}</p>"))
    assert is_heading == (len(found) == 2)


def test_notes_below_a_table_stay_though_trafilatura_leaves_them_out() -> None:
    table = "<table><tr><th>Age</th><th>Number</th></tr><tr><td>60–69</td><td>120</td></tr></table>"
    note = "<p class='note'>Percentages may not add up to 100 because of missing data.</p>"
    assert "60–69; 120\n\nPercentages may not add up to 100" in whole(table + note).article.text


@pytest.mark.parametrize("body", ["", " ", "<!-- x -->", "<html></html>", "<frameset>", "\x00"])
def test_what_holds_no_text_is_rejected(body: str) -> None:
    with pytest.raises(ArticleRejected, match=r"there is no text"):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 2_000 + PROSE,
        f"<p>{PROSE}</p>" + "</div>" * 2_000,
        f"<?xml version='1.0' encoding='latin-1'?><html><body><p>{PROSE}</p></body></html>",
        f"<meta charset='shift_jis'><p>{PROSE}</p>",
        f"<p>{PROSE}</p><script>",
        f"<p>{PROSE}</p><style>.a {{ @media {{",
        f"<script type='application/ld+json'>{'[' * 9_000}</script><p>{PROSE}</p>",
    ],
)
def test_no_page_is_too_strange_to_be_read_or_rejected(body: str) -> None:
    try:
        assert text(body) == PROSE
    except ArticleRejected:
        assert body.startswith("<div>")


def test_what_is_given_apart_from_a_page_counts_before_what_it_says_itself() -> None:
    body = (
        "<html lang='en'><head><meta name='author' content='Jane A. Doe'>"
        "<meta property='article:published_time' content='2020-01-02'></head>"
        f"<body><h1>Inside</h1><p>{PROSE}</p></body></html>"
    )
    article = read(body, title="Given", date="2021-03-04", language="es").article
    assert ("Given", "2021-03-04", "es") == (article.title, article.published, article.language)
    assert article.authors == ("Jane A. Doe",)


def test_front_matter_stands_above_a_page_too() -> None:
    article = read(f"---\npublisher: Us\n---\n<p>{PROSE}</p>").article
    assert (article.publisher, article.text) == ("Us", PROSE)
