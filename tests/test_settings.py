from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from rag.errors import SettingsError
from rag.settings import SETTINGS, Settings, load_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run where there is no wellcited.toml of somebody's own."""
    monkeypatch.chdir(tmp_path)


def from_file(text: str, environ: dict[str, str] | None = None, **flags: Any) -> Settings:
    Path("wellcited.toml").write_text(text, encoding="utf-8")
    return load_settings(environ=environ or {}, **flags)[0]


def from_environ(**variables: str) -> Settings:
    return load_settings(environ=variables)[0]


def test_without_any_source_the_defaults_hold() -> None:
    assert (Settings(), ()) == load_settings(environ={})


def test_a_flag_beats_a_variable_and_a_variable_the_file() -> None:
    assert 1 == from_file("port = 1").port
    assert 2 == from_file("port = 1", {"RAG_PORT": "2"}).port
    assert 3 == from_file("port = 1", {"RAG_PORT": "2"}, port=3).port


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert 2 == from_file("port = 1", {"RAG_PORT": "2"}, port=None).port


def test_sources_are_merged_setting_by_setting() -> None:
    settings = from_file('locale = "es"\nport = 1', {"RAG_PORT": "2"}, host="::1")
    assert ("es", 2, "::1") == (settings.locale, settings.port, settings.host)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_can_be_given_in_the_environment_and_in_the_file(name: str) -> None:
    default = SETTINGS[name][0]
    number = {"port": 81}.get(name, 17)
    raw = str(number) if isinstance(default, int) else "quotes" if "public" in name else "x" * 20
    in_file = raw if isinstance(default, int) else f'"{raw}"'
    first = getattr(from_environ(**{f"RAG_{name.upper()}": raw}), name)
    second = getattr(from_file(f"{name} = {in_file}"), name)
    assert first != default
    assert first == second


def test_the_table_has_every_setting_with_its_default_and_a_help_line() -> None:
    assert [field.name for field in fields(Settings)] == list(SETTINGS)
    assert {name: getattr(Settings(), name) for name in SETTINGS} == {
        name: default for name, (default, _) in SETTINGS.items()
    }
    for name, (_, text) in SETTINGS.items():
        assert text.endswith("."), name
        assert text == text.strip(), name


def test_paths_in_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "my.toml").write_text('corpus = "articles"\nindex = "/srv/index"\ncache = "../c"')
    settings, _ = load_settings(folder / "my.toml", {})
    assert folder / "articles" == settings.corpus
    assert Path("/srv/index") == settings.index
    assert folder / "../c" == settings.cache


@pytest.mark.parametrize(("model", "found"), [("models/mine", True), ("all-MiniLM-L6-v2", False)])
def test_a_model_in_the_file_is_a_folder_beside_it_or_a_name(
    tmp_path: Path, model: str, found: bool
) -> None:
    folder = tmp_path / "site"
    (folder / "models" / "mine").mkdir(parents=True)
    (folder / "my.toml").write_text(f'model = "{model}"')
    settings, _ = load_settings(folder / "my.toml", {})
    assert (str(folder / model) if found else model) == settings.model


def test_paths_in_the_environment_are_relative_to_the_working_folder() -> None:
    Path("site").mkdir()
    Path("site/my.toml").write_text('corpus = "articles"')
    variables = {"RAG_CONFIG": "site/my.toml", "RAG_INDEX": "there"}
    settings = from_environ(**variables)
    assert (Path("site/articles"), Path("there")) == (settings.corpus, settings.index)


def test_a_named_file_beats_the_one_in_the_environment() -> None:
    Path("one.toml").write_text("port = 1")
    Path("two.toml").write_text("port = 2")
    assert 1 == load_settings(Path("one.toml"), {"RAG_CONFIG": "two.toml"})[0].port


@pytest.mark.parametrize("named", [True, False])
def test_a_file_that_was_named_must_be_there(named: bool) -> None:
    config, environ = (Path("gone.toml"), {}) if named else (None, {"RAG_CONFIG": "gone.toml"})
    with pytest.raises(SettingsError, match=r"gone\.toml"):
        load_settings(config, environ)


@pytest.mark.parametrize(
    "content", [b"port = ", b"port 80", b"port = 1\nport = 2", b"locale = '\xff'"]
)
def test_a_file_that_is_no_toml_is_an_error_that_names_it(content: bytes) -> None:
    Path("wellcited.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"wellcited\.toml"):
        load_settings(environ={})


def test_a_folder_is_not_taken_for_a_settings_file() -> None:
    Path("wellcited.toml").mkdir()
    with pytest.raises(SettingsError, match=r"wellcited\.toml"):
        load_settings(environ={})


def test_an_unknown_key_in_the_file_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"'prot'.*port"):
        from_file("prot = 80")


def test_an_unknown_variable_is_a_warning_that_names_it() -> None:
    settings, warnings = load_settings(
        environ={"RAG_PROT": "80", "RAG_CONFIG": "", "PATH": "/bin", "RAGTIME": "1"}
    )
    assert Settings() == settings
    assert ("RAG_PROT is not a setting of Wellcited; it is ignored.",) == warnings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "80.5"),
        ("port", "-1"),
        ("port", "65536"),
        ("workers", "0"),
        ("threads", "-1"),
        ("max_sentences", "-3"),
        ("max_body", "0"),
        ("max_message", "0"),
        ("public_articles", "none"),
        ("editor_token", "fifteen chars.."),
    ],
)
def test_a_value_that_cannot_be_used_is_an_error_that_names_the_setting(
    name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name}"):
        from_environ(**{f"RAG_{name.upper()}": value})


@pytest.mark.parametrize(
    "line",
    ["port = 80.5", "port = true", "port = [80]", "model = 7", "corpus = []", "host = {a = 1}"],
)
def test_a_value_of_another_type_in_the_file_is_an_error(line: str) -> None:
    with pytest.raises(SettingsError, match=line.split()[0]):
        from_file(line)


@pytest.mark.parametrize("line", ["allowed_origins = 5", "allowed_origins = [1, 2]"])
def test_origins_in_the_file_are_texts(line: str) -> None:
    with pytest.raises(SettingsError, match="allowed_origins"):
        from_file(line)


@pytest.mark.parametrize(
    "line",
    [
        'allowed_origins = "https://a.example, https://b.example/"',
        'allowed_origins = ["https://a.example", "https://b.example/"]',
    ],
)
def test_origins_are_a_list_or_separated_by_commas_without_a_slash_at_the_end(line: str) -> None:
    assert ("https://a.example", "https://b.example") == from_file(line).allowed_origins


def test_the_shortest_token_has_sixteen_characters() -> None:
    assert "sixteen letters!" == from_environ(RAG_EDITOR_TOKEN="sixteen letters!").editor_token


def test_the_message_about_a_short_token_does_not_repeat_it() -> None:
    with pytest.raises(SettingsError) as caught:
        from_environ(RAG_EDITOR_TOKEN="hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", SETTINGS)
def test_an_empty_variable_means_the_default(name: str) -> None:
    assert Settings() == from_environ(**{f"RAG_{name.upper()}": ""})


def test_evaluation_keeps_its_files_in_the_users_cache_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Path("mine") == from_environ(RAG_CACHE="mine").cache_folder
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert Path("/var/cache/wellcited") == Settings().cache_folder
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/reader")
    assert Path("/home/reader/.cache/wellcited") == Settings().cache_folder
