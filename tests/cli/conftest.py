"""One small index, and the command `rag` over it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.cli.main import main
from rag.settings import Settings
from tests.cli.running import ARTICLES, Done, Rag, environment, share_encoders, spawn


@dataclass(frozen=True)
class Site:
    """Articles with an index of them, and what the command that made it printed."""

    settings: Settings
    variables: dict[str, str]
    made: Done


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, encoder_cache: Path) -> Site:
    """An index of tests/data/articles; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("site")
    cache = share_encoders(folder / "cache", encoder_cache)
    settings = Settings(corpus=ARTICLES, index=folder / "index", cache=cache)
    variables = {
        "RAG_CORPUS": str(settings.corpus),
        "RAG_INDEX": str(settings.index),
        "RAG_CACHE": str(settings.cache),
    }
    made = spawn(folder, environment(**variables), "index", "--json")
    return Site(settings, variables, made)


@pytest.fixture
def rag(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Rag:
    """The command over that index, from a folder without a settings file."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    for name, value in site.variables.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        status: object = 0
        try:
            main(arguments)
        except SystemExit as left:
            status = left.code
        assert isinstance(status, int)
        return Done(status, *capsys.readouterr())

    return run


@pytest.fixture
def own(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rag: Rag) -> Settings:
    """Articles and an index of one's own, for tests that change them; `rag` takes these."""
    corpus = shutil.copytree(ARTICLES, tmp_path / "corpus")
    # Files that SQLite makes for readers may go while they are copied.
    passing = shutil.ignore_patterns("*-shm", "*-wal")
    index = shutil.copytree(
        site.settings.index, tmp_path / "index", ignore=passing, copy_function=_copied
    )
    monkeypatch.setenv("RAG_CORPUS", str(corpus))
    monkeypatch.setenv("RAG_INDEX", str(index))
    return Settings(corpus=corpus, index=index, cache=site.settings.cache)


def _copied(source: str, target: str) -> None:
    """Copy a file, but link an encoder's, which are large and never change."""
    if "/encoders/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)
