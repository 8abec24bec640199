from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from rag.settings import Settings
from rag.types import Filters
from rag.web import create_app
from tests.doubles import ScriptedAssistant
from tests.web.conftest import problem_of

DEEP = b'{"message": "hello", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
DEEP_OBJECTS = b'{"a":' * 10_000 + b"1" + b"}" * 10_000

NOT_ACCEPTABLE_JSON = {
    "nothing": b"",
    "not JSON": b"message=hello",
    "cut off": b'{"message": "hello"',
    "trailing": b'{"message": "hello"} {}',
    "bad UTF-8": b'{"message": "caf\xe9"}',
    "UTF-16": '{"message": "hello"}'.encode("utf-16"),
    "duplicate name": b'{"message": "hello", "message": "hello"}',
    "duplicate inner name": b'{"message": "a", "filters": {"publisher": [], "publisher": []}}',
    "NaN": b'{"message": "hello", "stream": NaN}',
    "Infinity": b'{"message": "hello", "stream": -Infinity}',
    "deep lists": DEEP,
    "deep objects": DEEP_OBJECTS,
    "40 levels": b'{"message": "hello", "x": ' + b"[" * 40 + b"]" * 40 + b"}",
    "lone surrogate": b'{"message": "hel\\ud800lo"}',
    "lone surrogate in a name": b'{"message": "hello", "\\udfff": 1}',
    "raw NUL": b'{"message": "hel\0lo"}',
}


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/search"])
@pytest.mark.parametrize("name", NOT_ACCEPTABLE_JSON)
def test_what_is_not_acceptable_json_is_400(client: FlaskClient, path: str, name: str) -> None:
    response = client.post(path, data=NOT_ACCEPTABLE_JSON[name], content_type="application/json")
    assert problem_of(response, 400)["type"] == "/problems/malformed-request"


@pytest.mark.parametrize("root", ["null", "true", "3", '"hello"', '["hello"]', "[]"])
def test_another_root_than_an_object_is_422(client: FlaskClient, root: str) -> None:
    response = client.post("/v1/chat", data=root, content_type="application/json")
    assert "object" in problem_of(response, 422)["detail"]


WRONG_CHAT_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no message": ({}, "message"),
    "null message": ({"message": None}, "message"),
    "empty message": ({"message": ""}, "message"),
    "blank message": ({"message": " \n\t\u3000"}, "message"),
    "invisible message": ({"message": "\u200b\u200d"}, "message"),
    "number as message": ({"message": 3}, "message"),
    "huge number as message": ({"message": 10**18}, "message"),
    "list as message": ({"message": ["hello"]}, "message"),
    "over-long message": ({"message": "a" * 2001}, "message"),
    "unknown field": ({"message": "hello", "colour": "red"}, "body"),
    "null unknown field": ({"message": "hello", "colour": None}, "body"),
    "text as stream": ({"message": "hello", "stream": "true"}, "stream"),
    "number as stream": ({"message": "hello", "stream": 1}, "stream"),
    "number as locale": ({"message": "hello", "locale": 5}, "locale"),
    "long country": ({"message": "hello", "country": "USA"}, "country"),
    "digits as country": ({"message": "hello", "country": "12"}, "country"),
    "empty country": ({"message": "hello", "country": ""}, "country"),
    "country with newline": ({"message": "hello", "country": "US\n"}, "country"),
    "number as country": ({"message": "hello", "country": 1}, "country"),
    "number as conversation": ({"message": "hello", "conversation_id": 1}, "conversation_id"),
    "long conversation": ({"message": "hello", "conversation_id": "a" * 129}, "conversation_id"),
    "text as history": ({"message": "hello", "history": "hi"}, "history"),
    "text as turn": ({"message": "hello", "history": ["hi"]}, "history.0"),
    "unknown role": (
        {"message": "hello", "history": [{"role": "system", "content": "x"}]},
        "history.0.role",
    ),
    "turn without content": (
        {"message": "hello", "history": [{"role": "user"}]},
        "history.0.content",
    ),
    "unknown field of a turn": (
        {"message": "hello", "history": [{"role": "user", "content": "x", "name": "y"}]},
        "history.0",
    ),
    "list as filters": ({"message": "hello", "filters": []}, "filters"),
    "unknown filter": ({"message": "hello", "filters": {"author": "x"}}, "filters"),
    "text as publisher": ({"message": "hello", "filters": {"publisher": "x"}}, "filters.publisher"),
    "no date": (
        {"message": "hello", "filters": {"published_after": "soon"}},
        "filters.published_after",
    ),
}


@pytest.mark.parametrize("name", WRONG_CHAT_FIELDS)
def test_a_wrong_field_of_a_question_is_422_and_named(client: FlaskClient, name: str) -> None:
    body, field = WRONG_CHAT_FIELDS[name]
    problem = problem_of(client.post("/v1/chat", json=body), 422)
    assert problem["type"] == "/problems/invalid-request"
    assert problem["errors"][0]["field"] == field
    assert problem["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": " "}, "query"),
        ({"query": "a" * 2001}, "query"),
        ({"query": "pain", "k": 0}, "k"),
        ({"query": "pain", "k": 101}, "k"),
        ({"query": "pain", "k": 10**40}, "k"),
        ({"query": "pain", "k": 1.5}, "k"),
        ({"query": "pain", "k": "10"}, "k"),
        ({"query": "pain", "k": True}, "k"),
        ({"query": "pain", "mode": "fuzzy"}, "mode"),
        ({"query": "pain", "mode": 1}, "mode"),
        ({"query": "pain", "locale": "en"}, "body"),
        ({"message": "pain"}, "query"),
    ],
)
def test_a_wrong_field_of_a_search_is_422_and_named(
    client: FlaskClient, body: dict[str, Any], field: str
) -> None:
    problem = problem_of(client.post("/v1/search", json=body), 422)
    assert problem["errors"][0]["field"] == field


@pytest.mark.parametrize("number", ["3", "3.0", "3e0"])
def test_a_whole_number_may_be_written_in_any_way_that_json_has(
    client: FlaskClient, number: str
) -> None:
    data = '{"query": "pain", "k": ' + number + "}"
    response = client.post("/v1/search", data=data, content_type="application/json")
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["limit=&limit=x", "limit=1&limit=1", "cursor=a&cursor=b"])
def test_a_parameter_that_stands_twice_is_422(client: FlaskClient, query: str) -> None:
    problem = problem_of(client.get(f"/v1/articles?{query}"), 422)
    assert query.partition("=")[0] == problem["errors"][0]["field"]


@pytest.mark.parametrize("path", ["/v1/articles/back-pain", "/articles/back-pain"])
def test_there_is_no_article_of_two_versions(client: FlaskClient, path: str) -> None:
    version = "0123456789abcdef"
    assert client.get(f"{path}?version={version}").status_code == 200
    problem_of(client.get(f"{path}?version={version}&version={version}"), 404)


def test_a_nul_in_a_parameter_is_422(client: FlaskClient) -> None:
    problem_of(client.get("/v1/articles?cursor=a%00b"), 422)


@pytest.mark.parametrize("number", [b"1" * 5000, b"-" + b"9" * 5000, b"1e400", b"-1e400"])
@pytest.mark.parametrize("field", [b"message", b"stream", b"history"])
def test_a_number_beyond_any_bound_is_422(client: FlaskClient, field: bytes, number: bytes) -> None:
    data = b'{"' + field + b'": ' + number + b"}"
    problem_of(client.post("/v1/chat", data=data, content_type="application/json"), 422)


def test_an_escaped_nul_is_422(client: FlaskClient) -> None:
    problem_of(client.post("/v1/chat", json={"message": "hel\0lo"}), 422)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, Filters()),
        ({"publisher": ["Example Health", "Other"]}, Filters(("Example Health", "Other"))),
        ({"published_after": "2024-01-01"}, Filters((), "2024-01-01")),
    ],
)
def test_filters_reach_the_assistant(
    client: FlaskClient, assistant: ScriptedAssistant, filters: Any, expected: Filters
) -> None:
    client.post("/v1/chat", json={"message": "pain", "filters": filters})
    client.post("/v1/search", json={"query": "pain", "filters": filters})
    assert [expected, expected] == [assistant.asked[0].filters, *assistant.filtered]


def test_more_publishers_than_any_site_has_are_refused(client: FlaskClient) -> None:
    body = {"message": "pain", "filters": {"publisher": ["x"] * 51}}
    problem = problem_of(client.post("/v1/chat", json=body), 422)
    assert [{"field": "filters.publisher", "reason": "must have at most 50 entries"}] == (
        problem["errors"]
    )


@pytest.mark.parametrize("filters", [None, {}, {"publisher": []}, {"publisher": None}])
def test_filters_that_filter_nothing_are_accepted(client: FlaskClient, filters: Any) -> None:
    body = {"message": "pain", "filters": filters}
    assert client.post("/v1/chat", json=body).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/json; charset=utf-16", "application/problem+json"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/chat", "/v1/search"])
def test_another_content_type_than_json_is_415(
    client: FlaskClient, path: str, content_type: str | None
) -> None:
    problem_of(client.post(path, data=b'{"message": "hello"}', content_type=content_type), 415)


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"],
)
def test_json_in_utf_8_may_say_so(client: FlaskClient, content_type: str) -> None:
    response = client.post("/v1/chat", data=b'{"message": "hello"}', content_type=content_type)
    assert response.status_code == 200


def test_a_body_over_the_limit_is_413_and_one_at_the_limit_is_read(client: FlaskClient) -> None:
    frame = json.dumps({"message": "hello", "conversation_id": ""})
    at_limit = frame.replace('""', json.dumps("a" * (65_536 - len(frame))))
    assert len(at_limit) == 65_536
    for data, status in ((at_limit, 422), (at_limit + " ", 413)):
        problem_of(client.post("/v1/chat", data=data, content_type="application/json"), status)


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/search"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_405_and_says_which_is_allowed(
    client: FlaskClient, path: str, method: str
) -> None:
    response = client.open(path, method=method)
    problem_of(response, 405)
    assert response.headers["Allow"] == "OPTIONS, POST"


@pytest.mark.parametrize(
    "path",
    ["/nope", "/v1", "/v1/chat/", "/v1//chat", "/v1/index", "/static/nope"],
)
def test_an_unknown_address_is_404(client: FlaskClient, path: str) -> None:
    problem_of(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/articles/back-pain"),
        ("DELETE", "/v1/articles/back-pain"),
        ("POST", "/v1/index/refresh"),
        ("POST", "/v1/index/rollback"),
    ],
)
def test_editors_routes_are_not_there(client: FlaskClient, method: str, path: str) -> None:
    problem_of(client.open(path, method=method), 404)


def test_the_limit_of_a_message_is_a_setting() -> None:
    client = create_app(Settings(max_message=5), ScriptedAssistant()).test_client()
    assert client.post("/v1/chat", json={"message": "12345"}).status_code == 200
    problem = problem_of(client.post("/v1/chat", json={"message": "123456"}), 422)
    assert problem["detail"] == "message: must have at most 5 characters, not 6."


def test_a_message_is_measured_in_characters_not_bytes(client: FlaskClient) -> None:
    assert client.post("/v1/chat", json={"message": "疼" * 2000}).status_code == 200
