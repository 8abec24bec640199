from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest

from rag.errors import IndexMissing, SettingsError
from rag.settings import Settings
from rag.web.app import create_app, warm_up
from rag.web.serve import run
from tests.doubles import ScriptedAssistant

ROOT = Path(__file__).parents[2]
PROGRAM = """
from rag.settings import Settings
from rag.web.app import create_app
from rag.web.serve import run
from tests.doubles import ScriptedAssistant
run(Settings(port=0), lambda settings: create_app(settings, ScriptedAssistant()))
"""


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """A server of its own process, with its log thrown away."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        match = re.search(r"http://([\d.]+):(\d+)/", line)
        assert match, line
        yield match[1], int(match[2])
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0


def _get(address: tuple[str, int], path: str) -> dict[str, Any]:
    with urlopen(f"http://{address[0]}:{address[1]}{path}", timeout=10) as response:
        body: dict[str, Any] = json.load(response)
        return body


def _raw(address: tuple[str, int], request: bytes) -> bytes:
    """Everything that comes back for some bytes."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_real_server_answers(address: tuple[str, int]) -> None:
    request = Request(
        f"http://{address[0]}:{address[1]}/v1/chat",
        data=b'{"message": "Does it get better?"}',
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as response:
        assert json.load(response)["outcome"] == "answered"


def test_a_real_server_becomes_ready(address: tuple[str, int]) -> None:
    assert _get(address, "/healthz") == {"status": "ok"}
    assert _get(address, "/readyz") == {"status": "ready", "generation": 7}


@pytest.mark.parametrize("path", [b"/v1/chat", b"/v1/search", b"/"])
def test_a_body_over_the_limit_is_413_also_where_its_length_is_not_declared(
    address: tuple[str, int], path: bytes
) -> None:
    kind = b"application/x-www-form-urlencoded" if path == b"/" else b"application/json"
    head = (
        b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: " + kind + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    at_limit = _raw(address, head + chunk * 4 + b"0\r\n\r\n")
    over = _raw(address, head + chunk * 4 + b"1\r\na\r\n0\r\n\r\n")
    assert at_limit[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 422 ")
    assert over[:13] == b"HTTP/1.1 413 "


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"canaryword\r\n\r\n", b"400"),
        (b"GET /canaryword" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"canaryword" * 2000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\ncanary word: 1\r\n\r\n", b"400"),
    ],
)
def test_what_is_not_http_is_refused_as_a_problem_that_repeats_nothing(
    address: tuple[str, int], request_bytes: bytes, status: bytes
) -> None:
    head, _, body = _raw(address, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["status"] == int(status)
    assert b"canary" not in head + body


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5_0\r\n",
    ],
)
def test_an_ambiguous_length_is_refused_and_the_connection_closed(
    address: tuple[str, int], framing: bytes
) -> None:
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n"
    answer = _raw(address, head + smuggled)
    assert answer[9:12] in (b"400", b"501")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_taken_port_is_said_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as raised:
            run(Settings(port=port))
    assert str(raised.value) == (
        f"Port {port} is already in use. Choose another with RAG_PORT or --port."
    )


def test_an_address_that_is_not_ours_is_said_with_the_setting_that_changes_it() -> None:
    with pytest.raises(SettingsError, match=r"'192\.0\.2\.1'.*RAG_HOST or --host"):
        run(Settings(host="192.0.2.1", port=0))


def test_python_server_py_ends_with_1_when_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "server.py"],
            cwd=ROOT,
            env={**os.environ, "RAG_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert f"Port {port} is already in use." in done.stderr
    assert "Traceback" not in done.stderr


def test_while_it_loads_the_service_is_alive_and_not_ready() -> None:
    released = Event()

    class _Slow(ScriptedAssistant):
        def check_ready(self) -> int:
            released.wait(timeout=10)
            return 7

    app = create_app(Settings(), _Slow())
    client = app.test_client()
    thread = warm_up(app)
    loading = client.get("/readyz")
    alive = client.get("/healthz")
    released.set()
    thread.join(timeout=10)
    assert (loading.status_code, alive.status_code) == (503, 200)
    assert loading.headers["Retry-After"]
    assert client.get("/readyz").get_json() == {"status": "ready", "generation": 7}


def test_loading_that_fails_is_logged_and_leaves_the_service_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = create_app(Settings(), ScriptedAssistant(failure=IndexMissing("No index yet.")))
    warm_up(app).join(timeout=10)
    assert "not ready: No index yet." in caplog.text
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200
