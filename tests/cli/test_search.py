from __future__ import annotations

from typing import Any

import pytest

from rag.web import create_app
from tests.cli.conftest import Site
from tests.cli.running import Rag

QUERY = "exercises for the elbow"


def test_the_hits_have_exactly_the_documented_fields(rag: Rag) -> None:
    body = rag("search", "--json", QUERY).body()
    assert ["generation", "hits"] == list(body)
    assert [
        "rank",
        "score",
        "article_id",
        "article_version",
        "title",
        "section",
        "start",
        "end",
        "text",
        "signals",
    ] == list(body["hits"][0])


def test_the_best_passage_stands_first_and_ranks_count_from_1(rag: Rag) -> None:
    hits = rag("search", "--json", QUERY).body()["hits"]
    scores = [hit["score"] for hit in hits]
    assert list(range(1, len(hits) + 1)) == [hit["rank"] for hit in hits]
    assert sorted(scores, reverse=True) == scores
    assert ("arm.tennis-elbow", "Which exercises help tennis elbow?") == (
        hits[0]["article_id"],
        hits[0]["section"],
    )


@pytest.mark.parametrize(
    "options", [{}, {"k": 3}, {"mode": "dense"}, {"mode": "lexical", "k": 2}], ids=str
)
def test_the_hits_are_those_of_the_http_route(
    rag: Rag, site: Site, options: dict[str, Any]
) -> None:
    flags = [
        part
        for name, value in options.items()
        for part in ("-k" if name == "k" else f"--{name}", str(value))
    ]
    body = rag("search", "--json", *flags, QUERY).body()
    request = {"query": QUERY, **options}
    response = create_app(site.settings).test_client().post("/v1/search", json=request)
    assert body["hits"]
    assert response.get_json() == body


def test_as_many_passages_are_shown_as_asked_for(rag: Rag) -> None:
    assert 3 == len(rag("search", "--json", "-k", "3", "pain").body()["hits"])
    assert 7 == len(rag("search", "--json", "-k", "100", "pain").body()["hits"])


def test_nothing_found_is_no_failure(rag: Rag) -> None:
    query = ("--mode", "lexical", "zebras")
    assert [] == rag("search", "--json", *query).body()["hits"]
    done = rag("search", *query)
    assert (0, "Nothing found.\n", "") == (done.status, done.out, done.err)


def test_in_words_every_hit_has_a_row_in_order(rag: Rag) -> None:
    done = rag("search", "-k", "4", QUERY)
    ranks = [line.split()[0] for line in done.out.splitlines() if line[:1].isdigit()]
    assert (0, "") == (done.status, done.err)
    assert ["1", "2", "3", "4"] == ranks


def test_without_an_index_a_search_fails_and_says_how_to_make_one(rag: Rag) -> None:
    message = rag("search", "--index", "none", "--json", QUERY).failure()
    assert "There is no index yet. Run `rag index` to make it." == message
