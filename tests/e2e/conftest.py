from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.running import Gateway, running_gateway


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway over its sandbox, for all tests of this worker."""
    with running_gateway(tmp_path_factory.mktemp("gateway"), "--sandbox") as running:
        yield running


@pytest.fixture
def cold_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that has answered nobody yet: nothing is in its cache."""
    with running_gateway(tmp_path_factory.mktemp("cold"), "--sandbox") as running:
        yield running
