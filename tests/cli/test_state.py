from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from rag.index.builds import lexical_folder, live_build
from rag.settings import Settings
from tests.cli.conftest import Site
from tests.cli.running import RAG, Rag, environment, one_object
from tests.making import database_of


def test_an_index_that_is_whole_is_sound(rag: Rag) -> None:
    assert (0, "The index is sound.\n", "") == tuple(_parts(rag("check")))


def test_every_damaged_row_is_found_with_a_remedy(rag: Rag, own: Settings) -> None:
    with database_of(own.index) as database:
        database.execute("UPDATE articles SET record = replace(record, 'a', 'e') WHERE row = 1")
        database.execute('UPDATE passages SET "end" = "end" + 1 WHERE row = 2')
        database.execute("UPDATE vectors SET data = zeroblob(768) WHERE row = 3")
        database.execute("DELETE FROM sections WHERE row = 4")
    done = rag("check")
    lines = done.out.splitlines()
    assert 1 == done.status
    for what in ("article", "passage 2", "vector 3", "rows of passages refer to sections"):
        assert [line for line in lines if what in line and "rag index" in line], what


def test_a_derived_file_that_changed_is_found_and_mended_by_indexing(
    rag: Rag, own: Settings
) -> None:
    segment = next(lexical_folder(live_build(own.index)).rglob("*.term"))
    content = segment.read_bytes()
    segment.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    done = rag("check")
    assert (1, True) == (done.status, f"The file {segment.name}" in done.out)
    assert 0 == rag("index", "--json").body()["embedded_passages"]
    assert 0 == rag("check").status


def test_an_index_that_is_not_there_is_a_finding(rag: Rag, own: Settings) -> None:
    (own.index / "CURRENT").unlink()
    done = rag("check")
    assert (1, True) == (done.status, "rag index" in done.out)


def test_the_status_tells_what_is_there_and_what_is_waiting(rag: Rag, own: Settings) -> None:
    (own.corpus / "new.md").write_text("# New\n\nWalk a lot.\n")
    next(own.corpus.glob("*.txt")).unlink()
    body = one_object(rag("status", "--json").out)
    assert {"added": 1, "updated": 0, "withdrawn": 1, "rejected": 0} == body["waiting"]
    assert (1, 4, 7) == (body["generation"], body["articles"], body["passages"])
    assert body["bytes"] > 0
    assert "Not in it yet: 1 to add, 0 to update, 1 to withdraw." in rag("status").out


def test_a_status_without_an_index_says_what_to_do(rag: Rag, own: Settings) -> None:
    (own.index / "CURRENT").unlink()
    assert "Run `rag index`" in rag("status").failure()


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(rag: Rag, own: Settings) -> None:
    (own.corpus / "new.md").write_text("# New\n\nWalk a lot.\n")
    before = sorted(p.as_posix() for p in own.index.rglob("*"))
    body = rag("index", "--dry-run", "--json").body()
    assert (1, 1, 4, 0) == tuple(
        body[name] for name in ("generation", "added", "unchanged", "embedded_passages")
    )
    passing = ("-shm", "-wal", ".lock")
    after = sorted(p.as_posix() for p in own.index.rglob("*"))
    assert [p for p in before if not p.endswith(passing)] == [
        p for p in after if not p.endswith(passing)
    ]


def test_a_dry_run_without_an_index_makes_none(rag: Rag, own: Settings, tmp_path: Path) -> None:
    body = rag("index", "--dry-run", "--json", "--index", str(tmp_path / "none")).body()
    assert (0, 4) == (body["generation"], body["added"])
    assert not (tmp_path / "none").exists()


def test_an_article_is_shown_as_it_is_understood(rag: Rag, own: Settings) -> None:
    (own.corpus / "copied.txt").write_text(
        "Does walking help?\n\nSep 29, 2025 Source: Clinic\n\nWalking helps most people.\n\n"
        "Related Articles\n\nView All\n"
    )
    done = rag("show", "copied")
    assert 0 == done.status
    for line in (
        "title        Does walking help?",
        "publisher    Clinic",
        "published    2025-09-29",
        "[1] 0-26, 1 sentences",
        "Walking helps most people.",
        "left out   boilerplate: Related Articles",
    ):
        assert line in done.out


def test_an_article_that_is_not_there_cannot_be_shown(rag: Rag) -> None:
    assert "no article 'nowhere'" in rag("show", "nowhere").failure()


def test_the_doctor_finds_nothing_here(rag: Rag) -> None:
    done = rag("doctor")
    assert (0, []) == (done.status, [x for x in done.out.splitlines() if x.startswith("FAIL")])
    assert "unverified" in done.out


def test_the_doctor_names_what_is_missing_and_the_remedy(rag: Rag, tmp_path: Path) -> None:
    done = rag("doctor", "--corpus", str(tmp_path / "none"))
    failed = [line for line in done.out.splitlines() if line.startswith("FAIL")]
    assert (1, 1) == (done.status, len(failed))
    assert "--corpus" in failed[0]


def test_a_watched_folder_is_taken_up_until_stopped(site: Site, own: Settings) -> None:
    variables = environment(
        RAG_CORPUS=own.corpus, RAG_INDEX=own.index, RAG_CACHE=site.variables["RAG_CACHE"]
    )
    with subprocess.Popen(
        [*RAG, "index", "--watch"],
        env=variables,
        cwd=own.corpus.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "4 unchanged" in process.stdout.readline()
        time.sleep(0.5)
        (own.corpus / "new.md").write_text("# New\n\nWalk a lot.\n")
        assert "1 added" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert 0 == process.wait(timeout=30)


def _parts(done: object) -> list[object]:
    return [getattr(done, name) for name in ("status", "out", "err")]
