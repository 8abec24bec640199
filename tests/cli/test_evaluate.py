from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Site
from tests.cli.running import ARTICLES, Rag, share_encoders

QUERIES = {
    "q1": "exercises for the elbow",
    "q2": "first steps of the morning",
    "q3": "running less",
}
RELEVANT = {"q1": ["arm.tennis-elbow"], "q2": ["heel-pain"], "q3": ["shin-splints"]}


def _ranked(rag: Rag, query: str, mode: str) -> list[str]:
    """The articles that `rag search` finds, best first."""
    hits = rag("search", "--json", "-k", "100", "--mode", mode, query).body()["hits"]
    return list(dict.fromkeys(hit["article_id"] for hit in hits))


def _write(folder: Path, ranked: dict[str, list[str]]) -> None:
    """A data set of which the ideal ranking is the given one: the higher, the better."""
    (folder / "qrels").mkdir(parents=True)
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": q, "text": QUERIES[q]}) + "\n" for q in ranked)
    )
    rows = [
        f"{query}\t{article}\t{len(articles) - place}\n"
        for query, articles in ranked.items()
        for place, article in enumerate(articles)
    ]
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(rows))


def _mean(body: dict[str, Any], measure: str) -> float:
    mean: float = body["measures"][measure]["mean"]
    return mean


def _files(index: Path) -> dict[Path, int]:
    """When each file was written, but for those that SQLite makes for readers, too."""
    return {
        path: path.stat().st_mtime_ns
        for path in index.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


@pytest.fixture
def data(rag: Rag) -> Path:
    """A data set without documents of its own."""
    _write(Path("data"), RELEVANT)
    return Path("data")


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_evaluation_ranks_as_search_does(rag: Rag, mode: str) -> None:
    ranked = {query: _ranked(rag, text, mode) for query, text in QUERIES.items()}
    assert min(len(articles) for articles in ranked.values()) >= 2
    _write(Path("same"), ranked)
    _write(Path("turned"), {query: articles[::-1] for query, articles in ranked.items()})
    same = rag("eval", "run", "same", "--mode", mode, "--json").body()
    turned = rag("eval", "run", "turned", "--mode", mode, "--json").body()
    assert (mode, 3) == (same["mode"], same["queries"])
    assert 1.0 == pytest.approx(_mean(same, "nDCG@10"))
    assert 0.99 > _mean(turned, "nDCG@10")


def test_the_result_has_exactly_the_documented_fields(rag: Rag, data: Path) -> None:
    body = rag("eval", "run", str(data), "--json").body()
    assert [
        "dataset",
        "split",
        "mode",
        "queries",
        "skipped_queries",
        "documents",
        "measures",
        "seconds",
        "latency_ms",
        "cache",
    ] == list(body)
    assert {"nDCG@10", "R@10", "R@100", "RR@10", "Judged@10"} == set(body["measures"])
    assert {("mean", "low", "high")} == {tuple(item) for item in body["measures"].values()}
    assert (["index", "search"], ["p50", "p95"]) == (
        list(body["seconds"]),
        list(body["latency_ms"]),
    )
    assert ("data", "test", "hybrid", 3, 0, 4) == tuple(list(body.values())[:6])


def test_a_second_evaluation_takes_its_index_from_the_cache_unless_it_is_fresh(
    rag: Rag, data: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoders = Path(site.variables["RAG_CACHE"], "encoders").resolve()
    monkeypatch.setenv("RAG_CACHE", str(share_encoders(Path("cache"), encoders)))
    runs = [rag("eval", "run", "data", *more, "--json").body() for more in ((), (), ("--fresh",))]
    assert ["miss", "hit", "miss"] == [body["cache"] for body in runs]
    assert runs[0]["measures"] == runs[1]["measures"] == runs[2]["measures"]


def test_the_live_index_is_never_touched(rag: Rag, data: Path, site: Site) -> None:
    before = _files(site.settings.index)
    rag("eval", "run", "data", "--fresh", "--json").body()
    assert "wellcited.sqlite" in {path.name for path in before}
    assert before == _files(site.settings.index)


def test_the_saved_result_is_the_printed_one(rag: Rag, data: Path) -> None:
    body = rag("eval", "run", "data", "--save", "results/one.json", "--json").body()
    assert json.loads(Path("results/one.json").read_text()) == body


def test_articles_are_those_of_the_corpus_folder_named(rag: Rag, data: Path) -> None:
    Path("few").mkdir()
    Path("few/heel-pain.txt").write_text((ARTICLES / "heel-pain.txt").read_text())
    assert 1 == rag("eval", "run", "data", "--corpus", "few", "--json").body()["documents"]


def test_articles_of_another_corpus_folder_are_a_miss(
    rag: Rag, data: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoders = Path(site.variables["RAG_CACHE"], "encoders").resolve()
    monkeypatch.setenv("RAG_CACHE", str(share_encoders(Path("cache"), encoders)))
    Path("few").mkdir()
    Path("few/heel-pain.txt").write_text((ARTICLES / "heel-pain.txt").read_text())
    folders = (str(ARTICLES), "few", str(ARTICLES))
    runs = [rag("eval", "run", "data", "--corpus", f, "--json").body() for f in folders]
    assert ["miss", "miss", "hit"] == [body["cache"] for body in runs]


def test_documents_of_the_data_set_are_preferred_to_the_corpus(rag: Rag, data: Path) -> None:
    rows = [{"_id": f"d{number} ?", "text": f"Elbows number {number}."} for number in range(3)]
    Path("data/corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert 3 == rag("eval", "run", "data", "--json").body()["documents"]


def test_in_words_every_measure_is_shown_with_its_interval(rag: Rag, data: Path) -> None:
    done = rag("eval", "run", "data")
    assert (0, "") == (done.status, done.err)
    assert "data (test), hybrid: 3 queries over 4 documents" in done.out
    row = next(line for line in done.out.splitlines() if line.startswith("RR@10"))
    assert ["RR@10", "1.000", "1.000", "to", "1.000"] == row.split()


def test_a_data_set_that_is_not_there_fails_and_says_what_to_give(rag: Rag) -> None:
    message = rag("eval", "run", "gone", "--json").failure()
    assert "There is no folder gone. Give the folder of a BEIR data set." == message


def test_a_split_that_is_not_there_fails_and_names_those_that_are(rag: Rag, data: Path) -> None:
    message = rag("eval", "run", "data", "--split", "dev").failure()
    assert message.endswith("Choose with --split among: test.")
