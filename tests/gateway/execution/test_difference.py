"""Compiled code answers as graphql-core does, whatever is asked and whatever happens."""

from __future__ import annotations

import asyncio

import pytest
from graphql import print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from strawberry.types.execution import PreExecutionError
from tests.fakes import context_of
from tests.gateway.execution import platforms, traps
from tests.gateway.execution.compared import answers, differences
from tests.gateway.execution.operations import Asked, operations
from tests.gateway.execution.traps import World, trap_schema

from gateway.execution import compiled_execution
from schema import build_schema

TRAPS = (trap_schema([]), trap_schema([compiled_execution(most_fields=1000, from_use=1)]))
OURS = (build_schema(), build_schema([compiled_execution(most_fields=1000, from_use=1)]))
CORE, OUR_CORE = (each[0]._schema for each in (TRAPS, OURS))  # noqa: SLF001 - it has no public name

often = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
MOMENTS = st.sampled_from(["2026-03-01T00:00:00Z", "2026-03-01", "soon"]).map(nodes.String)
TROUBLE = st.sampled_from([0, 3, 15])
# Traps give up what they made to be awaited when they break, whoever executes the operation.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine 'World._later' was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


async def compare(asked: Asked, seed: int, trouble: int, *, asynchronous: bool) -> None:
    worlds = tuple(World(seed, trouble, asynchronous=asynchronous) for _ in range(2))
    one, other = await answers(TRAPS, asked.query, asked.variables, worlds)
    # What was given up ends before the next operation begins.
    for _ in range(8):
        await asyncio.sleep(0)
    if isinstance(one, PreExecutionError):
        return
    in_order = not asynchronous and "later" not in asked.query and "slow" not in asked.query
    assert differences(one, other, in_order=in_order) == []
    if in_order:
        assert worlds[0].seen == worlds[1].seen


@often
@given(operations(CORE, traps.VALUES), st.integers(0, 10**6), TROUBLE)
def test_what_happens_at_once(asked: Asked, seed: int, trouble: int) -> None:
    asyncio.run(compare(asked, seed, trouble, asynchronous=False))


@often
@given(operations(CORE, traps.VALUES), st.integers(0, 10**6), TROUBLE)
def test_what_has_to_be_awaited(asked: Asked, seed: int, trouble: int) -> None:
    asyncio.run(compare(asked, seed, trouble, asynchronous=True))


async def compare_ours(asked: Asked) -> None:
    contexts = tuple(context_of(*platforms.platforms()) for _ in OURS)
    one, other = await answers(OURS, asked.query, asked.variables, contexts)
    assert differences(one, other, in_order=False) == []
    calls = [
        [(call.platform, call.endpoint) for call in each.call.log.records] for each in contexts
    ]
    assert calls[0] == calls[1]


@often
@given(operations(OUR_CORE, platforms.VALUES))
def test_our_own_schema(asked: Asked) -> None:
    asyncio.run(compare_ours(asked))


@often
@given(queries(print_schema(OUR_CORE), custom_scalars={"DateTime": MOMENTS}))
def test_our_own_schema_with_arguments_of_any_kind(query: str) -> None:
    asyncio.run(compare_ours(Asked(query, {})))
