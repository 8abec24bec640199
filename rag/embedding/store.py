"""Keep encoders on disk: made once for a model, checked whenever they are opened.

A folder `encoders/<digest>/` holds `model.onnx`, `tokenizer.json` and `encoder.json`, which says
what the encoder is and has the SHA-256 of the other two. It appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.durable import appearing, remove_unfinished
from rag.embedding.graph import GRAPH_VERSION, is_supported, pooling_mode, write_graph
from rag.embedding.model import ModelFolder, file_digest
from rag.embedding.onnx import OnnxEncoder, open_session, open_tokenizer
from rag.embedding.parity import check_parity
from rag.embedding.reference import SentenceTransformersEncoder, load_reference
from rag.embedding.windows import Layout
from rag.errors import EncoderDamaged, ModelError
from rag.types import EncoderInfo

_DESCRIPTION = "encoder.json"
_DIGEST = "digest"
_FILES = ("model.onnx", "tokenizer.json")
_DEFAULT_WINDOW = 512

AnyEncoder = OnnxEncoder | SentenceTransformersEncoder


def encoder_digest(model: ModelFolder) -> str:
    """Names the encoder of a model: the same digest means interchangeable vectors."""
    return f"{model.digest[:24]}-{GRAPH_VERSION}" if is_supported(model) else model.digest[:24]


def prepare_encoder(model: ModelFolder, folder: Path, cache: Path | None) -> AnyEncoder:
    """The model's encoder, made under `folder` if it is not there yet.

    `cache` is another folder of encoders: taken from and added to, so that many indexes make
    an encoder once. A model that no graph can hold is encoded by sentence-transformers.
    """
    if not is_supported(model):
        return load_reference(model)
    mend_encoder(model, folder, cache)
    return open_encoder(folder / encoder_digest(model), threads=os.cpu_count() or 1)


def mend_encoder(model: ModelFolder, folder: Path, cache: Path | None) -> None:
    """Make the model's encoder where it is missing or damaged; the same vectors come of it."""
    target = folder / encoder_digest(model)
    if not is_supported(model) or is_whole(target):
        return
    cached = cache / target.name if cache else None
    remove_unfinished(folder, shared=True)
    shutil.rmtree(target, ignore_errors=True)
    if cached and is_whole(cached):
        _copy(cached, target)
        return
    _make(model, target)
    if cached:
        remove_unfinished(cached.parent, shared=True)
        shutil.rmtree(cached, ignore_errors=True)
        _copy(target, cached)


def open_encoder(path: Path, threads: int) -> OnnxEncoder:
    """Open an encoder's folder. Raises EncoderDamaged where a file is missing or has changed."""
    info, layout = _checked(path)
    return OnnxEncoder(
        info=info,
        layout=layout,
        tokenizer=open_tokenizer(path / "tokenizer.json"),
        session=open_session(path / "model.onnx", threads),
    )


def _checked(path: Path) -> tuple[EncoderInfo, Layout]:
    """What an encoder's folder says that it holds, its files checked. Raises EncoderDamaged."""
    try:
        description = json.loads((path / _DESCRIPTION).read_text(encoding="utf-8"))
        info, layout = EncoderInfo(**description["info"]), Layout(**description["layout"])
        digests = [description["files"][name] for name in _FILES]
        # One that was made before descriptions had a digest has none.
        if description.pop(_DIGEST, None) not in (None, _digest(description)):
            raise _damaged(_DESCRIPTION, path, "has changed on disk")
    except FileNotFoundError as error:
        raise _damaged(_DESCRIPTION, path, "is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(_DESCRIPTION, path, "cannot be read") from error
    for name, digest in zip(_FILES, digests, strict=True):
        if not (path / name).is_file():
            raise _damaged(name, path, "is missing")
        if file_digest(path / name) != digest:
            raise _damaged(name, path, "has changed on disk")
    return info, layout


def _damaged(name: str, path: Path, state: str) -> EncoderDamaged:
    what = f"{name} of the encoder {path.name} {state}"
    return EncoderDamaged(f"{what}. Run `rag index` to make it again.", what)


def _digest(description: Mapping[str, Any]) -> str:
    """SHA-256 of what a description says; a layout that is read wrongly makes wrong vectors."""
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def is_whole(path: Path) -> bool:
    """Whether the files of an encoder's folder are those it was made of."""
    try:
        _checked(path)
    except ModelError:
        return False
    return True


def _make(model: ModelFolder, target: Path) -> None:
    with _appearing(target) as folder:
        write_graph(model, folder / "model.onnx")
        shutil.copyfile(model.path / "tokenizer.json", folder / "tokenizer.json")
        _describe(folder, model, None)
        encoder = open_encoder(folder, threads=os.cpu_count() or 1)
        _describe(folder, model, check_parity(encoder, load_reference(model)))


def _describe(folder: Path, model: ModelFolder, parity: float | None) -> None:
    config = model.read_json("config.json")
    tokenizer = open_tokenizer(folder / "tokenizer.json")
    framed = tokenizer.encode("").ids
    if len(framed) != 2:
        raise ModelError(f"The tokenizer of {model.name} does not frame a text in two tokens.")
    window = model.read_json("sentence_bert_config.json").get("max_seq_length") or _DEFAULT_WINDOW
    info = EncoderInfo(
        model=model.name,
        digest=encoder_digest(model),
        dimension=int(config["hidden_size"]),
        window=min(int(window), int(config["max_position_embeddings"])),
    )
    pooling = pooling_mode(model.read_json("1_Pooling/config.json")) or "mean"
    layout = Layout(first=framed[0], last=framed[1], window=info.window, pooling=pooling)
    description: dict[str, Any] = {
        "info": asdict(info),
        "layout": asdict(layout),
        "files": {name: file_digest(folder / name) for name in _FILES},
        "parity": parity,
    }
    description[_DIGEST] = _digest(description)
    text = json.dumps(description, indent=2, ensure_ascii=False)
    (folder / _DESCRIPTION).write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    with _appearing(target) as folder:
        for name in (*_FILES, _DESCRIPTION):
            try:
                os.link(source / name, folder / name)
            except OSError:
                shutil.copyfile(source / name, folder / name)


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    try:
        with appearing(target) as folder:
            yield folder
    except OSError as error:
        # Another process may have made the same encoder meanwhile: its files are as good.
        if not (target / _DESCRIPTION).exists():
            raise ModelError(
                f"The encoder cannot be written to {target}: {error.strerror}. "
                "Free disk space or remove that folder, then try again."
            ) from error
