"""What `/connect` shows is run as it stands there, against a gateway that wants a key."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.browser.serving import gateway
from tests.node.packages import INSTALL, installed, missing

from gateway.pages.connecting import KEY
from gateway.pages.tools import TOOLS
from gateway.security.keys import hash_of

pytestmark = pytest.mark.timeout(300)

PLATFORMS = {"chat-tonic", "gnatta", "iadvize", "livechat"}
SECONDS = 120
BESIDE = Path(sys.executable).parent
"""Where the commands are that came with Python packages."""

_SHOWN = re.compile(r'<section id="([a-z]+)".*?<code>(.*?)</code></pre>', re.DOTALL)

# What Google's scripts are given, in few words: a request by curl, and a sheet that is printed.
_GOOGLE = """
const { execFileSync } = require("node:child_process");
const UrlFetchApp = { fetch: (address, { method, contentType, headers, payload }) => {
  const sent = { "Content-Type": contentType, ...headers };
  const given = Object.entries(sent).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const text = execFileSync("curl", ["-sS", "-X", method.toUpperCase(), address, ...given,
    "-d", payload], { encoding: "utf8" });
  return { getContentText: () => text };
} };
const SpreadsheetApp = { getActiveSheet: () => ({
  clearContents: () => {},
  getRange: (row, column, rows, columns) => ({ setValues: (values) => {
    if (values.length !== rows || values.some((one) => one.length !== columns)) {
      throw new Error("The range is another size.");
    }
    console.log(JSON.stringify(values));
  } }),
}) };
"""


@dataclass(frozen=True)
class Runner:
    """What runs a snippet."""

    command: str
    file: str
    text: Callable[[str], str] = str


# What Superset does with an address and a query.
_SUPERSET = """
from sqlalchemy import create_engine, text

shown = SHOWN
address = next(line for line in shown.splitlines() if line.startswith("graphql://"))
with create_engine(address).connect() as connection:
    for row in connection.execute(text(shown.partition("SQL Lab:")[2])):
        print(*row)
"""


def _by_superset(text: str) -> str:
    return _SUPERSET.replace("SHOWN", repr(text))


PYTHON = Runner(sys.executable, "snippet.py")
SHELL = Runner("bash", "snippet.sh")
RUNNERS = {
    "curl": SHELL,
    "gql": SHELL,
    "duckdb": SHELL,
    "httpx": PYTHON,
    "pandas": PYTHON,
    "polars": PYTHON,
    "superset": Runner(sys.executable, "snippet.py", _by_superset),
    "fetch": Runner("node", "snippet.mjs"),
    "sheets": Runner("node", "snippet.cjs", lambda text: f"{_GOOGLE}{text}\nrefresh();"),
}
NEEDED = {"curl": ("curl",), "sheets": ("node", "curl"), "fetch": ("node",)}
ELSEWHERE = {"dlt", "insomnia", "excel", "powerbi", "grafana", "lookerstudio"}
"""Programs with a window, or of others' servers, and what is too large to be installed here.

What Excel and Power BI are given is read as they would read it, and not run.
"""


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = tmp_path_factory.mktemp("locked") / "switchboard.toml"
    settings.write_text(
        f'require_api_key = true\n[[api_keys]]\nname = "a"\nhash = "{hash_of(KEY)}"\n'
    )
    with gateway("--config", str(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def snippets(origin: str) -> dict[str, str]:
    """What is shown, by the tool: the key that it is shown with is one of this gateway."""
    page = httpx.get(f"{origin}/connect", headers={"Accept": "text/html"}, trust_env=False)
    return {name: html.unescape(text) for name, text in _SHOWN.findall(page.text)}


def run(name: str, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    runner = RUNNERS[name]
    for needed in NEEDED.get(name, ()):
        if shutil.which(needed) is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no {needed}")
    (folder / runner.file).write_text(runner.text(text), encoding="utf-8")
    return subprocess.run(
        [runner.command, runner.file],
        cwd=folder,
        env={**os.environ, "PATH": f"{BESIDE}:{os.environ['PATH']}", "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_all_that_is_shown_is_run_or_said_not_to_be(snippets: dict[str, str]) -> None:
    assert set(snippets) == RUNNERS.keys() | ELSEWHERE == {tool.name for tool in TOOLS}


@pytest.mark.parametrize("name", sorted(RUNNERS.keys() - {"polars"}))
def test_a_snippet_reads_every_platform(
    snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    done = run(name, snippets[name], tmp_path)

    assert done.returncode == 0, done.stderr
    assert {key for key in PLATFORMS if key in done.stdout} == PLATFORMS, done.stdout


def test_polars_reads_those_that_measure_first_responses(
    snippets: dict[str, str], tmp_path: Path
) -> None:
    done = run("polars", snippets["polars"], tmp_path)

    assert done.returncode == 0, done.stderr
    assert {key for key in PLATFORMS if key in done.stdout} == {"iadvize", "livechat"}


@pytest.mark.parametrize("name", ["excel", "powerbi"])
def test_power_query_can_read_its_program(
    snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    if programs := missing():
        message = f"not installed: {', '.join(programs)}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    right, wrong = tmp_path / "right.m", tmp_path / "wrong.m"
    right.write_text(snippets[name])
    wrong.write_text(snippets[name].replace("let", "led", 1))

    assert installed().run("powerquery.js", str(right)).stderr == ""
    assert installed().run("powerquery.js", str(wrong)).returncode == 1


def test_behind_a_proxy_the_address_is_the_one_that_was_asked(origin: str) -> None:
    headers = {"Accept": "text/html", "Host": "data.test", "X-Forwarded-Proto": "https"}
    page = httpx.get(f"{origin}/connect", headers=headers, trust_env=False).text

    assert "https://data.test/graphql" in page
    assert origin not in page


@pytest.mark.parametrize("name", ["httpx", "fetch", "sheets"])
def test_a_wrong_key_is_not_passed_over(
    snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    done = run(name, snippets[name].replace(KEY, "wrong"), tmp_path)

    assert done.returncode != 0
    assert "UNAUTHENTICATED" in done.stderr
