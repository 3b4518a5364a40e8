"""What the page on GraphQL over HTTP shows is what happens."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.running import ROOT, Gateway, running_gateway

PAGE = (ROOT / "docs" / "graphql-over-http.md").read_text(encoding="utf-8")
_TRACE = re.compile(r',"extensions":\{"switchboard":\{.*\}\}(?=\}( \d+)?$)', re.MULTILINE)
_ID = re.compile(r'"requestId":"[^"]*"')


def _transcripts() -> list[tuple[str, str]]:
    """Return each command of the page, and what it said."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, said = part.partition("\n")
            found.append((command, said))
    return found


def _plain(text: str) -> str:
    """Return the answer without what differs each time."""
    text = _ID.sub('"requestId":"…"', text.replace("\r\n", "\n"))
    return _TRACE.sub("", text).strip()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    if shutil.which("curl") is None:
        message = "not installed: curl; apt-get install curl"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    folder = tmp_path_factory.mktemp("page")
    _prepare(folder)
    with running_gateway(folder, "--sandbox", "--config", "switchboard.toml") as gateway:
        yield gateway


def _prepare(folder: Path) -> None:
    (settings,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (document,) = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    (folder / "switchboard.toml").write_text(settings, encoding="utf-8")
    (folder / "documents").mkdir()
    (folder / "documents" / "keys.graphql").write_text(document, encoding="utf-8")


def test_there_are_transcripts() -> None:
    assert len(_transcripts()) > 10


def test_every_command_says_what_the_page_says(gateway: Gateway) -> None:
    # One after another: a document is registered before it is named.
    for command, said in _transcripts():
        done = subprocess.run(
            ["bash", "-c", command.replace("localhost:8000", gateway.origin)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert _plain(done.stdout) == _plain(said), command
