from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from rag.settings import Settings
from rag.types import Section, Status, StoredArticle
from rag.web import create_app
from tests.doubles import SCRIPTED_ARTICLE, ScriptedAssistant
from tests.web.conftest import problem_of

LIVE = replace(SCRIPTED_ARTICLE, version="b" * 16, sections=(Section("What helps", 58, 150),))
OLD = replace(SCRIPTED_ARTICLE, version="a" * 16)
GONE = replace(SCRIPTED_ARTICLE, id="gone", version="c" * 16)


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant(
        stored=(
            StoredArticle(LIVE, Status.LIVE, LIVE.version, 9),
            StoredArticle(OLD, Status.SUPERSEDED, LIVE.version, 9),
            StoredArticle(GONE, Status.WITHDRAWN, None, 9),
        )
    )


def test_an_article_has_every_field_of_the_contract(client: FlaskClient) -> None:
    response = client.get("/v1/articles/back-pain")
    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{LIVE.version}"'
    assert response.get_json() == {
        "article_id": "back-pain",
        "version": LIVE.version,
        "current_version": LIVE.version,
        "status": "live",
        "title": LIVE.title,
        "authors": ["A. Writer", "B. Editor"],
        "publisher": "Example Health",
        "url": "https://news.example/back-pain",
        "published": "2025-09-29",
        "reviewed": None,
        "next_review": "2026-01-31",
        "language": "en",
        "text": LIVE.text,
        "sections": [{"heading": "What helps", "start": 58, "end": 150}],
        "generation": 9,
    }


def test_an_old_version_of_a_live_article_is_still_there(client: FlaskClient) -> None:
    body = client.get(f"/v1/articles/back-pain?version={OLD.version}").get_json()
    assert (body["status"], body["version"], body["current_version"]) == (
        "superseded",
        OLD.version,
        LIVE.version,
    )


@pytest.mark.parametrize("query", ["", f"?version={GONE.version}"])
def test_a_withdrawn_article_is_gone(client: FlaskClient, query: str) -> None:
    response = client.get(
        f"/v1/articles/gone{query}", headers={"If-None-Match": f'"{GONE.version}"'}
    )
    assert problem_of(response, 410)["type"] == "/problems/article-withdrawn"
    assert GONE.text[:20] not in response.text


@pytest.mark.parametrize(
    "path",
    ["nope", "back-pain?version=" + "d" * 16, "back-pain?version=x", "..%2Fetc", "%00", "a" * 129,
     "-x", "back%20pain", "%F0%9F%98%80", "%FF", "BACK-PAIN"],
)  # fmt: skip
def test_an_unknown_id_or_version_is_404(client: FlaskClient, path: str) -> None:
    problem_of(client.get(f"/v1/articles/{path}"), 404)


@pytest.mark.parametrize(
    "tag", [f'"{LIVE.version}"', f'W/"{LIVE.version}"', f'"x", "{LIVE.version}"', "*"]
)
def test_a_known_version_is_not_sent_again(client: FlaskClient, tag: str) -> None:
    response = client.get("/v1/articles/back-pain", headers={"If-None-Match": tag})
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == f'"{LIVE.version}"'


def test_another_version_is_sent_again(client: FlaskClient) -> None:
    response = client.get("/v1/articles/back-pain", headers={"If-None-Match": f'"{OLD.version}"'})
    assert response.status_code == 200


def test_a_client_that_insists_on_a_version_is_told_when_it_is_another(client: FlaskClient) -> None:
    path = "/v1/articles/back-pain"
    same = client.get(path, headers={"If-Match": f'"{LIVE.version}"'})
    assert same.status_code == 200
    problem_of(client.get(path, headers={"If-Match": f'"{OLD.version}"'}), 412)


def test_quotes_only_leaves_out_the_text_and_nothing_else(assistant: ScriptedAssistant) -> None:
    full = create_app(Settings(), assistant).test_client()
    quotes = create_app(Settings(public_articles="quotes"), assistant).test_client()
    whole = full.get("/v1/articles/back-pain").get_json()
    del whole["text"]
    assert quotes.get("/v1/articles/back-pain").get_json() == whole


def test_live_articles_are_listed_a_part_at_a_time() -> None:
    stored = tuple(
        StoredArticle(replace(SCRIPTED_ARTICLE, id=name), Status.LIVE, SCRIPTED_ARTICLE.version, 1)
        for name in ("a", "b", "c")
    )
    client = create_app(Settings(), ScriptedAssistant(stored=stored)).test_client()
    first = client.get("/v1/articles?limit=2").get_json()
    assert first["articles"][0] == {
        "article_id": "a",
        "version": "0123456789abcdef",
        "title": "Does back pain get better?",
        "published": "2025-09-29",
        "reviewed": None,
    }
    assert first["next"] == "b"
    second = client.get(f"/v1/articles?limit=2&cursor={first['next']}").get_json()
    assert [row["article_id"] for row in second["articles"]] == ["c"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=", "limit=0", "limit=201", "limit=x", "limit=1.5", "cursor=" + "a" * 129]
)
def test_a_wrong_part_of_the_list_is_422(client: FlaskClient, query: str) -> None:
    problem = problem_of(client.get(f"/v1/articles?{query}"), 422)
    assert problem["errors"][0]["field"] == query.partition("=")[0]
