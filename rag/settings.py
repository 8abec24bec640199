"""The settings: one frozen table with a help line each, read once at start."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from rag.errors import SettingsError

_MINIMUM_TOKEN = 16
_PATHS = ("corpus", "index", "cache")


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wellcited"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. `name` is `RAG_NAME` in the environment and `name` in wellcited.toml."""

    corpus: Path = field(
        default=Path("corpus"), metadata={"help": "Folder of the article files that may be cited."}
    )
    index: Path = field(
        default=Path("index"), metadata={"help": "Folder of the index, made from the corpus."}
    )
    cache: Path | None = field(
        default=None,
        metadata={
            "help": "Folder for evaluation indexes and encoders (default: the user's cache folder)."
        },
    )
    model: str = field(
        default="all-MiniLM-L6-v2",
        metadata={"help": "Sentence-transformers model, by name or by the path of its folder."},
    )
    host: str = field(default="127.0.0.1", metadata={"help": "Address to listen on."})
    port: int = field(default=8000, metadata={"help": "Port to listen on."})
    workers: int = field(default=1, metadata={"help": "Serving processes."})
    threads: int = field(
        default=0,
        metadata={"help": "Questions a serving process works on at once (0: as cores allow)."},
    )
    public_url: str | None = field(
        default=None,
        metadata={
            "help": "Address readers see, for links to articles that have none of their own."
        },
    )
    editor_token: str | None = field(
        default=None,
        metadata={
            "help": "Secret of the editors' routes, 16 characters or more; without it, no routes."
        },
    )
    allowed_origins: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Origins of other sites whose pages may ask, comma-separated."},
    )
    trusted_hosts: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Further names of this service, comma-separated; .news.example: all in it."
        },
    )
    proxy_hops: int = field(
        default=0,
        metadata={"help": "Proxies of your own in front, whose X-Forwarded-For is believed."},
    )
    rate_limit: str = field(
        default="600/10minutes",
        metadata={"help": "Questions allowed to one client, such as 60/minute, or off."},
    )
    rate_limit_global: str = field(
        default="30000/10minutes",
        metadata={"help": "Questions allowed to all clients together, or off."},
    )
    max_sentences: int = field(default=5, metadata={"help": "Most sentences in an answer."})
    max_body: int = field(default=65_536, metadata={"help": "Most bytes of a request body."})
    max_message: int = field(default=2_000, metadata={"help": "Most characters of a message."})
    locale: str = field(
        default="en", metadata={"help": "Language of the fixed texts where a reader asks for none."}
    )
    country: str | None = field(
        default=None,
        metadata={
            "help": "Country of the emergency contacts where a reader names none (ISO 3166-1)."
        },
    )
    public_articles: str = field(
        default="full",
        metadata={"help": "What /v1/articles shows in public: full, or quotes (no article text)."},
    )

    @property
    def cache_folder(self) -> Path:
        """Where evaluation keeps what it can make again."""
        return self.cache or _cache_folder()


SETTINGS: dict[str, tuple[Any, str]] = {
    f.name: (f.default, str(f.metadata["help"])) for f in fields(Settings)
}
"""Name → (default, help), in order: the source of `--help` and of docs/settings.md."""


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **flags: Any,
) -> tuple[Settings, tuple[str, ...]]:
    """Settings from file, then `RAG_*` variables, then flags that are not None; and warnings.

    Raises SettingsError for a value that cannot be used or an unknown key in the file.
    """
    environ = os.environ if environ is None else environ
    settings = replace(Settings(), **_from_file(config, environ))
    values, warnings = _from_environ(environ)
    settings = replace(settings, **values)
    settings = replace(settings, **{k: v for k, v in flags.items() if v is not None})
    _check(settings)
    return settings, warnings


def _from_file(config: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = config or (Path(environ["RAG_CONFIG"]) if environ.get("RAG_CONFIG") else None)
    path = named or Path("wellcited.toml")
    if not path.exists():
        if named:
            raise SettingsError(f"No settings file at {path}. Check --config or RAG_CONFIG.")
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}. Mend or remove it.") from error
    unknown = sorted(set(table) - set(SETTINGS))
    if unknown:
        raise SettingsError(
            f"{path}: unknown setting {unknown[0]!r}. Known are: {', '.join(SETTINGS)}."
        )
    values = {name: _typed(name, value, str(path)) for name, value in table.items()}
    return {name: _beside(path.parent, name, value) for name, value in values.items()}


def _beside(folder: Path, name: str, value: Any) -> Any:
    """A value of a settings file, a path in it taken as relative to the file's folder."""
    if name in _PATHS and value:
        return folder / value
    # A model is a name or a path; it is a path where there is such a folder.
    if name == "model" and (folder / value).is_dir():
        return str(folder / value)
    return value


def _from_environ(environ: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    known = {f"RAG_{name.upper()}": name for name in SETTINGS}
    values = {
        known[key]: _typed(known[key], value, key) for key, value in environ.items() if key in known
    }
    unknown = sorted(
        key for key in environ if key.startswith("RAG_") and key not in {*known, "RAG_CONFIG"}
    )
    return values, tuple(f"{key} is not a setting of Wellcited; it is ignored." for key in unknown)


def _typed(name: str, value: Any, where: str) -> Any:
    """A raw value as the setting's own type; an empty string means the default."""
    if value == "":
        return SETTINGS[name][0]
    kind = get_type_hints(Settings)[name]
    if kind is int:
        return _integer(name, value, where)
    if kind == tuple[str, ...]:
        parts = value if isinstance(value, list) else _text(name, value, where).split(",")
        texts = [_text(name, part, where).strip() for part in parts]
        return tuple(text.rstrip("/") for text in texts if text)
    return Path(_text(name, value, where)) if name in _PATHS else _text(name, value, where)


def _text(name: str, value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{where}: {name} must be text, not {value!r}.")
    return value


def _integer(name: str, value: Any, where: str) -> int:
    try:
        if isinstance(value, bool | float):
            raise ValueError
        return int(value)
    except (TypeError, ValueError):
        raise SettingsError(f"{where}: {name} must be a whole number, not {value!r}.") from None


def _check(settings: Settings) -> None:
    positive = ("workers", "max_sentences", "max_body", "max_message")
    for name in positive:
        if getattr(settings, name) < 1:
            raise SettingsError(f"{name} must be at least 1, not {getattr(settings, name)}.")
    for name in ("threads", "proxy_hops"):
        if getattr(settings, name) < 0:
            raise SettingsError(f"{name} must be at least 0, not {getattr(settings, name)}.")
    if not 0 <= settings.port <= 65_535:
        raise SettingsError(f"port must be between 0 and 65535, not {settings.port}.")
    token = settings.editor_token
    if token is not None and len(token) < _MINIMUM_TOKEN:
        raise SettingsError(
            f"RAG_EDITOR_TOKEN is shorter than {_MINIMUM_TOKEN} characters. "
            "Use a long random one, or unset it to switch the editors' routes off."
        )
    if settings.public_articles not in ("full", "quotes"):
        raise SettingsError(
            f"public_articles must be full or quotes, not {settings.public_articles!r}."
        )
