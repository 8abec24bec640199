"""Virtual environments of the systems that Wellcited is compared with; none is our dependency."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

_CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"
_STAMP = "installed.txt"


class NotInstalled(Exception):
    """A package could not be installed; says which, and why."""


def interpreter(folder: Path, packages: tuple[str, ...]) -> Path:
    """Python of an environment with these packages, made where it is not there yet.

    The pinned torch goes first, since the others would bring a build of several gigabytes. The
    stamp is written last, so an installation that was interrupted goes on next time. Raises
    NotInstalled.
    """
    python = folder / "bin" / "python"
    wanted = _CONSTRAINTS.read_text(encoding="utf-8") + "\n".join(packages)
    stamp = folder / _STAMP
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    print(f"Installing {', '.join(packages)} (some minutes) …", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    _install(python, ("torch",))
    _install(python, packages)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _install(python: Path, packages: tuple[str, ...]) -> None:
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--constraint", str(_CONSTRAINTS), *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1].removeprefix("ERROR: ") if errors else "pip failed"
        raise NotInstalled(f"{', '.join(packages)} could not be installed: {reason}")


def this_interpreter() -> Path:
    """Python of our own environment."""
    return Path(sys.executable)
