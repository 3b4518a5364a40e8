"""Answers in parts, as Apollo Client and urql put them together."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from tests.e2e.running import running_gateway
from tests.node.packages import Node

pytestmark = pytest.mark.timeout(300)


def test_apollo_and_urql_show_first_what_comes_first(node: Node, tmp_path: Path) -> None:
    with running_gateway(tmp_path, "--sandbox") as gateway:
        done = node.run("deferring.js", f"{gateway.origin}/graphql")
    assert done.returncode == 0, done.stderr
    parts = [["platforms"], ["platforms", "agents"]]
    assert orjson.loads(done.stdout) == {"apollo": parts, "urql": parts}
