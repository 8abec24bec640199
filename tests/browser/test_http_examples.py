"""The blocks of docs/http.md that ask a question, run as they stand there."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.clients.running import MODULES, give_up, require_clients, run_node
from tests.docs.pages import code_blocks, part
from tests.docs.pages import page as docs_page

EXAMPLES = part(docs_page("http.md"), "## Asking in ten lines")
ADDRESS = "http://127.0.0.1:8000"
DISCLAIMER = "This automated tool quotes published articles."


def example(language: str, address: str) -> str:
    """The one block of a language, with the address of the server that is asked."""
    (block,) = code_blocks(EXAMPLES, language)
    assert len(block.splitlines()) <= 10
    assert ADDRESS in block
    return block.replace(ADDRESS, address)


def test_curl(site: str) -> None:
    if shutil.which("curl") is None:
        give_up("there is no curl on this machine")
    command = example("console", site).removeprefix("$ ")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30)
    answer = json.loads(done.stdout)
    assert "answered" == answer["outcome"]
    assert "sciatica" == answer["citations"][0]["article_id"]


def test_openai_for_python(site: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        names: dict[str, object] = {}
        exec(example("python", site), names)
        names["client"].close()  # type: ignore[attr-defined]
    assert "[1]" in printed.getvalue()
    assert DISCLAIMER in printed.getvalue()
    page = rf"{site}/articles/sciatica\?version=[0-9a-f]+&quote=0-\d+#quote"
    assert re.search(rf"^How long does sciatica last.* {page}$", printed.getvalue(), re.MULTILINE)


def test_fetch_in_node(site: str, tmp_path: Path) -> None:
    script = tmp_path / "fetch.mjs"
    script.write_text(example("js", site), encoding="utf-8")
    _check_events(run_node(script))


def test_fetch_in_a_page(page: Page, site: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site)
    page.evaluate(f"(async () => {{ {example('js', site)} }})()")
    _check_events("\n".join(said))


def test_deep_chat(page: Page, site: str) -> None:
    require_clients("deep-chat")
    bundle = MODULES / "deep-chat" / "dist" / "deepChat.bundle.js"
    shown = f"<!doctype html><meta charset=utf-8>{example('html', site)}"
    page.route("**/deep-chat.html", lambda r: r.fulfill(body=shown, content_type="text/html"))
    page.route("**/deepChat.bundle.js", lambda r: r.fulfill(path=bundle))
    page.goto(f"{site}/deep-chat.html")
    page.locator("#text-input").fill("How long does sciatica last?")
    page.keyboard.press("Enter")
    answer = page.locator(".ai-message-text")
    expect(answer).to_contain_text("[1]")
    expect(answer).to_contain_text(DISCLAIMER)


def _check_events(printed: str) -> None:
    assert re.findall(r"^event: (open|done|error)$", printed, re.MULTILINE) == ["open", "done"]
    assert "event: statement\n" in printed
    assert DISCLAIMER in printed
