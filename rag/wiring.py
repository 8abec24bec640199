"""Put the parts together: the only module that names concrete backends."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answering import load_wording
from rag.assistant import Assistant
from rag.corpus import (
    CHUNKING,
    READER_VERSION,
    Rejection,
    Understood,
    draft_article,
    read_sources,
    split_sentences,
    understand,
)
from rag.embedding import (
    CachingEncoder,
    ModelFolder,
    encoder_digest,
    find_model,
    is_whole,
    mend_encoder,
    open_encoder,
    open_question_encoder,
    prepare_encoder,
    prepare_question_encoder,
)
from rag.errors import ArticleNotFound, ArticleRejected, ModelError, RecipeMismatch
from rag.evaluator import Evaluator
from rag.index import Library, Recipe
from rag.index.builds import encoders_folder
from rag.index.check import Finding, check_index
from rag.indexer import Indexer, IndexOptions, IndexReport
from rag.protocols import Encoder, PassageEncoder
from rag.publisher import Publisher
from rag.safety import load_contacts, load_gate
from rag.safety.cards import COUNTRY_ALIASES
from rag.settings import Settings
from rag.types import DraftArticle, Edit, Level, SourceFile

# Kinds of contact that help whatever the matter is.
_STANDING = ("emergency", "crisis")


def build_assistant(settings: Settings) -> Assistant:
    """What answers questions over the index of the settings; loads nothing yet."""
    return Assistant(
        gate=load_gate(),
        library=Library(settings.index, _recipe_check(settings)),
        encoder=_serving(settings, open_question_encoder),
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
        mend_encoder=functools.partial(
            mend_encoder,
            model,
            encoders_folder(settings.index),
            encoders_folder(settings.cache_folder),
        ),
    )


@dataclass(frozen=True, slots=True)
class EditorsDesk:
    """What editors can do while the service runs: see rag.publisher and rag.indexer."""

    publisher: Publisher
    indexer: Callable[[], Indexer]

    def publish(self, article_id: str, content: str, expected: str | None) -> Edit:
        """Publish one article."""
        return self.publisher.publish(article_id, content, expected)

    def withdraw(self, article_id: str, expected: str | None) -> Edit:
        """Withdraw one article."""
        return self.publisher.withdraw(article_id, expected)

    def refresh(self) -> IndexReport:
        """Bring the index up to date with the corpus folder."""
        return self.indexer().update(IndexOptions(wait=self.publisher.wait), lambda *_: None)


def build_desk(settings: Settings) -> EditorsDesk:
    """What the editors' routes need; loads nothing yet."""
    return EditorsDesk(
        publisher=Publisher(
            corpus=settings.corpus,
            index=settings.index,
            check=_recipe_check(settings),
            encoder=_serving(settings, open_encoder),
            understand=functools.partial(understand, split=split_sentences),
        ),
        indexer=functools.partial(build_indexer, settings),
    )


def look_at(settings: Settings, article_id: str) -> tuple[Understood, DraftArticle]:
    """How an article of the corpus folder is understood and cut. Raises ArticleNotFound."""
    for entry in read_sources(settings.corpus):
        if isinstance(entry, Rejection) and entry.article_id == article_id:
            raise ArticleRejected(f"{entry.path}: {entry.reason}")
        if isinstance(entry, SourceFile) and entry.id == article_id:
            understood = understand(entry, split_sentences)
            model = find_model(settings.model)
            encoder = _making_encoder(settings, model, settings.cache_folder)()
            return understood, draft_article(understood.article, encoder, encoder.info.window)
    raise ArticleNotFound(
        f"There is no article {article_id!r} in {settings.corpus}. `rag status` tells what is."
    )


def check_settings_index(settings: Settings) -> Iterator[Finding]:
    """Everything that is wrong with the index of the settings."""
    return check_index(settings.index, is_whole)


def model_trouble(settings: Settings) -> str | None:
    """What keeps the model from being used, if anything does."""
    try:
        find_model(settings.model)
    except ModelError as error:
        return str(error)
    return None


def judge_level(message: str) -> Level:
    """The level that the safety gate gives one message by itself."""
    return load_gate().judge(message).level


def safety_concerns() -> tuple[str, ...]:
    """What of the safety cards nobody has reviewed or checked at its source, in words."""
    return load_gate().cards.concerns


def standing_contacts() -> dict[str, Any]:
    """Whom to call whatever was asked, as JSON: for a client to show when no server answers.

    `contacts` in order, each with the countries it holds in (none: where a country has no entry of
    that kind) and its labels by language; `aliases` are other names of countries.
    """
    rows = [
        {
            "kind": entry.contact.kind,
            "countries": sorted(entry.countries),
            "labels": {"": entry.contact.label, **entry.labels},
            "number": entry.contact.number,
            "href": entry.contact.href,
            "hours": entry.contact.hours,
        }
        for entry in load_contacts()
        if entry.contact.kind in _STANDING and not entry.categories
    ]
    return {"contacts": rows, "aliases": COUNTRY_ALIASES}


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

    def question_encoder(index: Path) -> Encoder:
        return prepare_question_encoder(model, encoders_folder(index), encoders_folder(cache))

    return Evaluator(
        folder=cache / "evaluation",
        recipe=recipe,
        encoder=encoder,
        question_encoder=question_encoder,
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


def _serving(
    settings: Settings, open_: Callable[[Path, int], PassageEncoder]
) -> Callable[[Recipe], PassageEncoder]:
    """The encoder of a recipe as `open_` opens it, once."""
    lock = threading.Lock()
    opened: dict[str, PassageEncoder] = {}

    def encoder(recipe: Recipe) -> PassageEncoder:
        with lock:
            if recipe.encoder not in opened:
                opened[recipe.encoder] = _open(settings, recipe, open_)
            return opened[recipe.encoder]

    return encoder


def _open(
    settings: Settings, recipe: Recipe, open_: Callable[[Path, int], PassageEncoder]
) -> PassageEncoder:
    folder: Path = encoders_folder(settings.index) / recipe.encoder
    if not folder.exists():
        prepared = prepare_encoder(find_model(settings.model), folder.parent, None)
        if not folder.exists():
            # A model without a graph of its own is encoded by sentence-transformers, also here.
            return prepared
    return open_(folder, 1)
