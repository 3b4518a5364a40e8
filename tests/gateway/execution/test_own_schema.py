"""Compiled code answers for our own schema as graphql-core does, by the same calls."""

from __future__ import annotations

import asyncio

from graphql import print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from tests.fakes import context_of
from tests.gateway.execution.compared import answers, differences
from tests.gateway.execution.operations import Asked, operations
from tests.gateway.execution.platforms import VALUES, platforms

from gateway.execution import compiled_execution
from schema import build_schema

SCHEMAS = (build_schema(), build_schema([compiled_execution(most_fields=1000, from_use=1)]))
CORE = SCHEMAS[0]._schema  # noqa: SLF001 - what graphql-core executes has no public name
MOMENTS = st.sampled_from(["2026-03-01T00:00:00Z", "2026-03-01", "soon"]).map(nodes.String)

often = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


async def compare(asked: Asked) -> None:
    contexts = tuple(context_of(*platforms()) for _ in SCHEMAS)
    one, other = await answers(SCHEMAS, asked.query, asked.variables, contexts)
    assert differences(one, other, in_order=False) == []
    calls = [[(one.platform, one.endpoint) for one in each.call.log.records] for each in contexts]
    assert calls[0] == calls[1]


@often
@given(operations(CORE, VALUES))
def test_operations_with_arguments_that_mean_something(asked: Asked) -> None:
    asyncio.run(compare(asked))


@often
@given(queries(print_schema(CORE), custom_scalars={"DateTime": MOMENTS}))
def test_operations_with_arguments_of_any_kind(query: str) -> None:
    asyncio.run(compare(Asked(query, {})))
