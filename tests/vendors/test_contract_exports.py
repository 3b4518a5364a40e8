"""What every vendor that gives tables as files must hold to, each against its own simulator."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.simulators import VENDORS, opened, serving

from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.exports import Export, ExportQuery, ExportsPort
from vendors.measures import Grain
from vendors.parameters import Argument, Way
from vendors.port import Platform

START = datetime(2026, 3, 3, tzinfo=UTC)
OWN = {"from", "to", "granularity", "time_zone"}


@pytest.fixture(scope="module", params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def table(vendor: str) -> Iterator[Mapping[str, Any]]:
    with serving(vendor) as settings:
        yield settings


@pytest.fixture
async def platform(vendor: str, table: Mapping[str, Any]) -> AsyncIterator[Platform]:
    # The simulator keeps a limit, but no pace: a test need not wait for the turns of one.
    own = {"export_pacing": {"calls_per_second": None}} if "export_base_url" in table else {}
    one = opened(vendor, table, **own)
    yield one
    await one.close()


@pytest.fixture
def port(platform: Platform) -> ExportsPort:
    if platform.exports is None:
        pytest.skip("the vendor gives no tables as files")
    return platform.exports


def asked(export: Export, grain: Grain, **more: str) -> ExportQuery:
    """Return a query for a day, with the first choice for whatever must be chosen."""
    chosen = {one.name: one.choices[0] for one in export.parameters if one.required} | more
    return ExportQuery(
        name=export.name,
        start=START,
        end=START + timedelta(days=1),
        zone="Europe/London",
        grain=grain,
        arguments=tuple(Argument(name=name, values=(value,)) for name, value in chosen.items()),
    )


async def read(port: ExportsPort, query: ExportQuery) -> list[dict[str, str]]:
    port.check(query)
    async with port.export(query, Call.within(60)) as pieces:
        body = b"".join([piece async for piece in pieces])
    lines = csv.DictReader(io.StringIO(body.decode(), newline=""))
    assert lines.fieldnames
    assert all(lines.fieldnames)
    return list(lines)


def test_the_tables_can_be_named_in_an_address(port: ExportsPort) -> None:
    for name, export in port.exports.items():
        assert name == export.name
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
        assert export.suffix == ".csv"
        assert export.grains
        assert len({*export.title, *export.description}) > 1
        words = [*OWN, *(one.value for one in export.filters)]
        words += [one.name for one in export.parameters]
        assert len(words) == len(set(words))
        for parameter in export.parameters:
            assert set(parameter.ways) <= {Way.VALUES, Way.EXISTS}
            assert (parameter.needs, parameter.excludes) == ((), ())
        known = {(one.name, word) for one in export.parameters for word in one.choices}
        assert set(export.personal) <= known


@pytest.mark.parametrize("grain", list(Grain), ids=lambda grain: grain.name)
async def test_every_table_is_there_at_its_granularities(port: ExportsPort, grain: Grain) -> None:
    for export in port.exports.values():
        if grain in export.grains:
            assert await read(port, asked(export, grain)), export.name


async def test_every_choice_that_must_be_made_gives_a_table_and_the_last_of_others(
    port: ExportsPort,
) -> None:
    for export in port.exports.values():
        for parameter in export.parameters:
            for word in parameter.choices if parameter.required else parameter.choices[-1:]:
                await read(port, asked(export, export.grains[0], **{parameter.name: word}))


def test_a_window_has_an_end(port: ExportsPort) -> None:
    for export in port.exports.values():
        whole = asked(export, export.grains[-1])
        endless = ExportQuery(
            name=whole.name,
            start=whole.start,
            end=whole.start + timedelta(days=5 * 366),
            zone=whole.zone,
            grain=whole.grain,
            arguments=whole.arguments,
        )
        port.check(whole)
        with pytest.raises(BadInputError) as caught:
            port.check(endless)
        assert caught.value.extensions["argument"] == "to"


async def test_a_table_tells_the_same_twice(port: ExportsPort) -> None:
    export = next(iter(port.exports.values()))
    first, second = [await read(port, asked(export, Grain.TOTAL)) for _ in range(2)]
    assert first == second
