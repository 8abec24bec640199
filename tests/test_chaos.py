"""Whatever is broken, a message that needs a card gets it, with the disclaimer."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from rag.embedding.onnx import OnnxEncoder
from rag.indexer import IndexOptions
from rag.settings import Settings
from rag.web import create_app
from rag.web.buckets import OwnBuckets
from rag.web.rates import Share
from rag.wiring import build_indexer

MESSAGES = [
    json.loads(line)
    for line in (Path(__file__).parent / "safety" / "messages.jsonl").read_text().splitlines()
]
GRAVE = [row["text"] for row in MESSAGES if row["expected"] in ("emergency", "crisis")]
Break = Callable[[Path, pytest.MonkeyPatch], None]


def _remove_index(folder: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(folder / "index")


def _damage_database(folder: Path, _: pytest.MonkeyPatch) -> None:
    for path in (folder / "index").glob("builds/*/wellcited.sqlite*"):
        path.write_bytes(b"no database" * 1_000)


def _name_no_build(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "index" / "CURRENT").write_bytes(b"\xff\x00nothing")


def _remove_encoder(folder: Path, _: pytest.MonkeyPatch) -> None:
    shutil.rmtree(folder / "index" / "encoders")
    (folder / "index" / "encoders").write_text("in the way")


def _break_encoder(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OnnxEncoder, "encode", _fail)


def _break_search(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.assistant.rank", _fail)


def _fill_disk(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("write_text", "write_bytes", "mkdir", "touch"):
        monkeypatch.setattr(Path, name, _full)
    monkeypatch.setattr("os.write", _full)
    monkeypatch.setattr("sqlite3.connect", _full_database)


def _let_nobody_in(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The house is full and every request is one too many."""
    monkeypatch.setattr(OwnBuckets, "take", lambda *_: Share(allowed=False, remaining=0, wait=600))
    monkeypatch.setattr("rag.web.places._WAITING", -1)


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("broken")


def _full_database(*_: object, **__: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


BREAKS: dict[str, Break] = {
    "no index": _remove_index,
    "a damaged database": _damage_database,
    "CURRENT names nothing": _name_no_build,
    "no encoder": _remove_encoder,
    "a broken encoder": _break_encoder,
    "a broken search": _break_search,
    "a full disk": _fill_disk,
    "limits used up and a full house": _let_nobody_in,
}


@pytest.fixture
def client(encoder_cache: Path, tmp_path: Path, request: pytest.FixtureRequest) -> FlaskClient:
    """A client of a small site that was just broken."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "sciatica.md").write_text("# Sciatica\n\nSciatica eases in weeks.\n")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "encoders").symlink_to(encoder_cache)
    settings = Settings(
        corpus=tmp_path / "corpus", index=tmp_path / "index", cache=tmp_path / "cache"
    )
    build_indexer(settings).update(IndexOptions(), lambda *_: None)
    made = create_app(settings).test_client()
    BREAKS[request.param](tmp_path, request.getfixturevalue("monkeypatch"))
    return made


@pytest.mark.parametrize("client", BREAKS, indirect=True)
def test_every_grave_message_gets_its_card(client: FlaskClient) -> None:
    assert len(GRAVE) > 50
    for text in GRAVE:
        response = client.post("/v1/chat", json={"message": text})
        body = response.get_json()
        assert response.status_code == 200, text
        assert body["outcome"] in ("emergency", "crisis"), text
        assert body["text"] == body["safety"]["notice"]
        assert body["safety"]["contacts"]
        assert body["disclaimer"]["text"]


@pytest.mark.parametrize("client", ["limits used up and a full house"], indirect=True)
def test_nobody_else_gets_past_the_limits(client: FlaskClient) -> None:
    response = client.post("/v1/chat", json={"message": "How long does sciatica last?"})
    assert response.status_code == 429
    assert response.get_json(force=True)["disclaimer"]["text"]


@pytest.mark.parametrize("client", BREAKS, indirect=True)
def test_where_a_request_is_refused_the_card_is_in_the_problem(client: FlaskClient) -> None:
    for text in GRAVE[::10]:
        response = client.post("/v1/chat", json={"message": text, "unknown": 1})
        body = response.get_json(force=True)
        assert response.status_code == 422
        assert body["safety"]["notice"]
        assert body["safety"]["contacts"]
        assert body["disclaimer"]["text"]
