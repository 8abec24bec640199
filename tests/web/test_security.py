"""Attacks of the list in docs/security.md that no other file tries."""

from __future__ import annotations

import ast
import json
import logging
import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from rag.errors import SettingsError
from rag.logs import FIELDS, JsonLines
from rag.settings import Settings
from rag.web import create_app
from rag.web.serve import run
from tests.doubles import ScriptedAssistant

ROOT = Path(__file__).parents[2]
TOKEN = "a token of editors"
# Longest text that a pattern is given anywhere before it is cut.
MOST = 2_000
# Milliseconds of this thread, not of the clock: others may use the machine, too.
QUICK = 10.0

ATTACKS = [
    *(unit * (MOST // len(unit)) for unit in "aA0 .,-\"'(\n\t:/#*|<&é中!"),
    *(
        unit * (MOST // len(unit))
        for unit in ("a ", "ab", "1,", "a.", "[](", "<a>", "& ", "x\n", "- ", "a'", '"a', "1.1 ")
    ),
    "a" * (MOST - 1) + "!",
    " " * (MOST - 1) + "x",
    "0" * (MOST - 1) + "x",
]


# What reads words of readers; the rest reads articles, which editors alone can send.
OF_READERS = (
    "rag/safety/",
    "rag/text.py",
    "rag/web/",
    "rag/answering/aspects.py",
    "rag/answering/refusal.py",
    "rag/answering/remedies.py",
)
METHODS = {"match", "search", "fullmatch", "findall", "finditer", "sub", "split"}


def _patterns() -> list[tuple[str, re.Pattern[str], list[str]]]:
    """Every pattern that a module of the package names, and the methods it is used with."""
    found = []
    for path in sorted((ROOT / "rag").rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        used = {
            (ast.unparse(node.value), node.attr)
            for node in nodes
            if isinstance(node, ast.Attribute) and node.attr in METHODS
        }
        for node in nodes:
            if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
                continue
            call, name = node.value, ast.unparse(node.targets[0])
            first = call.args[0] if call.args else None
            if ast.unparse(call.func) == "re.compile" and isinstance(first, ast.Constant):
                flags = re.VERBOSE if "VERBOSE" in ast.unparse(call) else 0
                methods = [method for of, method in sorted(used) if of == name] or ["search"]
                pattern = re.compile(str(first.value), flags)
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", pattern, methods))
    return found


def test_no_pattern_takes_long_whatever_it_is_given() -> None:
    patterns = _patterns()
    assert len([where for where, *_ in patterns if where.startswith(OF_READERS)]) > 10
    assert len(ATTACKS) >= 30
    slow = {}
    for where, pattern, methods in patterns:
        # A line of an article is no longer than some hundred characters, and editors are few.
        readers = where.startswith(OF_READERS)
        most, quick = (MOST, QUICK) if readers else (MOST // 4, 5 * QUICK)
        for attack in ATTACKS:
            for method in methods:
                if _milliseconds(pattern, method, attack[:most]) > quick:
                    again = _milliseconds(pattern, method, attack[:most])
                    if again > quick:
                        slow[where] = (method, attack[:4], round(again))
    assert slow == {}


def _milliseconds(pattern: re.Pattern[str], method: str, text: str) -> float:
    call = getattr(pattern, method)
    begin = time.thread_time()
    found = call("", text) if method == "sub" else call(text)
    if method == "finditer":
        list(found)
    return (time.thread_time() - begin) * 1_000


@pytest.fixture
def app() -> Flask:
    return create_app(Settings(editor_token=TOKEN), ScriptedAssistant())


# Who may use a route: whoever comes, or editors. One that is new has to be put here.
FOR_ALL = {
    "GET": {
        "/",
        "/articles/<article_id>",
        "/docs",
        "/healthz",
        "/openapi.json",
        "/readyz",
        "/static/<path:filename>",
        "/v1/articles",
        "/v1/articles/<article_id>",
        "/v1/config",
        "/v1/models",
        "/v1/models/<path:model>",
        "/widget.js",
    },
    "POST": {
        "/",
        "/api/chat",
        "/v1/chat",
        "/v1/chat/completions",
        "/v1/deep-chat",
        "/v1/responses",
        "/v1/search",
    },
}
FOR_EDITORS = {
    "GET": {"/v1/index"},
    "POST": {"/v1/index/refresh", "/v1/index/rollback"},
    "PUT": {"/v1/articles/<article_id>"},
    "DELETE": {"/v1/articles/<article_id>"},
}


def test_who_may_use_a_route_is_decided_for_each(app: Flask) -> None:
    undecided, open_to_all = [], []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.rule in FOR_ALL.get(method, set()):
                continue
            if rule.rule not in FOR_EDITORS.get(method, set()):
                undecided.append(f"{method} {rule.rule}")
            path = re.sub("<[^>]+>", "back-pain", rule.rule)
            for given in ({}, {"Authorization": "Bearer a reader's guess"}):
                answer = app.test_client().open(path, method=method, headers=given, json={})
                if answer.status_code != 401:
                    open_to_all.append(f"{method} {rule.rule}")
    assert undecided == []
    assert open_to_all == []


@pytest.mark.parametrize(
    "given",
    ["Bearer ünïcode", "Bearer \x80\xff", "Bearer ", "Bearer", "Basic abc", f"Token {TOKEN}", "é"],
)
def test_a_token_that_is_no_ascii_is_401_like_any_other(app: Flask, given: str) -> None:
    answer = app.test_client().get("/v1/index", headers={"Authorization": given})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "forged",
    ["\r\nFAKE: 1", '\n{"level": "error"}', "\x1b[31mred", "\u2028FAKE", "\x00", "\u202egnp"],
)
def test_nothing_forges_a_line_of_the_log(forged: str) -> None:
    record = logging.LogRecord("rag.web", logging.INFO, "x", 1, "event %s", (forged,), None)
    record.fields = {"id": forged, "method": "GET", "question": "secret", "status": 200}
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["id"] == forged
    assert set(json.loads(line)) <= {"time", "level", "event", *FIELDS}


def test_of_a_library_only_fixed_words_and_numbers_are_logged() -> None:
    def line(message: object, *values: object) -> str:
        record = logging.LogRecord("gunicorn.error", logging.ERROR, "x", 1, message, values, None)
        return str(json.loads(JsonLines().format(record))["event"])

    assert line("Error handling request %s", "/?secret") == "Error handling request %s"
    assert line("WORKER TIMEOUT (pid:%s)", 7) == "WORKER TIMEOUT (pid:7)"
    assert line(ValueError("secret")) == "ValueError"


def test_an_exception_is_logged_without_what_it_says() -> None:
    try:
        raise ValueError("secret")
    except ValueError as error:
        record = logging.LogRecord(
            "rag", logging.ERROR, "x", 1, "failed", (), (ValueError, error, error.__traceback__)
        )
    line = JsonLines().format(record)
    assert "ValueError" in line
    assert "test_security.py" in line
    # Its own line of the source is part of the trace; the message alone is not.
    assert "ValueError: secret" not in line


@pytest.mark.parametrize("message", ["a\u202eb", "\ufeff\u200b\u200d", "\u2066x\u2069", "a\x1b[2J"])
def test_invisible_and_turned_text_is_taken_or_refused_never_a_fault(
    app: Flask, message: str
) -> None:
    answer = app.test_client().post("/v1/chat", json={"message": message})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/articles/..%2f..%2fetc%2fpasswd",
        "/v1/articles/%2e%2e",
        "/v1/articles/a%00b",
        "/v1/articles/a%0d%0aSet-Cookie:x",
        "/v1/articles/a?version=..%2f..",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/articles/..%2f..%2fetc%2fpasswd",
    ],
)
def test_an_address_is_never_a_path_of_the_disk_or_a_header(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_nothing_a_reader_sends_becomes_a_header(client: FlaskClient) -> None:
    forged = "x\r\nSet-Cookie: stolen=1"
    for fields in ({"conversation_id": forged}, {"locale": forged}, {"country": forged}):
        answer = client.post("/v1/chat", json={"message": "pain", **fields})
        assert "Set-Cookie" not in answer.headers
        assert "stolen" not in str(answer.headers)


def test_no_response_sets_a_cookie_or_names_a_version(client: FlaskClient) -> None:
    for path in ("/", "/v1/config", "/healthz", "/nope", "/v1/articles"):
        headers = client.get(path).headers
        assert "Set-Cookie" not in headers
        assert "X-Powered-By" not in headers


def test_vectors_are_in_no_answer(client: FlaskClient) -> None:
    found = client.post("/v1/search", json={"query": "pain"}).get_json()
    assert found["hits"]
    assert "vector" not in json.dumps(found)


def test_flasks_debugger_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(SettingsError, match="FLASK_DEBUG"):
        create_app(Settings(), ScriptedAssistant())
    with pytest.raises(SettingsError, match="FLASK_DEBUG"):
        run(Settings(port=0))
