from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from rag.cli.main import cli
from rag.settings import SETTINGS
from tests.cli.conftest import Site
from tests.cli.running import RAG, Rag, environment, spawn
from tests.test_architecture import HEAVY

QUERY = "exercises for the elbow"
# Runs the command, then says on stderr which of some libraries were loaded for it.
PROGRAM = """
import sys
from rag.cli.main import main
main(sys.argv[2:])
sys.stdout.flush()
sys.stderr.write(" ".join(set(sys.argv[1].split()) & set(sys.modules)))
"""


def _loaded(site: Site, *arguments: str, among: set[str]) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, " ".join(among), *arguments]
    variables = environment(**site.variables)
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    assert 0 == done.returncode
    assert done.stdout
    return sorted(done.stderr.split())


def test_help_names_every_command_and_every_setting(rag: Rag) -> None:
    done = rag("--help")
    rows = {line.split()[0] for line in done.out.splitlines() if line.strip()}
    assert (0, "") == (done.status, done.err)
    known = {"index", "ask", "search", "show", "serve", "status", "check", "doctor", "eval"}
    assert known == set(cli.commands)
    assert set() == {*cli.commands, *(f"RAG_{name.upper()}" for name in SETTINGS)} - rows
    assert "run" in rag("eval", "--help").out


def test_help_loads_nothing_heavy(site: Site) -> None:
    assert [] == _loaded(site, "--help", among=HEAVY)


def test_a_search_loads_faiss_and_no_torch(site: Site) -> None:
    among = {"faiss", "torch", "transformers", "sentence_transformers", "flask"}
    assert ["faiss"] == _loaded(site, "search", QUERY, among=among)


def test_python_m_rag_and_the_installed_command_are_the_same(rag: Rag, site: Site) -> None:
    done = spawn(Path.cwd(), environment(**site.variables), "search", "--json", QUERY)
    (script,) = metadata.entry_points(group="console_scripts", name="rag")
    assert rag("search", "--json", QUERY).body() == done.body()
    assert "rag.cli.main:main" == script.value


def test_the_version_is_that_of_the_distribution(rag: Rag) -> None:
    assert f"wellcited, version {metadata.version('wellcited')}\n" == rag("--version").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("ask",),
        ("search",),
        ("search", "--nonsense", QUERY),
        ("search", "-k", "0", QUERY),
        ("search", "-k", "101", QUERY),
        ("search", "--mode", "fuzzy", QUERY),
        ("ask", "one", "two"),
        ("index", "--wait", "-1"),
        ("index", "--wait", "soon"),
        ("serve", "--port", "http"),
        ("eval", "nonsense"),
        ("eval", "run"),
        ("eval", "run", "data", "--relevant", "0"),
        ("rollback",),
        ("eval", "compare", "a", "b"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(rag: Rag, arguments: tuple[str, ...]) -> None:
    assert rag(*arguments).failure(2)


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("nothing", ["", "  \n", "\u200b\u00ad"])
def test_asking_nothing_is_wrong_usage(rag: Rag, command: str, nothing: str) -> None:
    message = rag(command, "--json", nothing).failure(2)
    assert message.startswith("Nothing is asked.")


@pytest.mark.parametrize("command", ["ask", "search"])
def test_asking_too_much_is_wrong_usage(
    rag: Rag, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = "elbow ".ljust(2_000, "x")
    message = rag(command, "--json", f"{longest}x").failure(2)
    assert message == "What is asked has 2001 characters, more than 2000. Shorten it."
    assert rag(command, "--json", longest).body()
    monkeypatch.setenv("RAG_MAX_MESSAGE", "5")
    assert "more than 5." in rag(command, "elbows").failure(2)
    assert rag(command, "--json", "elbow").body()


def test_what_is_not_utf_8_is_wrong_usage(rag: Rag) -> None:
    assert "not UTF-8" in rag("ask", os.fsdecode(b"caf\xe9")).failure(2)


def test_an_unknown_variable_is_a_warning_and_stdout_stays_json(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rag("search", "--json", QUERY)
    monkeypatch.setenv("RAG_PROT", "80")
    done = rag("search", "--json", QUERY)
    warning = "Warning: RAG_PROT is not a setting of Wellcited; it is ignored.\n"
    assert (0, before.out, warning) == (done.status, done.out, done.err)


def test_an_unknown_key_in_the_settings_file_is_an_error(rag: Rag) -> None:
    Path("wellcited.toml").write_text("prot = 80\n")
    message = rag("search", "--json", QUERY).failure()
    assert message.startswith("wellcited.toml: unknown setting 'prot'. Known are: corpus, index, ")


def test_the_settings_file_can_be_named_and_its_paths_are_relative_to_it(
    rag: Rag, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_INDEX")
    Path("site").mkdir()
    Path("site/my.toml").write_text('index = "../link"\n')
    Path("link").symlink_to(site.settings.index)
    assert "There is no index yet." in rag("search", QUERY).failure()
    assert rag("--config", "site/my.toml", "search", "--json", QUERY).body()["hits"]
    assert "gone.toml" in rag("--config", "gone.toml", "search", QUERY).failure()


def test_a_value_that_cannot_be_used_is_an_error_that_names_it(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_PORT", "http")
    assert "RAG_PORT: port must be a whole number, not 'http'." == rag("ask", "elbow").failure()


@pytest.mark.parametrize(
    "arguments",
    [("search", QUERY), ("search", "--json", QUERY), ("--help",)],
    ids=" ".join,
)
def test_a_reader_who_has_seen_enough_is_no_error(
    site: Site, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    variables = environment(**site.variables)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [*RAG, *arguments], env=variables, cwd=tmp_path, stdout=closed, stderr=subprocess.PIPE
        )
    assert (0, b"") == (done.returncode, done.stderr)


def test_one_line_of_many_can_be_taken(site: Site, tmp_path: Path) -> None:
    command = 'set -o pipefail; "$0" -m rag search "$1" | { read -r line; echo "$line"; cat >&2; }'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, QUERY],
        env=environment(**site.variables),
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (0, ["score", "article", "section", "passage"]) == (done.returncode, done.stdout.split())


def test_without_a_locale_json_is_printed_as_utf_8(site: Site, tmp_path: Path) -> None:
    variables = {**environment(**site.variables), "LC_ALL": "C"}
    done = spawn(tmp_path, variables, "ask", "--json", "--locale", "es", "elbow and chess")
    assert "información" in json.loads(done.out)["disclaimer"]["text"].lower()


def test_where_the_terminal_has_no_such_character_there_is_no_traceback(
    site: Site, tmp_path: Path
) -> None:
    variables = {**environment(**site.variables), "PYTHONIOENCODING": "ascii"}
    done = spawn(tmp_path, variables, "ask", "Which exercises help tennis elbow?")
    assert "Traceback" not in done.err
