"""The notebook of examples/python: its client is made, its types fit, and its figures are right."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.clients.example_page import free_port
from tests.e2e.accounts import through, written
from tests.e2e.running import ROOT, Gateway, Table, running_gateway, running_sandbox

pytestmark = pytest.mark.timeout(300)

FOLDER = ROOT / "examples" / "python"
KEYS = ["CONVERSATIONS_STARTED", "FIRST_RESPONSE_TIME", "SATISFACTION_RATE"]
DAYS = 7
BROKEN = "broken"


@dataclass(frozen=True)
class Notebook:
    """A copy of the example with an environment of its own, as its README makes it."""

    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        return _run(str(self.folder / ".venv" / "bin" / program), *arguments, cwd=self.folder)

    def install(self, name: str) -> None:
        """Install what a file has locked."""
        arguments = ("--disable-pip-version-check", "-qq", "--require-hashes", "-r", name)
        done = self.run("pip", "install", *arguments)
        assert done.returncode == 0, done.stderr

    def figures(self, gateway: Gateway) -> subprocess.CompletedProcess[str]:
        """Run the notebook from its first cell to its last."""
        where = ("--gateway", f"{gateway.origin}/graphql", "--time-zone", "UTC")
        done = self.run("python", "figures.py", *where, "--days", str(DAYS))
        assert done.returncode == 0, done.stderr
        return done

    def types(self) -> str:
        """Return what mypy says of the notebook and its client."""
        python = str(self.folder / ".venv" / "bin" / "python")
        options = ("--config-file", "pyproject.toml", "--python-executable", python)
        given = ("-m", "mypy", *options, "figures.py", "switchboard_client")
        return _run(sys.executable, *given, cwd=self.folder).stdout


def _run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    root = tmp_path_factory.mktemp("clone")
    for folder in (FOLDER, ROOT / "schema"):
        ignored = shutil.ignore_patterns(".venv", "switchboard_client", "*.csv", "__pycache__")
        shutil.copytree(folder, root / folder.relative_to(ROOT), ignore=ignored)
    made = Notebook(root / "examples" / "python")
    assert _run(sys.executable, "-m", "venv", ".venv", cwd=made.folder).returncode == 0
    made.install("requirements.txt")
    generated = made.run("ariadne-codegen")
    assert generated.returncode == 0, generated.stderr
    return made


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("notebook")
    with running_sandbox(folder) as tables:
        nowhere = f"http://127.0.0.1:{free_port()}"
        accounts = [*tables, through(tables[0], nowhere, BROKEN)]
        file = written(accounts, folder / "settings.toml")
        with running_gateway(folder, "--config", str(file)) as running:
            yield running


def expected(gateway: Gateway) -> list[Table]:
    """Return the gateway's own series for what the notebook asks."""
    query = (FOLDER / "figures.graphql").read_text(encoding="utf-8")
    answer = gateway.ask(query, {"keys": KEYS, "days": DAYS, "timeZone": "UTC"})
    series: list[Table] = answer.data["indicators"]["series"]
    return series


def test_the_types_of_the_client_and_the_notebook_fit(notebook: Notebook) -> None:
    assert "Success: no issues found" in notebook.types()


def test_without_pandas_the_figures_are_written_as_csv(
    notebook: Notebook, gateway: Gateway
) -> None:
    said = notebook.figures(gateway)

    with (notebook.folder / "figures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {
        (row["platform"], row["indicator"], row["day"]): float(row["value"])
        for row in rows
        if row["final"] == "True" and row["value"]
    }
    right = {
        (series["platforms"][0], series["key"], point["start"][:10]): point["value"]
        for series in expected(gateway)
        for point in series["points"]
        if point["final"] and point["value"] is not None
    }
    assert found == right
    assert len({platform for platform, _, _ in found}) == 4
    assert {row["value"] for row in rows if row["platform"] == BROKEN} == {""}
    assert re.search(
        rf"^{BROKEN}: its part is missing \(PLATFORM_\w+\)$", said.stderr, re.MULTILINE
    )
    assert len(said.stdout.splitlines()) == len(rows) + 1


def test_with_pandas_they_are_tables(notebook: Notebook, gateway: Gateway) -> None:
    notebook.install("requirements-pandas.txt")

    told = notebook.figures(gateway).stdout

    assert [line.split()[0] for line in told.splitlines() if re.match("[A-Z_]{5}", line)] == KEYS
    (header, *_) = (line.split() for line in told.splitlines() if line.startswith("platform"))
    assert header[1:] == sorted({series["platforms"][0] for series in expected(gateway)})
    assert "NaN" in told


def test_what_is_no_longer_asked_for_is_a_mistake_to_the_types(notebook: Notebook) -> None:
    """The last of these tests: it breaks the copy."""
    document = notebook.folder / "figures.graphql"
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("        weight\n", ""), encoding="utf-8")

    assert notebook.run("ariadne-codegen").returncode == 0

    assert re.search(r"figures\.py:\d+: error: .*weight", notebook.types())
