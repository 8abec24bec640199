"""A server to measure, and a client for it. Loopback only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_PATIENCE = 60.0


@dataclass
class Client:
    """Asks a server on this machine; raises for any status that is an error."""

    base: str
    token: str = ""

    def request(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a response, whatever the status."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def get(self, path: str) -> dict[str, Any]:
        """The JSON at a path."""
        return self._fine("GET", path)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The JSON that a path answers to a body."""
        return self._fine("POST", path, body)

    def chat(self, message: str) -> dict[str, Any]:
        """An answer."""
        return self.post("/v1/chat", {"message": message[:2_000]})

    def chat_status(self, message: str) -> dict[str, Any]:
        """An answer or a problem, with its status."""
        status, body = self.request("POST", "/v1/chat", {"message": message[:2_000]})
        return {**body, "status": status}

    def put(self, article_id: str, article: dict[str, str]) -> dict[str, Any]:
        """Publish an article; the status is part of what is returned."""
        status, body = self.request("PUT", _path(article_id), article)
        return {**body, "status": status}

    def delete(self, article_id: str) -> dict[str, Any]:
        """Withdraw an article."""
        return self._fine("DELETE", _path(article_id))

    def wait(self) -> None:
        """Wait until the server is ready."""
        started = time.monotonic()
        while time.monotonic() - started < _PATIENCE:
            try:
                if self.request("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit("The server is not ready.")

    def _fine(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        status, answer = self.request(method, path, body)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer}")
        return answer


@contextmanager
def serving(port: int, options: Sequence[str], variables: dict[str, str]) -> Iterator[Client]:
    """`rag serve` until left."""
    command = [sys.executable, "-m", "rag", "serve", "--port", str(port), *options]
    process = subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Client(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _path(article_id: str) -> str:
    return f"/v1/articles/{urllib.parse.quote(article_id, safe='')}"
