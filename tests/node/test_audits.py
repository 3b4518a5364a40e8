"""The gateway keeps to GraphQL over HTTP, as the audits of `graphql-http` see it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from tests.e2e.running import running_gateway
from tests.node.packages import Node

pytestmark = pytest.mark.timeout(300)

AUDITS = 61


@pytest.fixture(scope="module")
def results(node: Node, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    with running_gateway(tmp_path_factory.mktemp("audited"), "--sandbox") as gateway:
        done = node.run("audits.js", f"{gateway.origin}/graphql")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = orjson.loads(done.stdout)
    return found


def test_every_audit_is_made(results: list[dict[str, Any]]) -> None:
    assert len({result["id"] for result in results}) == AUDITS


def test_every_audit_passes(results: list[dict[str, Any]]) -> None:
    assert [result for result in results if result["status"] != "ok"] == []
