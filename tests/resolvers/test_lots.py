"""Groups and filters in a vendor's terms: one question in whatever words, and no other."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
from tests.fakes import NOW, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.measures import Dimension, Grouping, Partition

DAY = NOW.replace(hour=0, minute=0)
HAPPENED = [
    Event(NOW - timedelta(hours=1 + at), "chat", agent, 60, answered=True)
    for at, agent in enumerate(("ann", "bob", "cem"))
]


def _request(
    *items: str, agents: tuple[str, ...] = (), group_by: tuple[Dimension, ...] = ()
) -> MeasureRequest:
    return MeasureRequest(
        items=items,
        start=DAY,
        end=DAY + timedelta(days=1),
        zone="UTC",
        group_by=group_by,
        filters=((Dimension.AGENT, agents),) if agents else (),
    )


async def _ask(port: Measuring, *requests: MeasureRequest) -> list[MeasureAnswer]:
    context = context_of(platform_of("one", measures=port))
    platforms = list(context.platforms.values())
    return await asyncio.gather(*(measure(context, one, platforms) for one in requests))


@pytest.mark.parametrize("how", [Grouping.ALL, Grouping.LISTED, Grouping.EACH])
async def test_the_order_of_ids_and_their_repetition_mean_nothing(how: Grouping) -> None:
    several = frozenset({Dimension.AGENT}) if how is Grouping.EACH else frozenset[Dimension]()
    port = Measuring(HAPPENED, source_of(groupings={Dimension.AGENT: how}, several_at_once=several))

    answers = await _ask(
        port,
        *(
            _request("CONVERSATIONS_STARTED", agents=ids)
            for ids in (("ann", "cem"), ("cem", "ann"), ("ann", "cem", "ann"))
        ),
    )

    assert [answer.series[0].value for answer in answers] == [2, 2, 2]
    assert len(port.calls) == 1


async def test_members_are_named_in_one_order() -> None:
    """The list of members grows and moves; the call for the same members is the same."""
    port = Measuring(HAPPENED, source_of(groupings={Dimension.AGENT: Grouping.LISTED}))

    await _ask(
        port,
        _request("CONVERSATIONS_STARTED", group_by=(Dimension.AGENT,)),
        _request(
            "CONVERSATIONS_STARTED", agents=("cem", "bob", "ann"), group_by=(Dimension.AGENT,)
        ),
    )

    assert [call.members for call in port.calls] == [("ann", "bob", "cem")]


async def test_what_knows_no_agents_cannot_be_restricted_to_some() -> None:
    port = Measuring(HAPPENED, source_of())
    tables = port.measurables
    whole = msgspec.structs.replace(tables.figures["busy"], dimensions=frozenset[Dimension]())
    port.measurables = msgspec.structs.replace(tables, figures={**tables.figures, "busy": whole})

    (answer,) = await _ask(port, _request("fake.busy", agents=("ann",)))

    assert answer.series[0].value is None
    assert answer.series[0].note == "It cannot be restricted by AGENT."
    assert port.calls == []


@pytest.mark.parametrize(("site", "partitions"), [("1", ["fr"]), ("2", ["uk"]), ("9", [])])
async def test_only_the_partition_that_holds_a_site_is_asked(
    site: str, partitions: list[str]
) -> None:
    port = Measuring(
        HAPPENED,
        source_of(groupings={Dimension.SITE: Grouping.EACH}),
        partitions=(Partition(key="fr", sites=("1",)), Partition(key="uk", sites=("2",))),
    )
    request = msgspec.structs.replace(
        _request("CONVERSATIONS_STARTED"), filters=((Dimension.SITE, (site,)),)
    )

    (answer,) = await _ask(port, request)

    assert [call.partition for call in port.calls] == partitions
    assert bool(answer.series[0].note) is not bool(partitions)
