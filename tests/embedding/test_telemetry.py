"""Nobody is told that, or what, is encoded here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENCODE = """
import sys
from pathlib import Path
from rag.embedding import open_question_encoder
open_question_encoder(Path(sys.argv[1]), 1).encode(["a question"])
"""


def test_encoding_leaves_nothing_in_the_home_folder(encoder_folder: Path, tmp_path: Path) -> None:
    told = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "CI", "GITHUB_ACTIONS")
    outside = {name: value for name, value in os.environ.items() if name not in told}
    done = subprocess.run(
        [sys.executable, "-c", ENCODE, str(encoder_folder)],
        cwd=ROOT,
        env={**outside, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
