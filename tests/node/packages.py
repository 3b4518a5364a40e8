"""The npm packages that tests run: installed as they are locked, once for all processes."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

__all__ = ["INSTALL", "Node", "installed", "missing"]

FOLDER = Path(__file__).parent
INSTALL = "apt-get install --no-install-recommends nodejs npm"
INSTALL_SECONDS = 240
RUN_SECONDS = 120

_NEEDED = ("node", "npm")
_STATEMENTS = ("package.json", "package-lock.json", ".npmrc")


def missing() -> list[str]:
    """Return the programs that are needed and not installed."""
    return [name for name in _NEEDED if shutil.which(name) is None]


class Node:
    """Runs scripts that find the installed packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self,
        script: Path | str,
        *arguments: str,
        seconds: float = RUN_SECONDS,
        cwd: Path | None = None,
        given: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of this folder, or a program of a package, and return what it said.

        `given` is what it reads from its standard input.
        """
        return subprocess.run(
            ["node", str(self.folder / script), *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            cwd=cwd,
            check=False,
        )


def installed(folder: Path = FOLDER) -> Node:
    """Install what a folder has locked, unless it is there, and return what runs it."""
    stamp = folder / "node_modules" / ".installed"
    with (folder / ".lock").open("w") as turn:
        # Test processes run side by side; the first one installs.
        fcntl.flock(turn, fcntl.LOCK_EX)
        wanted = _digest(folder)
        if not stamp.is_file() or stamp.read_text() != wanted:
            _install(folder)
            stamp.write_text(wanted)
    return Node(folder)


def _install(folder: Path) -> None:
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts"],
        cwd=folder,
        env={**os.environ, "NO_UPDATE_NOTIFIER": "1"},
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"npm ci failed:\n{done.stdout}{done.stderr}"


def _digest(folder: Path) -> str:
    content = b"".join((folder / name).read_bytes() for name in _STATEMENTS)
    return hashlib.sha256(content).hexdigest()
