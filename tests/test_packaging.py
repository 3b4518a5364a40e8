"""What is locked, what is carried along, and what a built wheel holds."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gateway", "schema", "resolvers", "vendors")
GRAPHIQL = ROOT / "gateway" / "static" / "graphiql"
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==(\S+)")


def pins(name: str) -> dict[str, str]:
    """The exact versions that a lock file names."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return {pin[1]: pin[2] for line in lines if (pin := PIN.match(line))}


def package_name(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0].lower()


@pytest.mark.parametrize("name", ["build", "dev", "runtime"])
def test_lock_is_exact_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
    assert blocks
    for block in blocks:
        assert PIN.match(block), block
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize("name", ["build", "dev", "runtime"])
def test_lock_names_no_index_and_no_folder(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    assert "index-url" not in text
    assert not re.search(r"(?:^|\s)/\w", text)


@pytest.mark.parametrize("name", ["build", "runtime"])
def test_development_runs_what_is_shipped(name: str) -> None:
    assert pins(name).items() <= pins("dev").items()


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"]
    declared += project["project"]["optional-dependencies"]["redis"]
    development = project["dependency-groups"]["dev"]
    assert {package_name(each) for each in declared} <= pins("runtime").keys()
    assert {package_name(each) for each in development if isinstance(each, str)} <= pins(
        "dev"
    ).keys()


def test_graphiql_files_are_those_that_were_published() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` .* `(sha384-[^`]+)` \|$", (GRAPHIQL / "README.md").read_text(), re.MULTILINE
    )
    found = {
        path.name: "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in GRAPHIQL.iterdir()
        if path.suffix in {".css", ".js"}
    }
    assert dict(rows) == found


def test_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    folder = ROOT / "examples"
    examples = {
        f"gateway/examples/{path.relative_to(folder)}"
        for place in (folder, folder / "coverage")
        for path in place.iterdir()
        if path.is_file()
    }
    queries = {f"gateway/queries/shipped/{path.name}" for path in (ROOT / "queries").iterdir()}
    assert queries
    assert held == files | examples | queries
