from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.corpus import Rejection, Withdrawal, published_path, read_sources, withdrawn_path
from rag.errors import CorpusError
from rag.types import Notice, SourceFile

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the corpus folder."""

    def _write(path: str, content: str | bytes) -> Path:
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    return _write


def sources(folder: Path) -> dict[str, str]:
    """Id → path of what would be understood."""
    return {e.id: e.path for e in read_sources(folder) if isinstance(e, SourceFile)}


def paths(folder: Path) -> list[str]:
    """Of everything that is said of a file or row."""
    return [e.path for e in read_sources(folder) if not isinstance(e, Withdrawal)]


def rejections(folder: Path) -> list[Rejection]:
    return [e for e in read_sources(folder) if isinstance(e, Rejection)]


def warnings(folder: Path) -> list[Notice]:
    return [e for e in read_sources(folder) if isinstance(e, Notice)]


def row(article_id: str, **more: object) -> str:
    return json.dumps({"_id": article_id, "text": "Rest helps.", **more}) + "\n"


def test_the_id_of_a_file_is_its_path_without_suffix_and_with_dots(
    tmp_path: Path, write: Write
) -> None:
    write("spine/lower/sciatica.md", "x")
    write("Knee-pain.v2.txt", "x")
    assert sources(tmp_path) == {
        "spine.lower.sciatica": "spine/lower/sciatica.md",
        "Knee-pain.v2": "Knee-pain.v2.txt",
    }


def test_articles_come_in_the_order_of_their_paths(tmp_path: Path, write: Write) -> None:
    for path in ("b.md", "a/z.txt", "a.md", "c.jsonl", "B.md/x.md"):
        write(path, row("r") if path.endswith("jsonl") else "x")
    found = [e.path for e in read_sources(tmp_path) if isinstance(e, SourceFile)]
    assert found == ["B.md/x.md", "a.md", "a/z.txt", "b.md", "c.jsonl:1"]


def test_a_file_holds_its_text_and_its_format(tmp_path: Path, write: Write) -> None:
    write("a.md", "# Wärme hilft")
    write("b.TXT", b"\xef\xbb\xbfRuhe hilft")
    write("c.HTML", "<p>Heat helps.</p>")
    first, second, third = (e for e in read_sources(tmp_path) if isinstance(e, SourceFile))
    assert (first.format, first.body) == ("markdown", "# Wärme hilft")
    assert (second.format, second.body) == ("text", "Ruhe hilft")
    assert (third.format, third.body) == ("html", "<p>Heat helps.</p>")


@pytest.mark.parametrize(
    ("path", "named", "expected"),
    [
        ("a.md", "html", "html"),
        ("a.md", "text", "text"),
        ("a.html", "markdown", "markdown"),
        ("_published/a.md", "html", "html"),
        ("a.md", "pdf", "markdown"),
    ],
)
def test_front_matter_can_name_another_format_than_the_suffix(
    tmp_path: Path, write: Write, path: str, named: str, expected: str
) -> None:
    write(path, f"---\nformat: {named}\n---\n<p>Rest helps.</p>")
    (entry,) = (e for e in read_sources(tmp_path) if isinstance(e, SourceFile))
    assert entry.format == expected


@pytest.mark.parametrize(
    "head",
    [
        "---\nid: Own.Id\n---\n",
        "---\r\ntitle: x: y\r\nid: 'Own.Id'\r\n---\r\n",
        "---\n{id: Own.Id}\n---\n",
    ],
)
def test_front_matter_names_the_article(tmp_path: Path, write: Write, head: str) -> None:
    write("a.md", f"{head}Rest helps.")
    assert sources(tmp_path) == {"Own.Id": "a.md"}


def test_an_id_is_kept_as_it_is_written(tmp_path: Path, write: Write) -> None:
    write("a.md", "---\nid: 007\n---\nx")
    write("b.jsonl", row("No"))
    assert list(sources(tmp_path)) == ["007", "No"]


@pytest.mark.parametrize("bad", ["-a", "a b", "a/b", "é", "x" * 129, "../etc", "_a"])
def test_an_invalid_id_is_rejected_with_a_remedy(tmp_path: Path, write: Write, bad: str) -> None:
    write("a.jsonl", row(bad) + row("good"))
    (rejection,) = rejections(tmp_path)
    assert rejection.path == "a.jsonl:1"
    assert "is not a valid id. Use 1 to 128 of the characters" in rejection.reason
    assert list(sources(tmp_path)) == ["good"]


def test_an_invalid_file_name_is_rejected(tmp_path: Path, write: Write) -> None:
    write("back pain.md", "x")
    write("x" * 128 + ".md", "x")
    assert [r.path for r in rejections(tmp_path)] == ["back pain.md"]
    assert list(sources(tmp_path)) == ["x" * 128]


def test_the_later_of_two_equal_ids_is_rejected_and_names_the_first(
    tmp_path: Path, write: Write
) -> None:
    write("a.md", "x")
    write("b.jsonl", row("a"))
    assert sources(tmp_path) == {"a": "a.md"}
    (rejection,) = rejections(tmp_path)
    assert (rejection.path, rejection.article_id) == ("b.jsonl:1", "a")
    assert "the id 'a' is already that of a.md" in rejection.reason


def test_ids_that_differ_only_in_case_are_duplicates(tmp_path: Path, write: Write) -> None:
    write("a.jsonl", row("Knee") + row("KNEE") + row("knee2"))
    assert sources(tmp_path) == {"Knee": "a.jsonl:1", "knee2": "a.jsonl:3"}
    assert [(r.path, r.article_id) for r in rejections(tmp_path)] == [("a.jsonl:2", "KNEE")]


@pytest.mark.parametrize("content", ["", " \n\n", "---\ntitle: Knee\n---\n \n"])
def test_an_empty_file_takes_no_id_from_one_with_text(
    tmp_path: Path, write: Write, content: str
) -> None:
    write("a/knee.md", content)
    write("b.md", "---\nid: a.knee\n---\nWalk on.\n")
    assert {"a.knee": "b.md"} == sources(tmp_path)
    assert ["a/knee.md"] == [rejection.path for rejection in rejections(tmp_path)]


def test_a_path_and_a_name_with_a_dot_can_be_duplicates(tmp_path: Path, write: Write) -> None:
    write("a.b.md", "x")
    write("a/b.md", "x")
    assert sources(tmp_path) == {"a.b": "a.b.md"}
    assert [r.path for r in rejections(tmp_path)] == ["a/b.md"]


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html"])
def test_a_file_that_is_not_utf8_is_rejected_by_its_own_id(
    tmp_path: Path, write: Write, name: str
) -> None:
    write(name, b"---\nid: knee\n---\nRuhe hilft gegen \xfcble Schmerzen.")
    (rejection,) = rejections(tmp_path)
    assert (rejection.path, rejection.article_id) == (name, "knee")
    assert rejection.reason == "is not UTF-8 (byte 34: invalid start byte). Save it as UTF-8"


def test_a_link_that_leads_nowhere_is_rejected(tmp_path: Path, write: Write) -> None:
    write("good.md", "x")
    (tmp_path / "knee.md").symlink_to(tmp_path / "gone.md")
    (tmp_path / "rows.jsonl").symlink_to(tmp_path / "gone.jsonl")
    assert [(r.path, r.article_id) for r in rejections(tmp_path)] == [
        ("knee.md", "knee"),
        ("rows.jsonl", None),
    ]


def test_linked_files_and_folders_are_read_but_never_in_circles(
    tmp_path: Path, write: Write
) -> None:
    corpus = tmp_path / "corpus"
    write("corpus/a/one.md", "x")
    write("elsewhere/two.md", "x")
    (corpus / "linked").symlink_to(tmp_path / "elsewhere")
    (corpus / "three.md").symlink_to(tmp_path / "elsewhere/two.md")
    (corpus / "a" / "circle").symlink_to(corpus)
    assert list(sources(corpus)) == ["a.one", "linked.two", "three"]
    assert [w.path for w in warnings(corpus)] == ["a/circle"]


@pytest.mark.parametrize(
    "path",
    ["README.md", ".hidden.md", ".git/a.md", "_drafts/a.md", "a/_old/b.md", "a/_published/b.md"],
)
def test_some_files_are_skipped_without_a_word(tmp_path: Path, write: Write, path: str) -> None:
    write("good.md", "x")
    write(path, "x")
    assert paths(tmp_path) == ["good.md"]


def test_a_readme_below_the_top_is_an_article(tmp_path: Path, write: Write) -> None:
    write("a/README.md", "x")
    assert sources(tmp_path) == {"a.README": "a/README.md"}


def test_each_file_of_another_kind_gives_one_warning(tmp_path: Path, write: Write) -> None:
    for path in ("good.md", "a.pdf", "b/c.docx", "LICENSE", "d.htm", "e.gz"):
        write(path, "x")
    found = {w.path: w.reason for w in warnings(tmp_path)}
    assert sorted(found) == ["LICENSE", "a.pdf", "b/c.docx", "d.htm", "e.gz"]
    assert found["a.pdf"] == (
        "its suffix is not that of an article, so it is ignored. "
        "Read are *.md, *.txt, *.html, *.jsonl and *.jsonl.gz"
    )


def test_a_missing_folder_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no corpus folder at .*gone\. Create it, or name"):
        read_sources(tmp_path / "gone")


@pytest.mark.parametrize("path", [None, "notes.pdf", "page.htm", "README.md", "_drafts/a.md"])
def test_a_folder_without_an_article_is_an_error(
    tmp_path: Path, write: Write, path: str | None
) -> None:
    if path:
        write(path, "x")
    with pytest.raises(CorpusError, match="holds no article"):
        read_sources(tmp_path)


def test_a_folder_whose_only_file_is_empty_rows_is_an_error(tmp_path: Path, write: Write) -> None:
    write("a.jsonl", "\n\n")
    with pytest.raises(CorpusError, match="hold no article"):
        list(read_sources(tmp_path))


def test_a_published_article_hides_files_and_rows_of_its_id(tmp_path: Path, write: Write) -> None:
    write("a.md", "old")
    write("b.jsonl", row("a") + row("b"))
    write("_published/a.md", "---\nid: ignored\n---\nnew")
    found = [e for e in read_sources(tmp_path) if isinstance(e, SourceFile)]
    assert [(e.id, e.path, e.format) for e in found] == [
        ("a", "_published/a.md", "markdown"),
        ("b", "b.jsonl:2", "text"),
    ]
    assert rejections(tmp_path) == []


def test_a_broken_published_article_does_not_uncover_the_file_below_it(
    tmp_path: Path, write: Write
) -> None:
    write("a.md", "old")
    write("_published/a.md", b"\xff")
    assert sources(tmp_path) == {}
    assert [(r.path, r.article_id) for r in rejections(tmp_path)] == [("_published/a.md", "a")]


def test_a_withdrawn_article_is_hidden_wherever_it_stands(tmp_path: Path, write: Write) -> None:
    write("a.md", "x")
    write("b.jsonl", row("b") + row("c"))
    write("_published/d.md", "x")
    for article_id in ("a", "b", "d"):
        write(f"_withdrawn/{article_id}.json", "{}")
    assert list(sources(tmp_path)) == ["c"]
    assert paths(tmp_path) == ["b.jsonl:2"]
    said = {e.article_id for e in read_sources(tmp_path) if isinstance(e, Withdrawal)}
    assert said == {"a", "b", "d"}


def test_a_folder_whose_articles_are_all_withdrawn_is_not_an_error(
    tmp_path: Path, write: Write
) -> None:
    write("a.md", "x")
    write("_withdrawn/a.json", "{}")
    assert list(read_sources(tmp_path)) == [Withdrawal("a")]


def test_names_of_published_and_withdrawn_files_are_percent_decoded(
    tmp_path: Path, write: Write
) -> None:
    write("a.b.md", "x")
    write("c.md", "x")
    write("_published/a%2Eb.md", "x")
    write("_withdrawn/%63.json", "{}")
    assert sources(tmp_path) == {"a.b": "_published/a%2Eb.md"}


def test_a_published_name_that_is_no_id_is_rejected(tmp_path: Path, write: Write) -> None:
    write("_published/a%2Fetc.md", "x")
    assert [r.path for r in rejections(tmp_path)] == ["_published/a%2Fetc.md"]


def test_other_files_among_the_published_and_withdrawn_give_a_warning(
    tmp_path: Path, write: Write
) -> None:
    write("a.md", "x")
    write("_published/b.txt", "x")
    write("_withdrawn/a.md", "x")
    assert [w.path for w in warnings(tmp_path)] == ["_published/b.txt", "_withdrawn/a.md"]
    assert list(sources(tmp_path)) == ["a"]


def test_a_digest_depends_on_content_id_and_format_alone(tmp_path: Path, write: Write) -> None:
    def digest(path: str, content: str) -> str:
        file = write(path, content)
        (entry,) = (e for e in read_sources(tmp_path) if isinstance(e, SourceFile))
        file.unlink()
        return entry.digest

    first = digest("a.md", "x")
    assert digest("a.md", "x") == first
    assert digest("a.md", "y") != first
    assert digest("b.md", "x") != first
    assert digest("a.txt", "x") != first


def test_a_row_keeps_its_digest_when_it_moves_within_its_file(tmp_path: Path, write: Write) -> None:
    def digests(content: str) -> dict[str, str]:
        write("a.jsonl", content)
        return {e.id: e.digest for e in read_sources(tmp_path) if isinstance(e, SourceFile)}

    before = digests(row("a") + row("b"))
    after = digests("\n" + row("c") + row("b") + row("a", title="new"))
    assert after["b"] == before["b"]
    assert after["a"] != before["a"]


def test_what_is_written_where_editors_publish_and_withdraw_is_read_back(tmp_path: Path) -> None:
    for path, content in (
        (published_path(tmp_path, "Knee-pain_2.v1"), "x"),
        (published_path(tmp_path, "gone"), "x"),
        (withdrawn_path(tmp_path, "gone"), "{}"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    assert sources(tmp_path) == {"Knee-pain_2.v1": "_published/Knee-pain_2.v1.md"}
