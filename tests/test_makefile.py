"""`make` hands on what it is given: really run, with stand-ins for what it would install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rag.cli.ask import ask

ROOT = Path(__file__).parents[1]
OWN = {
    "MAKEFLAGS",
    "MAKELEVEL",
    "MAKEOVERRIDES",
    "MFLAGS",
    "PYTHON",
    "VENV",
    "TORCH",
    "CORPUS",
    "Q",
}
# Appends each argument on a line, after the folders that it was given.
RAG = """#!/bin/sh
printf '%s\\n' "corpus=$RAG_CORPUS" "index=$RAG_INDEX" "$@" >> called
"""
# As pip would be called, and with what constraints.
PYTHON = """#!/bin/sh
echo "$@" >> pip
while [ $# -gt 0 ]; do
  [ "$1" != --constraint ] || cat "$2" >> constraints
  shift
done
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Makefile in a folder of its own, its environment made but nothing installed there."""
    monkeypatch.chdir(tmp_path)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, name)
    programs = Path(".venv/bin")
    programs.mkdir(parents=True)
    for name, program in {"rag": RAG, "python": PYTHON}.items():
        (programs / name).write_text(program)
        (programs / name).chmod(0o755)
    return tmp_path


def _make(*arguments: str, **variables: str) -> str:
    kept = {n: v for n, v in os.environ.items() if n not in OWN and not n.startswith("RAG_")}
    return subprocess.run(
        ["make", *arguments],
        env={**kept, **variables},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def _calls() -> list[str]:
    """What `rag` was called with since last asked, line by line."""
    lines = Path("called").read_text().splitlines()
    Path("called").unlink()
    return lines


def _question(arguments: list[str]) -> str:
    """The question that `rag ask` takes from its arguments."""
    question: str = ask.make_context("rag ask", arguments).params["question"]
    return question


def _index_of(corpus: str) -> str:
    """The index that `make` takes for articles of a folder."""
    _make("index", f"CORPUS={corpus}")
    called = _calls()
    assert [f"corpus={corpus}", "index", "--wait", "600"] == [called[0], *called[2:]]
    return called[1].removeprefix("index=")


def test_the_shipped_articles_have_the_index_in_index() -> None:
    assert "index" == _index_of("corpus")
    _make("index")
    assert ["corpus=corpus", "index=index"] == _calls()[:2]


def test_other_articles_have_an_index_of_their_own() -> None:
    indexes = [_index_of(corpus) for corpus in ("mine", "other/mine", "mine/other")]
    assert 3 == len({*indexes})
    assert ["index/of-mine", "index/of-mine", "index/of-other"] == [
        index.rpartition("-")[0] for index in indexes
    ]


def test_one_folder_has_one_index_however_it_is_named(project: Path) -> None:
    names = ("mine", "./mine", "mine/", str(project / "mine"))
    assert 1 == len({_index_of(name) for name in names})


def test_a_folder_may_have_a_space_in_its_name() -> None:
    assert _index_of("my articles").startswith("index/of-")
    assert _index_of("my articles") != _index_of("my")


def test_an_index_that_was_named_is_taken() -> None:
    _make("index", "CORPUS=mine", RAG_INDEX="there")
    assert "index=there" == _calls()[1]


@pytest.mark.parametrize("target", ["ask", "serve"])
def test_the_index_is_brought_up_to_date_first_and_the_same_one_used(target: str) -> None:
    _make(target, "CORPUS=mine", "Q=What helps?")
    called = _calls()
    assert called[:2] == called[5:7]
    assert ["index", "--wait", "600", target] == [*called[2:5], called[7]]


def test_without_a_question_one_is_asked_all_the_same() -> None:
    _make("ask")
    assert "Can spinal stenosis be cured?" == _question(_calls()[8:])


@pytest.mark.parametrize(
    "question",
    [
        "Can a slipped disc heal by itself?",
        "What's sciatica, and how's it treated?",
        "a;b & c | d > e * (f) # g \\ h",
        'What does "bulging" mean?',
        "Does a $5 cushion help?",
        "Is $HOME a place to rest?",
        "Is $(HOME) a place to rest?",
        "Does `echo walking` help?",
        "Is a \\\\ a backslash?",
        "-itis, what is it?",
    ],
)
def test_a_question_reaches_the_command_as_it_is(question: str) -> None:
    _make("ask", f"Q={question}")
    command, *arguments = _calls()[7:]
    assert "ask" == command
    assert question == _question(arguments)


@pytest.mark.parametrize("question", ["`touch harm`", "$(shell touch harm)", '"; touch harm; "'])
def test_no_question_is_run_as_a_command(question: str) -> None:
    _make("ask", f"Q={question}")
    assert not Path("harm").exists()


def test_torch_is_pinned() -> None:
    _make("index")
    installs = Path("pip").read_text().splitlines()
    assert ["torch", "--editable ."] == [line.partition(".txt ")[2] for line in installs]
    assert {"constraints.txt"} == {
        line.partition("--constraint ")[2].split()[0] for line in installs
    }
    pinned = (ROOT / "constraints.txt").read_text()
    assert "\ntorch==" in pinned
    assert pinned * 2 == Path("constraints").read_text()


def test_another_torch_can_be_named_instead_of_the_pinned_one() -> None:
    _make("index", "TORCH=torch==2.14.1+cpu")
    installs = Path("pip").read_text().splitlines()
    assert ["torch", "--editable ."] == [line.partition(".txt ")[2] for line in installs]
    assert ["torch==2.14.1+cpu"] * 2 == Path("constraints").read_text().splitlines()


def test_installing_is_done_once() -> None:
    assert "Installing" in _make("index")
    Path("pip").unlink()
    assert "Installing" not in _make("index")
    assert not Path("pip").exists()


def test_another_torch_is_also_taken_where_one_is_installed() -> None:
    _make("index")
    _make("index", "TORCH=torch==2.14.1+cpu")
    assert "torch==2.14.1+cpu" in Path("constraints").read_text().splitlines()


def test_an_installation_that_failed_is_taken_up_again() -> None:
    Path(".venv/bin/python").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(subprocess.CalledProcessError):
        _make("index")
    assert not Path("called").exists()
    Path(".venv/bin/python").write_text(PYTHON)
    _make("index")
    assert "index" == _calls()[2]
