from __future__ import annotations

import json
import subprocess
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from rag.index.builds import writer_lock
from rag.index.schema import checksum
from rag.settings import Settings
from tests.cli.conftest import Site
from tests.cli.running import RAG, Rag, environment, one_object
from tests.making import database_of


def _builds(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.index / "builds").iterdir())


def _report(**changed: Any) -> dict[str, Any]:
    """The report of a run that finds nothing new, but for what changed."""
    nothing = {"added": 0, "updated": 0, "unchanged": 4, "withdrawn": 0, "embedded_passages": 0}
    lists: dict[str, Any] = {"rejected": [], "warnings": []}
    return {"generation": 1, "articles": 4, "passages": 7, **nothing, **lists, **changed}


def test_the_report_has_exactly_the_documented_fields(site: Site) -> None:
    body = site.made.body()
    assert 0 < body.pop("seconds")
    assert _report(added=4, unchanged=0, embedded_passages=7) == body


def test_a_second_run_embeds_nothing_and_makes_no_new_generation(rag: Rag, own: Settings) -> None:
    before = (_builds(own), (own.index / "CURRENT").read_text())
    body = rag("index", "--json").body()
    del body["seconds"]
    assert _report() == body
    assert before == (_builds(own), (own.index / "CURRENT").read_text())


def test_without_json_one_line_says_what_was_done(rag: Rag, own: Settings) -> None:
    done = rag("index")
    told, _, seconds = done.out.rpartition(", ")
    assert (0, "") == (done.status, done.err)
    assert (
        "4 articles in 7 passages: 0 added, 0 updated, 4 unchanged, 0 withdrawn, 0 rejected. "
        "Generation 1"
    ) == told
    assert seconds.endswith(" s.\n")


def test_one_changed_article_is_one_update_and_one_generation(rag: Rag, own: Settings) -> None:
    path = own.corpus / "heel-pain.txt"
    path.write_text(path.read_text().replace("soft heel", "cushioned heel"))
    body = rag("index", "--json").body()
    changed = {name: body[name] for name in ("generation", "updated", "unchanged")}
    assert {"generation": 2, "updated": 1, "unchanged": 3} == changed
    assert "cushioned heel" in rag("search", "--json", "heel pain shoes").body()["hits"][0]["text"]


def test_a_rejected_file_is_reported_and_the_rest_indexed(rag: Rag, own: Settings) -> None:
    (own.corpus / "broken.txt").write_bytes(b"Caf\xe9 and the stomach\n")
    (own.corpus / "scan.pdf").write_bytes(b"")
    (own.corpus / "new.txt").write_text("Cold hands\n\nCold hands are often harmless.\n")
    body = rag("index", "--json").body()
    assert ["broken.txt"] == [item["path"] for item in body["rejected"]]
    assert "not UTF-8" in body["rejected"][0]["reason"]
    assert "scan.pdf" in [item["path"] for item in body["warnings"]]
    assert (1, 5) == (body["added"], body["articles"])


def test_in_words_rejections_and_warnings_stand_on_stderr(rag: Rag, own: Settings) -> None:
    (own.corpus / "broken.txt").write_bytes(b"Caf\xe9\n")
    (own.corpus / "scan.pdf").write_bytes(b"")
    done = rag("index")
    assert 0 == done.status
    assert ["Warning: scan.pdf", "Rejected: broken.txt"] == [
        ":".join(line.split(":")[:2]) for line in done.err.splitlines()
    ]
    assert ["4 articles"] == [line.partition(" in ")[0] for line in done.out.splitlines()]


def test_strict_ends_with_1_after_a_rejection_and_has_indexed_the_rest(
    rag: Rag, own: Settings
) -> None:
    (own.corpus / "broken.txt").write_bytes(b"Caf\xe9\n")
    (own.corpus / "new.txt").write_text("Cold hands\n\nCold hands are often harmless.\n")
    done = rag("index", "--strict", "--json")
    assert 1 == done.status
    body = one_object(done.out)
    assert (1, ["broken.txt"]) == (body["added"], [item["path"] for item in body["rejected"]])
    assert "new" == rag("search", "--json", "cold hands").body()["hits"][0]["article_id"]


def test_strict_without_a_rejection_ends_with_0(rag: Rag, own: Settings) -> None:
    (own.corpus / "scan.pdf").write_bytes(b"")
    assert ["scan.pdf"] == [
        item["path"] for item in rag("index", "--strict", "--json").body()["warnings"]
    ]


def test_a_missing_corpus_is_refused_and_nothing_changes(rag: Rag, own: Settings) -> None:
    before = rag("search", "--json", "heel pain").body()
    message = rag("index", "--corpus", "gone", "--json").failure()
    assert (
        "There is no corpus folder at gone. Create it, or name another with --corpus or RAG_CORPUS."
    ) == message
    assert before == rag("search", "--json", "heel pain").body()


def test_an_empty_corpus_is_refused_and_nothing_changes(rag: Rag, own: Settings) -> None:
    Path("empty").mkdir()
    message = rag("index", "--corpus", "empty").failure()
    assert message.startswith("The corpus folder empty holds no article. Read are *.md")
    assert "--corpus or RAG_CORPUS" in message
    assert 4 == rag("index", "--json").body()["unchanged"]


def test_an_empty_corpus_is_taken_when_withdrawing_is_allowed(rag: Rag, own: Settings) -> None:
    Path("empty").mkdir()
    body = rag("index", "--corpus", "empty", "--allow-withdraw", "--json").body()
    assert (4, 0, 2) == (body["withdrawn"], body["articles"], body["generation"])


def test_many_withdrawals_at_once_are_refused_until_they_are_allowed(
    rag: Rag, own: Settings
) -> None:
    for number in range(5):
        (own.corpus / f"extra-{number}.txt").write_text(f"Title {number}\n\nA sentence {number}.\n")
    assert 9 == rag("index", "--json").body()["articles"]
    for path in own.corpus.glob("extra-*"):
        path.unlink()
    message = rag("index").failure()
    assert message.startswith("5 of 9 articles are no longer in the corpus folder")
    assert message.endswith("Give --allow-withdraw if it is meant.")
    assert 5 == rag("index", "--allow-withdraw", "--json").body()["withdrawn"]


def test_while_another_writes_a_run_fails_at_once_and_says_how_to_wait(
    rag: Rag, own: Settings
) -> None:
    with writer_lock(own.index, 0):
        message = rag("index").failure()
    assert (
        "Another `rag index` is writing to this index. Wait until it has finished, or give "
        "--wait SECONDS."
    ) == message


def test_with_wait_a_run_goes_on_when_the_other_has_finished(rag: Rag, own: Settings) -> None:
    held = writer_lock(own.index, 0)
    held.__enter__()
    release = Timer(0.3, held.__exit__, (None, None, None))
    release.start()
    body = rag("index", "--wait", "30", "--json").body()
    release.join()
    assert 4 == body["unchanged"]
    assert 0.2 < body["seconds"]


def test_waiting_has_an_end(rag: Rag, own: Settings) -> None:
    with writer_lock(own.index, 0):
        assert "--wait SECONDS" in rag("index", "--wait", "0.2").failure()


def test_two_runs_at_once_that_wait_do_the_work_once(site: Site, tmp_path: Path) -> None:
    variables = environment(**{**site.variables, "RAG_INDEX": str(tmp_path / "index")})
    command = [*RAG, "index", "--wait", "60", "--json"]
    both = [
        subprocess.Popen(command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    bodies = [json.loads(run.communicate(timeout=100)[0]) for run in both]
    assert [0, 0] == [run.returncode for run in both]
    assert [0, 7] == sorted(body["embedded_passages"] for body in bodies)
    assert [1, 1] == [body["generation"] for body in bodies]


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_index_of_another_recipe_is_refused_until_it_is_made_again(
    rag: Rag, own: Settings, command: str
) -> None:
    with database_of(own.index) as database:
        recipe = json.loads(database.execute("SELECT json FROM recipe").fetchone()[0])
        text = json.dumps({**recipe, "chunking": "of-an-older-version"}, sort_keys=True)
        database.execute("UPDATE recipe SET json = ?, checksum = ?", (text, checksum(text)))
        database.commit()
    message = rag(command, "heel pain in the morning").failure()
    assert message.startswith("The index was built with other settings")
    assert message.endswith("Run `rag index` to make it again.")
    assert 4 == rag("index", "--json").body()["added"]
    assert 2 == len(_builds(own))
    assert 0 == rag(command, "heel pain in the morning").status


def test_an_index_that_cannot_be_written_says_so(rag: Rag) -> None:
    Path("file").touch()
    message = rag("index", "--index", "file").failure()
    assert message.startswith("The index folder file cannot be written: ")
    assert "--index" in message


def test_a_model_that_is_not_there_says_how_to_get_it(
    rag: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MODEL", "no-such-model")
    message = rag("index").failure()
    assert message.startswith("The model 'no-such-model' is neither a folder nor a downloaded")
    assert "RAG_MODEL" in message
