"""Node and the locked packages, for all tests of a run."""

from __future__ import annotations

import os

import pytest
from tests.node.packages import INSTALL, Node, installed, missing


@pytest.fixture(scope="session")
def node() -> Node:
    """What runs scripts; where there is no node, its tests are skipped, but not in CI."""
    if programs := missing():
        message = f"not installed: {', '.join(programs)}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return installed()
