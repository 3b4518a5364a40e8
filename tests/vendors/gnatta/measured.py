"""Questions to the planner about one Gnatta domain, and what they give and cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.fakes import FakeCache, context_of

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.buckets import local_midnight, zone
from vendors.catalogue import IndicatorKey
from vendors.clock import SystemClock
from vendors.measures import Dimension
from vendors.port import Platform
from vendors.records import Channel

D, K = Dimension, IndicatorKey
LONDON = "Europe/London"
MONDAY = date(2026, 3, 2)
CHATS, CALLS = (Channel.CHAT,), (Channel.CALL,)
LIVE = (K.CONVERSATIONS_UNANSWERED, K.CONVERSATIONS_ABANDONED, K.CONVERSATIONS_HANDLED)


def asked(*items: str, days: int = 7, first: date = MONDAY, **more: Any) -> MeasureRequest:  # noqa: ANN401 - members of the request
    native = tuple(one if one in set(K) else f"gnatta.{one}" for one in items)
    return MeasureRequest(
        items=native,
        start=local_midnight(first, zone(LONDON)),
        end=local_midnight(first + timedelta(days=days), zone(LONDON)),
        zone=LONDON,
        **more,
    )


async def answered(platform: Platform, request: MeasureRequest) -> MeasureAnswer:
    return (await counted(platform, request))[0]


async def counted(platform: Platform, request: MeasureRequest) -> tuple[MeasureAnswer, int]:
    """Return the answer, and how many requests for figures were sent for it."""
    clock = SystemClock()
    context = context_of(
        platform,
        clock=clock,  # type: ignore[arg-type]  # any clock will do
        cache=FakeCache(clock),  # type: ignore[arg-type]  # as above
        limits=Limits(most_calls=1000),
        seconds=60.0,
    )
    found = await measure(context, request, [platform])
    assert found.failures == ()
    return found, context.call.log.count("gnatta")


async def values(platform: Platform, *items: str, **more: Any) -> dict[Any, float | None]:  # noqa: ANN401 - members of the request
    """Return the values by item, or by item and members where the request is grouped."""
    found = await answered(platform, asked(*items, **more))
    return {
        (one.item.removeprefix("gnatta."), *(m.id for m in one.group))
        if one.group
        else key_of(one): (one.value)
        for one in found.series
    }


def key_of(one: Series) -> str:
    return one.item.removeprefix("gnatta.")
