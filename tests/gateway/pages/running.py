"""How what `/connect` shows is run: by the tool that it is for, in a folder of its own."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import httpx
import pytest

from gateway.pages.connecting import KEY
from gateway.pages.tools import KEY_NAME

__all__ = ["RUNNERS", "run", "shown_at"]

SECONDS = 180
BESIDE = Path(sys.executable).parent
"""Where the commands are that came with Python packages."""

_SHOWN = re.compile(r'<pre id="([^"]+)"[^>]*><code>(.*?)</code></pre>', re.DOTALL)

# What Google's scripts are given, in few words: a request by curl, and a sheet that is printed.
_GOOGLE = """
const { execFileSync } = require("node:child_process");
const PropertiesService = { getScriptProperties: () => ({
  getProperty: (name) => process.env[name] ?? null,
}) };
const UrlFetchApp = { fetch: (address, { headers } = {}) => {
  const given = Object.entries(headers ?? {}).flatMap((one) => ["-H", one.join(": ")]);
  const text = execFileSync("curl", ["-fsS", address, ...given], { encoding: "utf8" });
  return { getContentText: () => text };
} };
const Utilities = { parseCsv: (text) => JSON.parse(execFileSync("PYTHON", ["-c",
  "import csv, json, sys; print(json.dumps(list(csv.reader(sys.stdin))))"],
  { encoding: "utf8", input: text })) };
const SpreadsheetApp = { getActiveSheet: () => ({
  clearContents: () => {},
  getRange: (row, column, rows, columns) => ({ setValues: (values) => {
    if (values.length !== rows || values.some((one) => one.length !== columns)) {
      throw new Error("The range is another size.");
    }
    console.log(JSON.stringify(values));
  } }),
}) };
SHOWN
refresh();
"""

# What Superset does with an address and a query.
_SUPERSET = """
from sqlalchemy import create_engine, text

shown = SHOWN
address = next(line for line in shown.splitlines() if "://" in line)
with create_engine(address).connect() as connection:
    for row in connection.execute(text(shown.partition("SQL Lab:")[2])):
        print(*row)
"""

_DUCKDB = """
import json

import duckdb

with duckdb.connect() as connection:
    print(json.dumps(connection.execute(SHOWN).fetchall()))
"""


@dataclass(frozen=True)
class Runner:
    """What runs a snippet."""

    command: str
    file: str
    within: str = "SHOWN"
    """The program in which it stands."""
    quoted: bool = False
    """Whether it stands there as a text of Python."""
    needs: tuple[str, ...] = ()

    def program(self, shown: str) -> str:
        """Return what is run."""
        return self.within.replace("SHOWN", repr(shown) if self.quoted else shown)


_PYTHON = Runner(sys.executable, "snippet.py")
_SHELL = Runner("bash", "snippet.sh", needs=("curl",))
_NODE = Runner("node", "snippet.mjs", needs=("node",))
_BY_SUPERSET = Runner(sys.executable, "snippet.py", _SUPERSET, quoted=True)

RUNNERS: Mapping[str, Runner] = {
    "curl.sh": _SHELL,
    "curl-graphql.sh": _SHELL,
    "curl-queries.sh": _SHELL,
    "gql.sh": _SHELL,
    "pandas.py": _PYTHON,
    "polars.py": _PYTHON,
    "httpx.py": _PYTHON,
    "httpx-graphql.py": _PYTHON,
    "dlt.py": _PYTHON,
    "duckdb.sql": Runner(sys.executable, "snippet.py", _DUCKDB, quoted=True),
    "superset.txt": _BY_SUPERSET,
    "superset-graphql.txt": _BY_SUPERSET,
    "fetch.mjs": _NODE,
    "fetch-graphql.mjs": _NODE,
    "sheets.gs": Runner(
        "node", "snippet.cjs", _GOOGLE.replace("PYTHON", sys.executable), needs=("node", "curl")
    ),
}


def shown_at(origin: str) -> dict[str, str]:
    """Return what the page shows, by the file that it was made of."""
    page = httpx.get(f"{origin}/connect", headers={"Accept": "text/html"}, trust_env=False)
    return {name: html.unescape(text) for name, text in _SHOWN.findall(page.text)}


def run(name: str, shown: str, folder: Path, *, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """Run a snippet as it is shown, with that key in the environment."""
    runner = RUNNERS[name]
    for needed in runner.needs:
        if shutil.which(needed) is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no {needed}")
    (folder / runner.file).write_text(runner.program(shown), encoding="utf-8")
    return subprocess.run(
        [runner.command, runner.file],
        cwd=folder,
        env={**os.environ, **_environment(folder), KEY_NAME: key},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is found but what is installed."""
    _install_httpfs(folder)
    return {
        # dlt keeps what it knows of a pipeline elsewhere for some users.
        "DLT_DATA_DIR": str(folder / ".dlt"),
        "HOME": str(folder),
        "NO_PROXY": "*",
        "PATH": f"{BESIDE}:{os.environ['PATH']}",
        # dlt tells its makers of each run, unless it is told not to.
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }


def _install_httpfs(home: Path) -> None:
    """Put what DuckDB reads addresses by where it would download it to."""
    spec = find_spec("duckdb_ext")
    assert spec is not None
    folders = map(Path, spec.submodule_search_locations or ())
    (extension,) = (file for one in folders for file in one.rglob("httpfs.duckdb_extension"))
    place = home / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / extension.parent.name
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(extension, place)
