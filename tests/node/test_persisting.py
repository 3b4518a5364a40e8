"""Clients that register what they ask, as Apollo's and urql's own code does it."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from tests.e2e.running import running_gateway
from tests.node.packages import Node

pytestmark = pytest.mark.timeout(300)


def test_apollo_and_urql_send_each_document_once(node: Node, tmp_path: Path) -> None:
    with running_gateway(tmp_path, "--sandbox") as gateway:
        done = node.run("persisting.js", f"{gateway.origin}/graphql")
    assert done.returncode == 0, done.stderr
    answers = orjson.loads(done.stdout)
    assert len(answers) == 8
    keys = [[platform["key"] for platform in answer["platforms"]] for answer in answers]
    assert keys == [keys[0]] * 8
    assert keys[0]
    asked = [orjson.loads(line) for line in done.stderr.splitlines()]
    # Of each client: the digest, which is unknown, then the text; later the digest alone.
    assert [one["withText"] for one in asked] == [False, True, False] * 4
    assert [one["method"] for one in asked][::3] == ["GET", "POST", "GET", "POST"]
    assert {one["status"] for one in asked} <= {200, 404}
