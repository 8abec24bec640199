"""Put the parts together: the only module that names concrete backends."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path

from rag.answering import load_wording
from rag.assistant import Assistant
from rag.corpus import CHUNKING, READER_VERSION, read_sources, split_sentences, understand
from rag.embedding import (
    CachingEncoder,
    ModelFolder,
    encoder_digest,
    find_model,
    open_encoder,
    prepare_encoder,
)
from rag.errors import RecipeMismatch
from rag.evaluator import Evaluator
from rag.index import Library, Recipe
from rag.index.builds import encoders_folder
from rag.indexer import Indexer
from rag.protocols import Encoder, PassageEncoder
from rag.safety import load_gate
from rag.settings import Settings


def build_assistant(settings: Settings) -> Assistant:
    """What answers questions over the index of the settings; loads nothing yet."""
    return Assistant(
        gate=load_gate(),
        library=Library(settings.index, _recipe_check(settings)),
        encoder=_serving_encoder(settings),
        wording=load_wording(settings.locale),
        settings=settings,
    )


def build_indexer(settings: Settings) -> Indexer:
    """What keeps the index of the settings up to date. Raises ModelError."""
    model = find_model(settings.model)
    return Indexer(
        read=functools.partial(read_sources, settings.corpus),
        understand=functools.partial(understand, split=split_sentences),
        index=settings.index,
        recipe=_recipe(settings.model, encoder_digest(model)),
        encoder=_making_encoder(settings, model, settings.index),
    )


def build_evaluator(settings: Settings, *, fresh: bool) -> Evaluator:
    """What measures retrieval over data sets, with the same search as the assistant's.

    With `fresh` nothing that was encoded before is used again. Raises ModelError.
    """
    model = find_model(settings.model)
    recipe = _recipe(settings.model, encoder_digest(model))
    cache = settings.cache_folder
    vectors = None if fresh else cache / "vectors" / f"{recipe.encoder}.sqlite"

    def encoder(index: Path) -> Callable[[], PassageEncoder]:
        making = _making_encoder(settings, model, index)
        return functools.cache(lambda: CachingEncoder(making(), vectors) if vectors else making())

    return Evaluator(
        folder=cache / "evaluation",
        recipe=recipe,
        encoder=encoder,
        read_corpus=functools.partial(read_sources, settings.corpus),
        fresh=fresh,
    )


def _making_encoder(
    settings: Settings, model: ModelFolder, index: Path
) -> Callable[[], PassageEncoder]:
    shared = encoders_folder(settings.cache_folder)
    return functools.cache(lambda: prepare_encoder(model, encoders_folder(index), shared))


def _recipe(model: str, encoder: str) -> Recipe:
    return Recipe(model=model, encoder=encoder, chunking=CHUNKING, text=str(READER_VERSION))


def _recipe_check(settings: Settings) -> Callable[[Recipe], None]:
    def check(recipe: Recipe) -> None:
        # Reading the whole model is only needed where it goes by another name.
        same = recipe.model == settings.model
        wanted = recipe.encoder if same else encoder_digest(find_model(settings.model))
        if recipe != _recipe(settings.model, wanted):
            raise RecipeMismatch(
                f"The index was built with other settings (model {recipe.model!r}, not "
                f"{settings.model!r}, or another version). Run `rag index` to make it again."
            )

    return check


def _serving_encoder(settings: Settings) -> Callable[[Recipe], Encoder]:
    lock = threading.Lock()
    opened: dict[str, Encoder] = {}

    def encoder(recipe: Recipe) -> Encoder:
        with lock:
            if recipe.encoder not in opened:
                opened[recipe.encoder] = _open(settings, recipe)
            return opened[recipe.encoder]

    return encoder


def _open(settings: Settings, recipe: Recipe) -> Encoder:
    folder: Path = encoders_folder(settings.index) / recipe.encoder
    if folder.exists():
        return open_encoder(folder, threads=1)
    # A model without a graph of its own is encoded by sentence-transformers, also here.
    return prepare_encoder(find_model(settings.model), encoders_folder(settings.index), None)
