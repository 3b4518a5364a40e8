"""Compiled code answers as graphql-core does, whatever is asked and whatever happens."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.types.execution import PreExecutionError
from tests.gateway.execution.compared import answers, differences
from tests.gateway.execution.operations import Asked, operations
from tests.gateway.execution.traps import VALUES, World, trap_schema

from gateway.execution import compiled_execution

SCHEMAS = (trap_schema([]), trap_schema([compiled_execution(most_fields=1000, from_use=1)]))
CORE = SCHEMAS[0]._schema  # noqa: SLF001 - what graphql-core executes has no public name
AWAITED = ("later", "slow", "late", "Late", "named", "Named")
"""What has to be awaited in any case: fields, and types that take their time."""
TROUBLE = st.sampled_from([0, 3, 15])

often = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
# graphql-core forgets what it would have awaited in tasks that it cancels before they begin.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let what was forgotten be found here, not in a later test."""
    yield
    gc.collect()


async def compare(asked: Asked, seed: int, trouble: int, *, asynchronous: bool) -> None:
    worlds = tuple(World(seed, trouble, asynchronous=asynchronous) for _ in SCHEMAS)
    one, other = await answers(SCHEMAS, asked.query, asked.variables, worlds)
    # What was given up ends before the next operation begins.
    for _ in range(8):
        await asyncio.sleep(0)
    for world in worlds:
        world.close()
    if isinstance(one, PreExecutionError):
        return
    in_order = not asynchronous and not any(word in asked.query for word in AWAITED)
    assert differences(one, other, in_order=in_order) == []
    if in_order:
        assert worlds[0].seen == worlds[1].seen


@often
@given(operations(CORE, VALUES), st.integers(0, 10**6), TROUBLE)
def test_what_happens_at_once(asked: Asked, seed: int, trouble: int) -> None:
    asyncio.run(compare(asked, seed, trouble, asynchronous=False))


@often
@given(operations(CORE, VALUES), st.integers(0, 10**6), TROUBLE)
def test_what_has_to_be_awaited(asked: Asked, seed: int, trouble: int) -> None:
    asyncio.run(compare(asked, seed, trouble, asynchronous=True))
