"""The `openai` package of npm, at a pinned version, against a server of its own process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.running import FOLDER, require_clients, run_node
from tests.scripted import CARD, DISCLAIMER, NOTICE


@pytest.fixture(scope="module")
def seen(scripted_site: str) -> dict[str, Any]:
    """What the client got; see tests/clients/openai.mjs."""
    require_clients("openai")
    printed: dict[str, Any] = json.loads(run_node(FOLDER / "openai.mjs", scripted_site))
    return printed


def test_an_answer(seen: dict[str, Any]) -> None:
    message = seen["whole"]["choices"][0]["message"]
    text = message["content"]
    body = seen["whole"]["wellcited"]
    assert f"{NOTICE}\n\n{body['text']}\n\n{DISCLAIMER}" == text
    spans = [a["url_citation"] for a in message["annotations"]]
    assert ["[1]", "[2]", "[3]"] == [text[s["start_index"] : s["end_index"]] for s in spans]


def test_a_stream_says_the_same(seen: dict[str, Any]) -> None:
    *chunks, usage = seen["chunks"]
    said = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks]
    assert NOTICE == said[0]
    assert seen["whole"]["choices"][0]["message"]["content"] == "".join(said)
    assert ([], 0) == (usage["choices"], usage["usage"]["total_tokens"])
    assert "stop" == chunks[-1]["choices"][0]["finish_reason"]
    assert seen["whole"]["wellcited"]["citations"] == chunks[-1]["wellcited"]["citations"]


def test_the_stream_helper_gathers_the_text(seen: dict[str, Any]) -> None:
    whole, gathered = (seen[name]["choices"][0]["message"] for name in ("whole", "helper"))
    assert whole["content"] == gathered["content"]
    assert whole["annotations"] == gathered["annotations"]


def test_the_one_model_is_listed(seen: dict[str, Any]) -> None:
    assert ["wellcited"] == seen["models"]


def test_a_bad_request_names_its_parameter_and_carries_the_card(seen: dict[str, Any]) -> None:
    error = seen["bad"]
    assert ("BadRequestError", 400, "messages", "invalid-request") == (
        error["name"],
        error["status"],
        error["param"],
        error["code"],
    )
    assert CARD in error["message"]
    assert error["requestID"].startswith("req_")


def test_an_unknown_address_is_not_found(seen: dict[str, Any]) -> None:
    assert ("NotFoundError", "not-found") == (seen["missing"]["name"], seen["missing"]["code"])


def test_it_waits_as_long_as_it_is_told_and_asks_again(seen: dict[str, Any]) -> None:
    assert ("RateLimitError", "rate-limited") == (seen["limited"]["name"], seen["limited"]["code"])
    assert 0.9 <= seen["waited"] <= 5


def test_what_fails_within_a_stream_is_raised(seen: dict[str, Any]) -> None:
    assert NOTICE in seen["failedStream"]["message"]
    assert "run rag index" in seen["failedStream"]["message"]


def test_streams_that_are_left_early_keep_no_place(seen: dict[str, Any]) -> None:
    assert (8, "stop") == (seen["left"], seen["after"])
