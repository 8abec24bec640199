"""What readers send is found nowhere: not in a log, not in a file, not in another's answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME, CARD = "Zaphodina Quixley", "4929123456781234"
TOKEN, WORDS = "tok-canary-9f8e7d6c5b4a", "zyxwvquestion"
ADDRESS = "198.51.100.77"
SENT = (NAME, CARD, TOKEN, WORDS, ADDRESS)
SAID = f"My name is {NAME}, my card is {CARD}. What helps my back {WORDS}?"
HEADERS = (
    f"Authorization: Bearer {TOKEN}\r\nCookie: name={NAME}\r\nReferer: https://x.example/{WORDS}\r\n"
    f"User-Agent: {WORDS}\r\nX-Request-Id: {WORDS}\r\nX-Forwarded-For: {ADDRESS}\r\n"
    f"Accept-Language: {WORDS}\r\n"
)
# Its assistant fails with what it was asked, as a library might.
FAILING = """
from rag.settings import load_settings
from rag.web.app import create_app
from rag.web.serve import run
from tests.doubles import ScriptedAssistant

class Failing(ScriptedAssistant):
    def answer(self, question, safety=None):
        raise RuntimeError(question.message)

run(load_settings()[0], lambda settings: create_app(settings, Failing()))
"""


def _request(method: str, path: str, body: str = "", kind: str = "application/json") -> bytes:
    raw = body.encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(raw)}\r\n{HEADERS}\r\n"
    )
    return head.encode() + raw


def _chat(**fields: object) -> str:
    return json.dumps({"message": SAID, **fields})


FORM = "application/x-www-form-urlencoded"
REQUESTS = [
    _request("POST", "/v1/chat", _chat()),
    _request("POST", "/v1/chat", _chat(message=f"{SAID} I have crushing chest pain")),
    _request("POST", "/v1/chat", _chat(history=[{"role": "user", "content": SAID}])),
    _request("POST", "/v1/chat", _chat(stream=True)),
    _request("POST", "/v1/search", json.dumps({"query": SAID})),
    _request("POST", "/", f"message={WORDS}+{CARD}", FORM),
    _request("GET", f"/?question={WORDS}&card={CARD}"),
    _request("GET", f"/{WORDS}/{CARD}"),
    _request("GET", f"/v1/articles/{WORDS}?version={CARD}"),
    _request("GET", f"/v1/config?locale={WORDS}"),
    _request("PUT", f"/v1/articles/{WORDS}", json.dumps({"title": NAME, "text": SAID})),
    _request("PUT", f"/v1/chat?{WORDS}", _chat()),
    _request("POST", "/v1/chat", _chat() + "}"),
    _request("POST", "/v1/chat", _chat(**{WORDS: CARD})),
    _request("POST", "/v1/chat", _chat(locale=CARD * 9)),
    _request("POST", "/v1/chat", _chat(message=SAID * 40)),
    _request("POST", "/v1/chat", _chat(message=SAID * 2_000)),
    _request("POST", "/v1/chat", _chat(), "text/plain"),
    _request("POST", "/v1/chat", _chat()).replace(b"localhost", WORDS.encode() + b".example"),
    # What gunicorn itself refuses, or never gets whole.
    f"{WORDS} {CARD}\r\n\r\n".encode(),
    f"GET /{WORDS} HTTP/9.9\r\n\r\n".encode(),
    f"GET / HTTP/1.1\r\n{NAME}: {CARD}\r\n\r\n".encode(),
    f"GET /{WORDS}{CARD * 900} HTTP/1.1\r\n\r\n".encode(),
    f"GET / HTTP/1.1\r\nX: {CARD * 900}\r\n\r\n".encode(),
    f"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: {WORDS}\r\n\r\n".encode(),
    b"POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    + f"{WORDS}\r\n{SAID}\r\n0\r\n\r\n".encode(),
    _request("POST", "/v1/chat", _chat())[:-20],
]
STATUS = ("/healthz", "/readyz", "/v1/config", "/v1/articles", "/v1/index", "/metrics")


@pytest.mark.parametrize("program", [["-m", "rag", "serve"], ["-c", FAILING]], ids=["real", "500"])
def test_nothing_of_what_readers_send_is_kept(
    program: list[str], shipped_index: Path, tmp_path: Path
) -> None:
    index, temporary = tmp_path / "index", tmp_path / "temporary"
    shutil.copytree(shipped_index, index, symlinks=True)
    temporary.mkdir()
    variables = {name: value for name, value in os.environ.items() if name[:4] != "RAG_"}
    variables |= {"TMPDIR": str(temporary), "RAG_PORT": "0", "RAG_WORKERS": "2"}
    variables |= {"RAG_INDEX": str(index), "RAG_CORPUS": str(ROOT / "corpus")}
    variables |= {"RAG_EDITOR_TOKEN": "another token that is long", "RAG_RATE_LIMIT": "4/day"}
    output, log = tmp_path / "output", tmp_path / "log"
    with output.open("wb") as out, log.open("wb") as err:
        command = [sys.executable, *program]
        server = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=out, stderr=err)
        try:
            port = _port(output)
            statuses = {_status(port, request) for request in REQUESTS * 2}
            for path in STATUS:
                answer = _answer(
                    port,
                    f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(),
                )
                assert not _found(answer), path
            files = {path: path.read_bytes() for path in temporary.rglob("*") if path.is_file()}
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)
    expected = {400, 401, 404, 405, 413, 415, 422, 429, 431, 414}
    assert expected | ({500} if "-c" in program else {200}) <= statuses
    assert [path.name for path in files if path.name.startswith("limits-")], "nothing was looked at"
    for kept in [output, log, *(path for path in index.rglob("*") if path.is_file())]:
        files[kept] = kept.read_bytes()
    assert {path: found for path, content in files.items() if (found := _found(content))} == {}
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len([line for line in lines if line["event"] == "request"]) > 20
    assert list(temporary.rglob("limits-*")) == [], "the server leaves nothing behind"


def _found(content: bytes) -> list[str]:
    return [
        text for text in SENT if text.encode() in content or text.encode().hex() in str(content)
    ]


def _port(output: Path) -> int:
    for _ in range(600):
        if match := re.search(r"http://[^:]+:(\d+)/", output.read_text()):
            return int(match[1])
        time.sleep(0.05)
    raise AssertionError("the server did not say where it listens")


def _answer(port: int, request: bytes) -> bytes:
    """What comes back until the server is done, or has said nothing for a while."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        # A server that refuses a long body may have left before it was sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                answer += part
    return answer


def _status(port: int, request: bytes) -> int:
    answer = _answer(port, request)
    return int(answer[9:12] or 0)
