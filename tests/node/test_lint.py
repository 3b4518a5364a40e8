"""The schema and the documents keep to what graphql-eslint recommends, Relay's rules included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.node.packages import Node

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]
SCHEMA = "schema/schema.graphql"
DOCUMENTS = sorted(
    str(file.relative_to(ROOT))
    for file in (ROOT / "examples").rglob("*.graphql")
    if "node_modules" not in file.parts
)
MISTAKES = {
    "recommended for schemas": ("type Query { a: wrong }\ntype wrong { id: ID! }", SCHEMA),
    "Relay's": ('"Pages." type PageInfo { "Next." hasNextPage: String }', SCHEMA),
    "recommended for operations": ("query { platforms { title nothing } }", DOCUMENTS[0]),
}
"""What is wrong by each set of rules, and the file it is taken for."""


def linted(node: Node, *arguments: str, given: str | None = None) -> list[dict[str, Any]]:
    done = node.run(
        "node_modules/eslint/bin/eslint.js",
        *("--config", "tests/node/eslint.config.js", "--format", "json", *arguments),
        cwd=ROOT,
        given=given,
    )
    assert done.returncode in {0, 1}, done.stderr
    results: list[dict[str, Any]] = orjson.loads(done.stdout)
    return results


def complaints(results: list[dict[str, Any]]) -> list[str]:
    return [
        f"{Path(one['filePath']).relative_to(ROOT)}:{said['line']} {said['ruleId']}: "
        f"{said['message']}"
        for one in results
        for said in one["messages"]
    ]


def test_the_schema_and_all_documents_are_as_recommended(node: Node) -> None:
    results = linted(node, SCHEMA, *DOCUMENTS)

    assert complaints(results) == []
    assert len(results) == 1 + len(DOCUMENTS)


@pytest.mark.parametrize("rules", MISTAKES)
def test_a_mistake_is_found(node: Node, rules: str) -> None:
    text, name = MISTAKES[rules]

    assert complaints(linted(node, "--stdin", "--stdin-filename", name, given=text))
