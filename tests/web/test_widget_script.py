from __future__ import annotations

import gzip
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from rag.settings import Settings
from rag.types import Level, Safety
from rag.web import create_app
from rag.wiring import build_assistant
from tests.doubles import ScriptedAssistant

SOURCES = Path(__file__).parents[2] / "rag" / "web" / "widget"
MOST = 20 * 1024


def texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((SOURCES / "texts.toml").read_text(encoding="utf-8"))


def data_of(client: FlaskClient) -> dict[str, Any]:
    """What the script knows of its site."""
    (found,) = re.findall(r"^const DATA = (.*);$", client.get("/widget.js").text, re.MULTILINE)
    data: dict[str, Any] = json.loads(found)
    return data


def test_the_script_is_one_that_any_site_may_load(client: FlaskClient) -> None:
    response = client.get("/widget.js")
    assert 200 == response.status_code
    assert "text/javascript; charset=utf-8" == response.content_type
    assert "cross-origin" == response.headers["Cross-Origin-Resource-Policy"]
    assert "no-cache" == response.headers["Cache-Control"]


def test_packed_it_has_at_most_20_kb_and_is_the_same() -> None:
    client = create_app(Settings(), build_assistant(Settings())).test_client()
    packed = client.get("/widget.js", headers={"Accept-Encoding": "gzip, br"})
    assert "gzip" == packed.headers["Content-Encoding"]
    assert len(packed.data) <= MOST
    assert client.get("/widget.js").data == gzip.decompress(packed.data)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_browser_that_has_this_version_gets_nothing_anew(
    client: FlaskClient, encoding: str
) -> None:
    asked = {"Accept-Encoding": encoding}
    first = client.get("/widget.js", headers=asked)
    again = client.get("/widget.js", headers={**asked, "If-None-Match": first.headers["ETag"]})
    assert (304, b"") == (again.status_code, again.data)
    assert "Accept-Encoding" in again.headers["Vary"]


def test_another_country_makes_another_version(client: FlaskClient) -> None:
    other = create_app(Settings(country="GB"), ScriptedAssistant()).test_client()
    assert client.get("/widget.js").headers["ETag"] != other.get("/widget.js").headers["ETag"]
    assert ("GB", None) == (data_of(other)["country"], data_of(client)["country"])


def test_every_part_of_the_folder_is_in_the_script(client: FlaskClient) -> None:
    script = client.get("/widget.js").text
    for path in SOURCES.glob("*.js"):
        names = re.findall(r"^(?:async )?(?:function|class|const) (\w+)", path.read_text(), re.M)
        assert names, path.name
        assert [name for name in names if not re.search(rf"\b{name}\b", script)] == []
    assert sorted(re.findall(r"customElements\.define", script)) == ["customElements.define"]


@pytest.mark.parametrize("path", sorted(SOURCES.iterdir()), ids=lambda path: path.name)
def test_no_part_is_too_long_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_no_part_makes_elements_of_markup_or_runs_text() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|"
        r"setTimeout\(['\"]|localStorage|sessionStorage|document\.cookie|indexedDB"
    )
    found = [path.name for path in SOURCES.glob("*.js") if forbidden.search(path.read_text())]
    assert found == []


def test_every_language_has_every_text_with_the_same_places_to_fill() -> None:
    fills = {
        locale: {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in words.items()}
        for locale, words in texts().items()
    }
    assert {"en", "es", "zh"} == set(fills)
    assert fills["en"] == fills["es"] == fills["zh"]


def test_every_text_is_used_and_every_text_used_is_there() -> None:
    code = "\n".join(path.read_text() for path in SOURCES.glob("*.js"))
    there = set(texts()["en"])
    named = set(re.findall(r'"(\w+)"', code))
    assert there - named == set()
    assert set(re.findall(r'\bsay\("(\w+)"', code)) - there == set()


def test_the_disclaimers_are_those_of_the_server() -> None:
    assistant = build_assistant(Settings())
    data = data_of(create_app(Settings(), assistant).test_client())
    for locale in texts():
        assert assistant.disclaimer(locale).text == data["short"][locale]["text"]
        assert assistant.full_disclaimer(locale).text == data["full"][locale]["text"]


def test_its_contacts_are_those_of_the_safety_cards_in_every_country() -> None:
    gate = build_assistant(Settings()).gate
    data = data_of(create_app(Settings(), ScriptedAssistant()).test_client())
    countries = {code for contact in data["contacts"] for code in contact["countries"]}
    assert len(countries) > 30
    for country in [*sorted(countries), "UK", "XX", ""]:
        card = gate.present(Safety(Level.CRISIS), "es", country)
        wanted = [(c.kind, c.label, c.number, c.href) for c in card.contacts]
        assert wanted == standing(data, country, "es")


def standing(data: dict[str, Any], country: str, locale: str) -> list[tuple[str, ...]]:
    """What the widget shows, by the rule of places.js, in the order of a crisis."""
    country = data["aliases"].get(country, country)
    found: list[tuple[str, ...]] = []
    for kind in ("crisis", "emergency"):
        known = [contact for contact in data["contacts"] if contact["kind"] == kind]
        local = [contact for contact in known if country in contact["countries"]]
        for contact in local or [contact for contact in known if not contact["countries"]]:
            label = contact["labels"].get(locale) or contact["labels"][""]
            found.append((kind, label, contact["number"], contact["href"]))
    return found
