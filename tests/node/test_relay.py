"""Relay's compiler takes the schema: connections, things fetched again by their ids, changes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest
from tests.node.packages import Node

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
DOCUMENTS = Path(__file__).parent / "relay" / "Agents.ts"
SETTINGS = {
    "src": ".",
    "schema": "schema.graphql",
    "language": "typescript",
    "customScalarTypes": {"DateTime": "string"},
}


def compiled(node: Node, folder: Path, documents: str) -> subprocess.CompletedProcess[str]:
    (folder / DOCUMENTS.name).write_text(documents, encoding="utf-8")
    (folder / "relay.config.json").write_bytes(orjson.dumps(SETTINGS))
    shutil.copy(ROOT / "schema" / "schema.graphql", folder)
    return node.run("node_modules/relay-compiler/cli.js", "relay.config.json", cwd=folder)


def test_documents_with_pages_and_things_fetched_again_compile(node: Node, tmp_path: Path) -> None:
    documents = DOCUMENTS.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:query|fragment|subscription|mutation) (\w+)", documents))
    again = set(re.findall(r'queryName: "(\w+)"', documents))
    assert len(named) >= 7
    assert len(again) >= 3

    done = compiled(node, tmp_path, documents)

    assert done.returncode == 0, done.stderr
    made = {file.name.split(".")[0]: file for file in (tmp_path / "__generated__").iterdir()}
    assert made.keys() == named | again
    shown = made["Agents_agent"].read_text(encoding="utf-8")
    assert "readonly asOf: string;" in shown
    assert '"name": "hasNextPage"' in shown


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("label", "labels"),
        ("fragment Agents_platform on Platform", "fragment Agents_platform on PlatformHealth"),
        ("edges {", "nodes {"),
    ],
    ids=["field", "refetchable", "connection"],
)
def test_what_the_schema_does_not_offer_is_refused(
    node: Node, tmp_path: Path, right: str, wrong: str
) -> None:
    documents = DOCUMENTS.read_text(encoding="utf-8")
    assert right in documents

    done = compiled(node, tmp_path, documents.replace(right, wrong))

    assert done.returncode != 0
    assert "ERROR" in done.stderr
