"""What is installed is the package alone, whole, and works without this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tests.cli.running import ARTICLES, Done, environment, one_object, share_encoders

ROOT = Path(__file__).parents[1]
NEVER_SHIPPED = {"tests", "corpus", "index"}
# Prints where the package lies, and every address of the page with its status and size.
PAGE = """
import json, re
import rag
from rag.web import create_app
client = create_app().test_client()
page = client.get("/")
found = {"/": [page.status_code, len(page.data)]}
for address in re.findall(r'(?:href|src)="\\.(/[^"#]+)"', page.text):
    response = client.get(address)
    found[address] = [response.status_code, len(response.data)]
    response.close()
print(json.dumps({"file": rag.__file__, "found": found}))
"""


def _setuptools() -> int:
    """The major version of what builds the package, 0 where it is not there."""
    try:
        return int(metadata.version("setuptools").split(".")[0])
    except metadata.PackageNotFoundError:
        return 0


pytestmark = pytest.mark.skipif(
    _setuptools() < 77, reason="building the package needs setuptools 77 or newer"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in the repository, with an index, so that building changes nothing here."""
    folder = tmp_path_factory.mktemp("source") / "wellcited"
    beside = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "index")
    shutil.copytree(ROOT, folder, ignore=beside)
    # The stage of that name is part of the package.
    own = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "rag", folder / "rag", ignore=own, dirs_exist_ok=True)
    (folder / "index" / "builds" / "one").mkdir(parents=True)
    (folder / "index" / "CURRENT").write_text("one")
    (folder / "index" / "builds" / "one" / "wellcited.sqlite").write_text("")
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the installed wheel."""
    folder = tmp_path_factory.mktemp("installed")
    _pip("install", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


@pytest.fixture(scope="module")
def variables(
    installed: Path, encoder_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment in which the installed package is the one that is found first."""
    folder = tmp_path_factory.mktemp("elsewhere")
    return environment(
        PYTHONPATH=installed,
        RAG_CORPUS=ARTICLES,
        RAG_INDEX=folder / "index",
        RAG_CACHE=share_encoders(folder / "cache", encoder_cache),
    )


def _pip(*arguments: str | os.PathLike[str]) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert 0 == done.returncode, done.stderr


def _python(cwd: Path, variables: dict[str, str], *arguments: str) -> Done:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but compiled ones, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
    assert {"rag", f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"} == top


def test_the_installed_package_has_every_file_of_the_source(installed: Path) -> None:
    wanted = _files(ROOT / "rag")
    data = {name.split("/")[-2] for name in wanted if not name.endswith(".py")}
    assert {"data", "words", "limits", "templates", "static", "widget"} == data
    assert wanted == _files(installed / "rag")


def test_the_source_archive_holds_no_tests_articles_or_index(source: Path, tmp_path: Path) -> None:
    program = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    built = _python(source, environment(), "-c", program, str(tmp_path))
    assert 0 == built.status, built.err
    (path,) = tmp_path.iterdir()
    with tarfile.open(path) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"rag", "pyproject.toml"} <= top
    assert set() == top & NEVER_SHIPPED


def test_the_installed_page_is_served_with_its_style_and_the_widget(
    installed: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    told = _python(tmp_path, variables, "-c", PAGE).body()
    static = {
        f"/static/{path.name}": [200, path.stat().st_size]
        for path in (ROOT / "rag/web/static").iterdir()
    }
    page, widget = told["found"].pop("/"), told["found"].pop("/widget.js")
    assert str(installed / "rag" / "__init__.py") == told["file"]
    assert {".css", ".svg"} == {Path(address).suffix for address in told["found"]}
    assert told["found"].items() <= static.items()
    assert (200, True) == (page[0], page[1] > 1_000)
    assert (200, True) == (widget[0], widget[1] > 10_000)


def test_the_installed_command_indexes_finds_and_quotes(
    variables: dict[str, str], tmp_path: Path
) -> None:
    made = _python(tmp_path, variables, "-m", "rag", "index", "--json").body()
    asked = "How long does tennis elbow last?"
    answer = _python(tmp_path, variables, "-m", "rag", "ask", "--json", asked).body()
    assert (4, "answered") == (made["articles"], answer["outcome"])
    assert "six to twelve months" in answer["text"]


def test_the_installed_gate_has_its_rules_cards_and_contacts(
    variables: dict[str, str], tmp_path: Path
) -> None:
    message = "I have crushing chest pain and cannot breathe"
    none = {**variables, "RAG_INDEX": str(tmp_path / "none")}
    done = _python(
        tmp_path, none, "-m", "rag", "ask", "--json", "--country", "GB", "--locale", "es", message
    )
    body = one_object(done.out)
    assert ("emergency", "es") == (body["outcome"], body["disclaimer"]["locale"])
    assert "999" == body["safety"]["contacts"][0]["number"]
