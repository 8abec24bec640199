from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from rag.corpus import read_sources, split_sentences, understand
from rag.indexer import Indexer, IndexReport
from rag.publisher import Publisher
from rag.settings import Settings
from rag.types import Edit, StoredArticle
from rag.web import create_app
from tests.doubles import HashingEncoder, ScriptedAssistant
from tests.making import RECIPE, live_texts, reading, update

TOKEN = "a long enough tökên"
EDITOR = {"Authorization": f"Bearer {TOKEN}".encode().decode("latin-1")}
BODY = {"title": "Back pain", "markdown": "## Does it pass?\n\nMost back pain passes."}


class Desk:
    """The editors' side over a small index of its own."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.index = folder / "corpus", folder / "index"
        self.corpus.mkdir()
        (self.corpus / "knee.md").write_text("# Knee\n\nKnees heal.\n")
        self.indexer = Indexer(
            lambda: read_sources(self.corpus),
            lambda source: understand(source, split_sentences),
            self.index,
            RECIPE,
            HashingEncoder,
        )
        update(self.indexer)
        self.publisher = Publisher(
            self.corpus,
            self.index,
            lambda _: None,
            lambda _: HashingEncoder(),
            lambda source: understand(source, split_sentences),
            0.0,
        )

    def publish(self, article_id: str, content: str, expected: str | None) -> Edit:
        return self.publisher.publish(article_id, content, expected)

    def withdraw(self, article_id: str, expected: str | None) -> Edit:
        return self.publisher.withdraw(article_id, expected)

    def refresh(self) -> IndexReport:
        return update(self.indexer)

    def stored(self, article_id: str) -> StoredArticle:
        with reading(self.index) as opened:
            return opened.article(article_id)

    def texts(self) -> set[str]:
        with reading(self.index) as opened:
            return set(live_texts(opened).values())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    settings = Settings(editor_token=TOKEN)
    return create_app(settings, ScriptedAssistant(), desk).test_client()


def put(client: FlaskClient, article_id: str = "back", **changes: Any) -> Any:
    body = {name: value for name, value in {**BODY, **changes}.items() if value is not None}
    return client.put(f"/v1/articles/{article_id}", json=body, headers=EDITOR)


def test_a_new_article_is_201_and_live(client: FlaskClient, desk: Desk) -> None:
    response = put(client, authors=["A. B"], publisher="Demo", published="2026-01-31")
    edit = response.get_json()
    stored = desk.stored("back").article
    assert 201 == response.status_code
    assert {
        "article_id": "back",
        "version": stored.version,
        "change": "added",
        "passages": 1,
        "embedded": 1,
        "generation": 2,
    } == edit
    assert f'"{stored.version}"' == response.headers["ETag"]
    assert ("Back pain", ("A. B",), "Demo", "2026-01-31") == (
        stored.title,
        stored.authors,
        stored.publisher,
        stored.published,
    )
    assert "Does it pass?" == stored.sections[0].heading


def test_the_same_and_another_version_are_200(client: FlaskClient) -> None:
    put(client)
    same, other = put(client), put(client, markdown="It often passes.")
    assert [(200, "unchanged"), (200, "updated")] == [
        (r.status_code, r.get_json()["change"]) for r in (same, other)
    ]


def test_plain_text_is_taken_as_it_is(client: FlaskClient, desk: Desk) -> None:
    put(client, markdown=None, text="# is a mark here.\n\nWalk *a lot*: 2 * 3 km.")
    assert "# is a mark here.\n\nWalk *a lot*: 2 * 3 km." == desk.stored("back").article.text


@pytest.mark.parametrize(
    "title", ["Yes: no", "'a' \"b\"", "- a list", "# 1", "null", "~", "2026-01-01", "椎管狭窄？"]
)
def test_any_title_comes_back_as_it_was_sent(client: FlaskClient, desk: Desk, title: str) -> None:
    put(client, title=title)
    assert title == desk.stored("back").article.title


def test_a_colleague_is_not_overwritten(client: FlaskClient) -> None:
    seen = put(client).headers["ETag"]
    put(client, markdown="A colleague's text.")
    for method in (client.put, client.delete):
        response = method("/v1/articles/back", json=BODY, headers={**EDITOR, "If-Match": seen})
        assert (412, "version-conflict") == kind(response)
    mine = put(client, markdown="A colleague's text.").headers["ETag"]
    after = client.put("/v1/articles/back", json=BODY, headers={**EDITOR, "If-Match": mine})
    assert 200 == after.status_code


def test_a_withdrawn_article_is_gone_whatever_the_content_type(
    client: FlaskClient, desk: Desk
) -> None:
    response = client.delete("/v1/articles/knee", headers=EDITOR, data="x", content_type="a/b")
    assert (200, "withdrawn") == (response.status_code, response.get_json()["change"])
    assert set() == desk.texts()


def test_what_never_was_is_404(client: FlaskClient) -> None:
    assert (404, "not-found") == kind(client.delete("/v1/articles/neck", headers=EDITOR))


def test_refreshing_takes_up_what_was_put_into_the_folder(client: FlaskClient, desk: Desk) -> None:
    (desk.corpus / "hip.md").write_text("# Hip\n\nHips heal.\n")
    report = client.post("/v1/index/refresh", headers=EDITOR).get_json()
    assert (2, 1, []) == (report["generation"], report["added"], report["rejected"])
    assert {"Knees heal.", "Hips heal."} == desk.texts()


def test_too_many_absent_files_at_once_are_a_conflict(client: FlaskClient, desk: Desk) -> None:
    for number in range(9):
        (desk.corpus / f"a{number}.md").write_text(f"# A\n\nText {number}.\n")
    client.post("/v1/index/refresh", headers=EDITOR)
    for path in desk.corpus.glob("a*.md"):
        path.unlink()
    assert (409, "conflict") == kind(client.post("/v1/index/refresh", headers=EDITOR))


def kind(response: Any) -> tuple[int, str]:
    assert "application/problem+json" == response.mimetype
    return response.status_code, response.get_json()["type"].rpartition("/")[2]


ROUTES = [
    ("PUT", "/v1/articles/back"),
    ("DELETE", "/v1/articles/back"),
    ("POST", "/v1/index/refresh"),
    ("GET", "/v1/index"),
]
TOKENS = {
    "none": {},
    "empty": {"Authorization": "Bearer "},
    "wrong": {"Authorization": "Bearer not the token at all"},
    "not ASCII": {"Authorization": "Bearer \xff\xfe"},
    "another scheme": {"Authorization": EDITOR["Authorization"].replace("Bearer", "Basic")},
    "cut": {"Authorization": EDITOR["Authorization"][:-1]},
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("headers", TOKENS.values(), ids=TOKENS)
def test_without_the_token_every_editors_route_is_401(
    client: FlaskClient, desk: Desk, method: str, path: str, headers: dict[str, str]
) -> None:
    response = client.open(path, method=method, json=BODY, headers=headers)
    assert (401, "unauthorized") == kind(response)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert {"Knees heal."} == desk.texts()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_in_the_settings_there_is_no_editors_route(
    desk: Desk, method: str, path: str
) -> None:
    client = create_app(Settings(), ScriptedAssistant(), desk).test_client()
    assert (404, "not-found") == kind(client.open(path, method=method, json=BODY, headers=EDITOR))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no title": ({"title": None}, "title"),
    "empty title": ({"title": " \u200b"}, "title"),
    "no text": ({"markdown": None}, "body"),
    "two texts": ({"text": "x"}, "body"),
    "empty text": ({"markdown": "\n"}, "markdown"),
    "script address": ({"url": "javascript:alert(1)"}, "url"),
    "address with user": ({"url": "https://a:b@example.org/"}, "url"),
    "relative address": ({"url": "/a"}, "url"),
    "no such day": ({"published": "2026-02-30"}, "published"),
    "another form of date": ({"expires": "1 May 2026"}, "expires"),
    "bad id": ({"supersedes": "../x"}, "supersedes"),
    "bad language": ({"language": "english!"}, "language"),
    "unknown field": ({"body": "x"}, "body"),
    "number as author": ({"authors": [1]}, "authors"),
}


@pytest.mark.parametrize(("changes", "field"), BAD.values(), ids=BAD)
def test_a_bad_article_is_422_that_names_the_field(
    client: FlaskClient, desk: Desk, changes: dict[str, Any], field: str
) -> None:
    response = put(client, **changes)
    assert (422, "invalid-request") == kind(response)
    assert response.get_json()["errors"][0]["field"].startswith(field)
    assert {"Knees heal."} == desk.texts()
    assert not (desk.corpus / "_published").exists()


@pytest.mark.parametrize("article_id", ["-a", "a b", ".hidden", "a" * 129, "ä"])
def test_a_bad_id_is_refused(client: FlaskClient, article_id: str) -> None:
    assert 422 == put(client, article_id).status_code


@pytest.mark.parametrize("path", ["..%2f..%2fetc", "%2e%2e", "a%00b"])
def test_an_id_is_never_a_path(client: FlaskClient, desk: Desk, path: str) -> None:
    response = client.put(f"/v1/articles/{path}", json=BODY, headers=EDITOR)
    assert response.status_code in (404, 422)
    assert ["knee.md"] == [p.name for p in desk.corpus.iterdir()]


def test_an_article_of_which_nothing_is_left_is_rejected(client: FlaskClient) -> None:
    response = put(client, markdown="# Back pain")
    assert (422, "article-rejected") == kind(response)


def test_an_article_may_be_longer_than_a_question_but_not_endless(client: FlaskClient) -> None:
    assert 201 == put(client, markdown="Walk a lot. " * 20_000).status_code
    assert (413, "body-too-large") == kind(put(client, markdown="Walk a lot. " * 100_000))


def test_a_withdrawn_article_is_shown_to_editors_alone(client: FlaskClient) -> None:
    assert 200 == client.get("/v1/articles/back-pain", headers=EDITOR).status_code
