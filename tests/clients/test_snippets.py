"""What docs/clients.md shows runs as it stands there, or stands in a file that is tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.running import ROOT, Gateway, running_gateway
from tests.node import packages

pytestmark = pytest.mark.timeout(300)

PAGE = ROOT / "docs" / "clients.md"
SHOWN_AT = "http://127.0.0.1:8000"
SNIPPETS = re.findall(
    r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
PROGRAMS = {
    "sh": ["bash", "-euc"],
    "js": ["node", "--input-type=module", "-e"],
    "python": [sys.executable, "-W", "error", "-c"],
}
RUNNING = [(language, text) for language, text in SNIPPETS if language in PROGRAMS]
# What a terminal shows is run by tests/test_transcripts.py.
QUOTED = [text for language, text in SNIPPETS if language not in {*PROGRAMS, "console"}]
FILES = (ROOT / "examples" / "typescript" / "codegen.ts", ROOT / "tests/node/relay/Agents.ts")


def title(snippet: tuple[str, str]) -> str:
    """Return the language, and the first library or address of a snippet."""
    language, text = snippet
    (name, *_) = re.findall(r"(?:from|import) '?([\w@/-]+)|\b(curl|fetch)\b", text)
    return f"{language}-{''.join(name).strip('@').replace('/', '-')}"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("snippets"), "--sandbox") as running:
        yield running


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where the packages are that snippets import."""
    if programs := packages.missing():
        message = f"not installed: {', '.join(programs)}; {packages.INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return packages.installed().folder


@pytest.mark.parametrize("snippet", RUNNING, ids=title)
def test_a_snippet_runs_as_it_stands(
    gateway: Gateway, folder: Path, snippet: tuple[str, str]
) -> None:
    language, text = snippet
    address = SHOWN_AT.removeprefix("http")
    assert address in text
    here = text.replace(address, gateway.origin.removeprefix("http"))

    done = subprocess.run(
        [*PROGRAMS[language], here],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    keys = {one["key"] for one in gateway.ask("{ platforms { key } }").data["platforms"]}
    assert any(key in done.stdout for key in keys), done.stdout
    assert "errors" not in done.stdout


@pytest.mark.parametrize("text", QUOTED, ids=lambda text: text.split()[0].strip("':("))
def test_what_is_quoted_stands_in_a_file(text: str) -> None:
    assert any(text in file.read_text(encoding="utf-8") for file in FILES)


def test_the_page_has_something_for_everybody() -> None:
    shown = {title(snippet) for snippet in RUNNING}

    assert len(RUNNING) == len(shown)
    assert shown >= {
        "js-apollo-client-core",
        "js-fetch",
        "js-graphql-ws",
        "js-urql-core",
        "python-gql",
        "python-httpx",
        "sh-curl",
    }
