"""Run the scripts of this folder with node, where it and the packages are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
MODULES = FOLDER / "node_modules"


def require_clients(*packages: str) -> None:
    """Skip the test without these packages from npm; in CI it fails."""
    missing = [name for name in packages if not (MODULES / name).is_dir()]
    if missing:
        give_up(f"npm has not installed {', '.join(missing)} to tests/clients")


def run_node(script: Path, *arguments: str) -> str:
    """What a script prints. Without node the test is skipped; in CI it fails."""
    node = shutil.which("node")
    if node is None:
        give_up("there is no node on this machine")
    done = subprocess.run(
        [str(node), str(script), *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def give_up(reason: str) -> None:
    """Skip for a reason that CI does not accept."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
