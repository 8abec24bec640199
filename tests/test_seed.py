"""Articles copied from a health web page as they stand there, asked over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from rag.corpus import split_sentences
from rag.indexer import IndexOptions, IndexReport
from rag.settings import Settings
from rag.text import jaccard, word_set
from rag.web import create_app
from rag.wiring import build_indexer

ROOT = Path(__file__).parents[1]
COPIED = ROOT / "tests" / "data" / "copied"


@dataclass(frozen=True)
class Page:
    """An article's file and what must come of it.

    decides: the words by which the sentence is known that answers the question of the title;
    boilerplate: what stands in the file beside title, introduction and text; related: questions
    that the article says something about; unrelated: questions that it does not answer.
    """

    path: Path
    title: str
    decides: str
    author: str
    publisher: str
    published: str
    boilerplate: tuple[str, ...]
    related: tuple[str, ...]
    unrelated: tuple[str, ...]


UNRELATED = ("What is the capital of France?", "How do I treat a bee sting?")
FOOT = ("Introduction", "Related Articles", "View All")
PAGES = (
    Page(
        path=COPIED / "copied-article.txt",
        title="Can plantar heel pain go away on its own?",
        decides="plantar heel pain goes away on its own",
        author="Dr. Marta Lindholm",
        publisher="Fieldgate Health",
        published="2025-03-04",
        boilerplate=("Mar 4, 2025", "Source:", "Lindholm", *FOOT),
        related=("When is surgery needed for plantar heel pain?", "plantar heel pain"),
        unrelated=(*UNRELATED, "What dose of metformin should I take?"),
    ),
    Page(
        path=ROOT.parent / "shared" / "data" / "seed-article.txt",
        title="Can spinal stenosis be completely cured?",
        decides="difficult to cure completely",
        author="Dr. Chen Jian",
        publisher="Cainiu Health",
        published="2025-09-29",
        boilerplate=("Sep 29, 2025", "Source:", "Chen Jian", *FOOT),
        related=("What causes spinal stenosis?", "Does surgery cure spinal stenosis?"),
        unrelated=(*UNRELATED, "What dose of gabapentin should I take?"),
    ),
)

Ask = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.path.stem)
def page(request: pytest.FixtureRequest) -> Page:
    found: Page = request.param
    if not found.path.exists():
        pytest.skip(f"{found.path.name} is not part of this repository and not beside it")
    return found


@pytest.fixture(scope="module")
def site(
    page: Page, encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[IndexReport, FlaskClient]:
    """What making an index of the article reported, and a client of the service over it."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("corpus", "cache"):
        (folder / name).mkdir()
    shutil.copy(page.path, folder / "corpus")
    (folder / "cache" / "encoders").symlink_to(encoder_cache)
    settings = Settings(
        corpus=folder / "corpus", index=folder / "index", cache=folder / "cache", max_sentences=5
    )
    report = build_indexer(settings).update(IndexOptions(), lambda *_: None)
    return report, create_app(settings).test_client()


@pytest.fixture(scope="module")
def ask(site: tuple[IndexReport, FlaskClient]) -> Ask:
    def post(message: str) -> dict[str, Any]:
        response = site[1].post("/v1/chat", json={"message": message})
        assert response.status_code == 200
        body: dict[str, Any] = response.get_json()
        return body

    return post


@pytest.fixture(scope="module")
def text(page: Page, site: tuple[IndexReport, FlaskClient]) -> str:
    """The article as it may be quoted."""
    return str(site[1].get(f"/v1/articles/{page.path.stem}").get_json()["text"])


def answers(page: Page, ask: Ask) -> list[dict[str, Any]]:
    """The answers to all questions that the article says something about."""
    bodies = [ask(question) for question in (page.title, *page.related)]
    assert ["answered"] * len(bodies) == [body["outcome"] for body in bodies]
    return bodies


def sentences_of(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


def test_the_article_is_taken_in_without_a_complaint(
    page: Page, site: tuple[IndexReport, FlaskClient]
) -> None:
    report = site[0]

    assert (1, (), ()) == (report.articles, report.rejected, report.warnings)


def test_the_question_of_the_title_is_answered_first_by_the_sentence_that_decides(
    page: Page, ask: Ask
) -> None:
    body = ask(page.title)

    assert "answered" == body["outcome"]
    assert page.decides in sentences_of(body["statements"][0]["text"])[0]
    assert page.decides in body["text"].partition("[1]")[0]
    assert [1] == body["statements"][0]["citations"]


def test_title_author_publisher_and_date_are_cited(page: Page, ask: Ask) -> None:
    for body in answers(page, ask):
        for cited in body["citations"]:
            assert (page.path.stem, page.title) == (cited["article_id"], cited["title"])
            assert [page.author] == cited["authors"]
            assert (page.publisher, page.published) == (cited["publisher"], cited["published"])


def test_every_quote_stands_in_the_article(page: Page, ask: Ask, text: str) -> None:
    for body in answers(page, ask):
        for cited in body["citations"]:
            assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_no_sentence_is_said_twice(page: Page, ask: Ask) -> None:
    """Neither in the same words, nor in those of the introduction."""
    for body in answers(page, ask):
        said = [s for statement in body["statements"] for s in sentences_of(statement["text"])]
        assert 1 <= len(said) <= 5
        for one, other in combinations(said, 2):
            assert jaccard(word_set(one), word_set(other)) < 0.6


def test_the_article_says_nothing_twice(page: Page, text: str) -> None:
    """Its introduction is gone, since the text says the same in other words."""
    for one, other in combinations(sentences_of(text), 2):
        assert jaccard(word_set(one), word_set(other)) < 0.6


def test_nothing_of_the_page_around_the_text_is_quoted(page: Page, ask: Ask, text: str) -> None:
    file = page.path.read_text(encoding="utf-8")
    for line in (*page.boilerplate, page.title):
        assert line in file
        assert line not in text
        for body in answers(page, ask):
            assert line not in body["text"]


def test_what_the_article_does_not_treat_is_not_answered(page: Page, ask: Ask) -> None:
    for question in page.unrelated:
        body = ask(question)
        assert body["outcome"] in ("abstained", "limited")
        reasons = ("no_article", "weak_evidence", "personal_dosing")
        assert body["reason"] in reasons
        assert ([], []) == (body["statements"], body["citations"])


def test_the_copied_article_says_that_it_is_for_demonstration() -> None:
    first = (COPIED / "README.md").read_text(encoding="utf-8").splitlines()[0]

    assert "demonstration content" in first.lower()
    assert "no clinician has reviewed it" in first.lower()
