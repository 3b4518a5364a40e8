"""What every vendor declares of its parameters: whole, and taken by its own simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.fakes import context_of
from tests.simulators import VENDORS, opened, serving

from resolvers.context import Limits
from resolvers.given import Given, problems_of
from resolvers.indicators import measure
from resolvers.parameters import arguments_of, taken_by
from resolvers.planner.request import MeasureRequest
from vendors.measures import Measurables, Source
from vendors.parameters import Parameter, ParameterType, Way
from vendors.port import Platform

DAY = datetime(2026, 3, 4, tzinfo=UTC)
"""A day that is long over."""


@pytest.fixture(scope="module", params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def table(vendor: str) -> Iterator[Mapping[str, Any]]:
    with serving(vendor) as settings:
        yield settings


@pytest.fixture
async def platform(vendor: str, table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    one = opened(vendor, table)
    yield one
    await one.close()


def _tables(platform: Platform) -> Measurables:
    assert platform.measures is not None
    return platform.measures.measurables


def test_the_declarations_are_whole(platform: Platform) -> None:
    tables = _tables(platform)
    names = set(tables.parameters)

    assert all(name == one.name for name, one in tables.parameters.items())
    for source in tables.sources.values():
        assert set(source.parameters) <= names
        assert set(source.narrowed) <= set(source.parameters)
        for name, one in taken_by([source], tables).items():
            assert one.name == name
            assert one.description
            assert one.ways
            assert set(one.excludes) <= names - {name}
            assert {need for need, _ in one.needs} <= set(source.parameters) - {name}
            assert one.keyed is not None or not one.keys


def test_what_a_parameter_needs_can_be_given(platform: Platform) -> None:
    tables = _tables(platform)
    for source in tables.sources.values():
        taken = taken_by([source], tables)
        for name, value in (need for one in taken.values() for need in one.needs):
            assert list(problems_of(_given(taken[name], Way.VALUES, value), taken[name])) == []


def _given(parameter: Parameter, way: Way, value: str) -> Given:
    given = Given(name=parameter.name, key=parameter.keys[0] if parameter.keys else None)
    told = True if way is Way.EXISTS else (value,)
    return msgspec.structs.replace(given, **{way.value: told})


def _value(parameter: Parameter) -> str | None:
    """Return a value that the parameter takes, where that can be known without the vendor."""
    if parameter.choices:
        return parameter.choices[0]
    if parameter.keyed is not None and not parameter.keys:
        return None
    return {ParameterType.INTEGER: "1", ParameterType.BOOLEAN: "true"}.get(parameter.type)


def _told(source: Source, tables: Measurables) -> Iterator[list[Given]]:
    """Yield each parameter of a source in each of its ways, with what it needs beside it."""
    taken = taken_by([source], tables)
    for parameter in taken.values():
        value = _value(parameter)
        needs = [_given(taken[name], Way.VALUES, needed) for name, needed in parameter.needs]
        for way in parameter.ways:
            if value is not None:
                yield [_given(parameter, way, value), *needs]


async def test_whatever_is_declared_is_taken(platform: Platform) -> None:
    """Each in each of its ways, told to one figure of every source that takes it."""
    tables = _tables(platform)
    context = context_of(platform, limits=Limits(most_calls=10_000), seconds=60.0)
    for source in tables.sources.values():
        figure = next(name for name, one in tables.figures.items() if one.source == source.name)
        for given in _told(source, tables):
            request = MeasureRequest(
                items=(f"{platform.vendor}.{figure}",),
                start=DAY,
                end=DAY + timedelta(days=1),
                zone=platform.time_zone,
            )
            arguments = arguments_of(given, request, [platform])
            told = msgspec.structs.replace(request, arguments=arguments)

            answer = await measure(context, told, [platform])

            assert answer.failures == (), given
            assert answer.sources[0].note is None, given
