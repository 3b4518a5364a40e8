"""A restriction to channels: in the platforms' own words, or refused where there are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.fakes import context_of, platform_of
from tests.resolvers.measuring import Event, Measuring

from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.measures import Dimension, Grouping, Source
from vendors.records import Channel

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
EVENTS = [
    Event(BEGIN, "chat", "ann", 60, answered=True),
    Event(BEGIN, "chat", "bob", 60, answered=True),
    Event(BEGIN, "phone", "bob", 60, answered=True),
]


async def _asked(port: Measuring, *channels: Channel) -> MeasureAnswer:
    request = MeasureRequest(
        items=("CONVERSATIONS_STARTED",),
        start=BEGIN,
        end=BEGIN + timedelta(days=1),
        zone="UTC",
        channels=channels,
    )
    context = context_of(platform_of("one", measures=port))
    return await measure(context, request, list(context.platforms.values()))


def _port(groupings: dict[Dimension, Grouping]) -> Measuring:
    return Measuring(EVENTS, Source(name="only", endpoint="measure", groupings=groupings))


@pytest.mark.parametrize("grouping", list(Grouping))
@pytest.mark.parametrize(
    ("channels", "count"),
    [
        ((Channel.CHAT,), 2),
        ((Channel.CALL,), 1),
        ((Channel.CHAT, Channel.CALL), 3),
        ((Channel.CALL, Channel.EMAIL), 1),
        ((), 3),
    ],
)
async def test_only_what_went_over_these_channels_counts(
    grouping: Grouping, channels: tuple[Channel, ...], count: int
) -> None:
    answer = await _asked(_port({Dimension.CHANNEL: grouping}), *channels)

    assert [one.value for one in answer.series] == [count]


async def test_none_of_a_platforms_channels_is_no_restriction_to_all() -> None:
    port = _port({Dimension.CHANNEL: Grouping.LISTED})
    answer = await _asked(port, Channel.EMAIL)

    assert [one.value for one in answer.series] == [None]
    assert answer.sources[0].freshness is Freshness.UNSUPPORTED
    assert "None of the platform's channels" in (answer.sources[0].note or "")
    assert port.calls == []


async def test_a_platform_without_words_for_channels_cannot_be_restricted_to_some() -> None:
    """Else everything that it has would pass for what went over the asked channel."""
    port = _port({})
    port.measurables = msgspec.structs.replace(port.measurables, channels={})
    answer = await _asked(port, Channel.CALL)

    assert [one.value for one in answer.series] == [None]
    assert answer.sources[0].freshness is Freshness.UNSUPPORTED
    assert "cannot be restricted by CHANNEL" in (answer.sources[0].note or "")
    assert port.calls == []
