from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import duckdb
import httpx
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


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Iterator[httpx.Client]:
    """A client that says as little of itself as tools do."""
    with httpx.Client(base_url=gateway.origin, timeout=75.0, trust_env=False) as one:
        one.headers = httpx.Headers({"accept": "*/*", "accept-encoding": "identity"})
        yield one


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with what it reads from the web by, as it is installed."""
    spec = find_spec("duckdb_ext")
    assert spec is not None
    folders = map(Path, spec.submodule_search_locations or ())
    (extension,) = (file for one in folders for file in one.rglob("httpfs.duckdb_extension"))
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as one:
        one.execute(f"load '{extension}'")
        yield one
