"""The README shows what the commands really print.

    python -m tests.test_readme

writes the output that it shows anew.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from rag.settings import load_settings
from tests.cli.running import RAG, environment, share_encoders
from tests.docs.pages import ROOT, code_blocks, prose

README = ROOT / "README.md"
# The command, and what is shown as its output; without a mark to end it, a fenced block does.
_EXECUTED = re.compile(
    r"<!-- executed by tests/test_readme\.py -->\n"
    r'```console\n\$ make ask Q="(?P<question>[^"\n]+)"\n```\n\n'
    r"<!-- output -->\n(?:```text\n(?P<output>.*?)```\n)?",
    re.DOTALL,
)
_TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")


def _executed() -> re.Match[str]:
    found = _EXECUTED.search(README.read_text(encoding="utf-8"))
    assert found, "The README has no command that is executed."
    return found


def _output(folder: Path, cache: Path) -> str:
    """What the README's command prints over the shipped articles, with an index in `folder`."""
    variables = environment(
        RAG_CORPUS="corpus", RAG_INDEX=folder / "index", RAG_CACHE=cache, COLUMNS=80
    )
    _run(variables, "index")
    printed = _run(variables, "ask", _executed()["question"])
    # A terminal does not show the spaces that lines are filled up with.
    return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


def _run(variables: dict[str, str], *arguments: str) -> str:
    return subprocess.run(
        [*RAG, *arguments],
        cwd=ROOT,
        env=variables,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    ).stdout


def test_the_answer_that_is_shown_is_the_true_one(tmp_path: Path, encoder_cache: Path) -> None:
    output = _output(tmp_path, share_encoders(tmp_path / "cache", encoder_cache))
    assert "[1]" in output
    assert output == _executed()["output"], "Run `python -m tests.test_readme`, and read it."


def test_every_make_target_that_is_named_exists() -> None:
    text = README.read_text(encoding="utf-8")
    code = [*code_blocks(text, "console"), *re.findall(r"`([^`]+)`", prose(text))]
    named = {target for block in code for target in _TARGET.findall(block)}
    rules = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"serve", "ask", "test"} <= named
    assert set() == named - set(rules)


def main() -> None:
    """Write the output that the README shows anew."""
    found = _executed()
    with tempfile.TemporaryDirectory() as folder:
        output = _output(Path(folder), load_settings()[0].cache_folder)
    shown = f"{found[0].partition('```text')[0]}```text\n{output}```\n"
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace(found[0], shown), encoding="utf-8")


if __name__ == "__main__":
    main()
