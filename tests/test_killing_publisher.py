"""A server that is killed while an editor publishes leaves the old generation or the new one."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

from rag.corpus import published_file, read_sources, split_sentences, understand
from rag.indexer import Indexer
from rag.publisher import Publisher
from tests.doubles import HashingEncoder
from tests.making import RECIPE, live_texts, reading, update

KILLS = 12
TEXTS = ("Walk a little every day.", "Rest a little every day.")


def publisher_of(folder: Path) -> Publisher:
    return Publisher(
        folder / "corpus",
        folder / "index",
        lambda _: None,
        lambda _: HashingEncoder(),
        lambda source: understand(source, split_sentences),
    )


def indexer_of(folder: Path) -> Indexer:
    return Indexer(
        lambda: read_sources(folder / "corpus"),
        lambda source: understand(source, split_sentences),
        folder / "index",
        RECIPE,
        HashingEncoder,
    )


def keep_publishing(folder: Path, begun: Connection) -> None:
    """Publish one text after the other, and withdraw now and then, until killed."""
    publisher = publisher_of(folder)
    begun.send(True)
    for number, text in enumerate(itertools.cycle(TEXTS)):
        publisher.publish("back", published_file({"title": "Back"}, text, "markdown"), None)
        if number % 5 == 4:
            publisher.withdraw("back", None)


def test_whatever_moment_it_is_killed_the_index_is_whole_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "knee.md").write_text("# Knee\n\nKnees heal.\n")
    update(indexer_of(tmp_path))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_killing_publisher"])
    for seed in range(KILLS):
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=keep_publishing, args=(tmp_path, sending))
        process.start()
        receiving.recv()
        time.sleep(random.Random(seed).uniform(0.0, 0.15))
        process.kill()
        process.join()
        with reading(tmp_path / "index") as opened:
            texts = set(live_texts(opened).values())
        assert texts in ({"Knees heal."}, *({"Knees heal.", text} for text in TEXTS))
        # What was written to the corpus folder is what the next run makes live.
        update(indexer_of(tmp_path))
        again = update(indexer_of(tmp_path))
        assert (0, 0, 0) == (again.added, again.updated, again.withdrawn)
