from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.cli.conftest import Site
from tests.cli.running import RAG, Rag, environment, spawn

QUESTION = "How long does tennis elbow last?"


@pytest.fixture
def server(site: Site, tmp_path: Path) -> Iterator[str]:
    """The address of a server that was started before there was an index in `tmp_path`."""
    variables = environment(**{**site.variables, "RAG_INDEX": str(tmp_path / "index")})
    with subprocess.Popen(
        [*RAG, "serve", "--port", "0"],
        cwd=tmp_path,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(
                r"Wellcited is listening: open (http://127\.0\.0\.1:\d+)/ \(stop with Ctrl\+C\)\n",
                line,
            )
            assert found, line
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            status = process.wait(timeout=20)
    assert 0 == status


def _chat(server: str) -> dict[str, Any]:
    request = Request(
        f"{server}/v1/chat",
        data=json.dumps({"message": QUESTION}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=30) as response:
        body: dict[str, Any] = json.load(response)
    return body


def test_a_server_that_was_started_without_an_index_answers_once_there_is_one(
    server: str, site: Site, tmp_path: Path
) -> None:
    with pytest.raises(HTTPError) as refused:
        _chat(server)
    problem = json.load(refused.value)
    refused.value.close()
    assert (503, "none") == (refused.value.code, problem["safety"]["level"])
    assert "rag index" in problem["detail"]

    variables = environment(**{**site.variables, "RAG_INDEX": str(tmp_path / "index")})
    assert 0 == spawn(tmp_path, variables, "index").status
    told = spawn(tmp_path, variables, "ask", "--json", QUESTION).body()
    assert "answered" == told["outcome"]
    assert {**told, "id": ""} == {**_chat(server), "id": ""}


def test_a_taken_port_fails_with_the_setting_that_changes_it(rag: Rag) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = rag("serve", "--port", str(port)).failure()
    assert f"Port {port} is already in use. Choose another with RAG_PORT or --port." == message


def test_an_option_stands_above_the_variable(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("RAG_PORT", str(port))
        assert f"Port {port} is already in use." in rag("serve").failure()


@pytest.mark.parametrize(("option", "value"), [("--port", "70000"), ("--workers", "0")])
def test_a_number_no_server_can_use_is_wrong_usage(rag: Rag, option: str, value: str) -> None:
    done = rag("serve", option, value)
    assert 2 == done.status
    assert option in done.err
    assert value in done.err


def test_a_short_editor_token_stops_the_start(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_EDITOR_TOKEN", "hunter2")
    message = rag("serve", "--port", "0").failure()
    assert message.startswith("RAG_EDITOR_TOKEN is shorter than 16 characters.")
    assert "hunter2" not in message
