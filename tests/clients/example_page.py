"""The page of examples/typescript: built as its README says, served, and read as people read it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.browser.chromium import Browser
from tests.node.packages import installed

__all__ = ["PERSISTED", "Page", "built", "built_without", "free_port", "served"]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "typescript"
PERSISTED = FOLDER / "src" / "generated" / "persisted-documents.json"

_BUILD_SECONDS = 120
_START_SECONDS = 30
_ROWS = """
return [...document.querySelectorAll('#series[aria-busy=false] tbody tr')].map(
    (row) => [...row.children].map((cell) => cell.textContent))
"""
_CARDS = """
return Object.fromEntries([...document.querySelectorAll('#agents article')].map(
    (card) => [card.dataset.platform, card.innerText]))
"""


def built() -> str:
    """Install what the example has locked, build it, and return what the build said."""
    installed(FOLDER)
    done = _build(FOLDER)
    assert done.returncode == 0, f"npm run build failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def built_without(text: str, document: str, root: Path) -> subprocess.CompletedProcess[str]:
    """Build a copy of the example below that folder, one of whose documents lacks that text."""
    folder = root / FOLDER.relative_to(ROOT)
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("node_modules", "generated"))
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    shutil.copytree(ROOT / "schema", root / "schema")
    changed = folder / "src" / document
    before = changed.read_text(encoding="utf-8")
    assert text in before
    changed.write_text(before.replace(text, ""), encoding="utf-8")
    return _build(folder)


def _build(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["npm", "run", "build"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )


def free_port() -> int:
    """Return a port of which nobody else is told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def served(port: int) -> Iterator[str]:
    """Serve the page by `npm start` and yield its address."""
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ["npm", "start"],
        cwd=FOLDER,
        env={**os.environ, "PORT": str(port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        try:
            _await(address, process)
            yield address
        finally:
            # It serves until its input ends.
            process.stdin.close()
            process.wait(_START_SECONDS)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(address, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("npm start serves nothing")


class Page:
    """The page as somebody sees it who asks that gateway."""

    def __init__(self, browser: Browser, address: str, gateway: str) -> None:
        """Open it."""
        self.browser = browser
        browser.open(f"{address}/?gateway={gateway}")

    def choose(self, indicator: str) -> None:
        """Ask for another indicator, by the name that people see."""
        self.browser.run(
            """
            const select = document.querySelector('#indicator');
            select.value = [...select.options].find((one) => one.text === arguments[0]).value;
            select.dispatchEvent(new Event('change', { bubbles: true }));
            """,
            indicator,
        )

    def platform(self, key: str) -> None:
        """Choose a platform, or no longer choose it."""
        self.browser.find(f"#platforms input[value='{key}']").click()

    def rows(self) -> dict[str, list[str]]:
        """Return the cells of each row of the figures by its name, once there are some."""
        rows = self.browser.wait(f"const rows = (() => {{{_ROWS}}})(); return rows.length && rows")
        return {name: cells for name, *cells in rows}

    def cards(self) -> dict[str, str]:
        """Return what is told of each platform's agents."""
        cards: dict[str, str] = self.browser.run(_CARDS)
        return cards

    def await_card(self, platform: str, *, failing: bool) -> str:
        """Return what is told of a platform's agents once it fails, or no longer does."""
        script = f"""
        const text = (() => {{{_CARDS}}})()[arguments[0]];
        return text !== undefined && text.includes('⚠') === arguments[1] && text
        """
        return str(self.browser.wait(script, platform, failing))

    def troubles(self) -> list[str]:
        """Return what is said of platforms whose figures are missing."""
        return [one.text for one in self.browser.find_all("#series .failed")]
