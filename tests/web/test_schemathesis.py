"""Requests made from /openapi.json, right and wrong ones: every response is as it says.

`make torture` does the same with ten thousand requests and more.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.fuzzing import fuzz
from rag.settings import Settings
from rag.web import create_app
from rag.web.openapi.document import path_of
from rag.web.openapi.table import OPERATIONS
from tests.conftest import ROOT
from tests.doubles import ScriptedAssistant, ScriptedDesk

TOKEN = "a token of some length"
# Few, since the many are for `make torture`; what is at the edge of a type is tried in any case.
EXAMPLES = 2

# The run over a chain of requests, which has no route of its own.
CHAINS = "Stateful tests"
# schemathesis leaves out the address that it read the description from.
OWN = "GET /openapi.json"


def test_every_response_of_every_route_is_as_described() -> None:
    app = create_app(
        Settings(editor_token=TOKEN, rate_limit="off"), ScriptedAssistant(), ScriptedDesk()
    )
    findings = fuzz(app, EXAMPLES, seed=5, headers={"Authorization": f"Bearer {TOKEN}"})
    assert {} == findings.failures
    assert not [status for status in findings.statuses if status >= 500]
    described = {f"{method} {path_of(rule)}" for method, rule in OPERATIONS}
    assert described - {OWN} == set(findings.operations) - {CHAINS}
    assert "text/event-stream; charset=utf-8" in findings.media
    assert {200, 401, 404, 405, 415, 422} <= set(findings.statuses)


def test_every_response_over_the_shipped_articles_is_as_described(shipped_index: Path) -> None:
    app = create_app(Settings(corpus=ROOT / "corpus", index=shipped_index, rate_limit="off"))
    findings = fuzz(app, EXAMPLES, seed=5)
    assert {} == findings.failures
    assert not [status for status in findings.statuses if status >= 500]
    assert sum(findings.operations.values()) > 100
