"""Questions about indicators, answered by the product from the simulator behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from tests.fakes import FakeClock, context_of
from tests.vendors.iadvize.simulated import ORIGIN, Vendor
from tests.vendors.iadvize.upstream import filters_of

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.buckets import local_midnight, zone
from vendors.iadvize import SPEC
from vendors.measures import Grain
from vendors.port import Wiring


class Account:
    """One account of the simulator, asked as the product asks; `requests` are what it cost."""

    def __init__(self, vendor: Vendor, **changes: object) -> None:
        self.requests: list[httpx.Request] = []
        self._inner = httpx.ASGITransport(vendor.simulator.app)
        self._clock = FakeClock(vendor.now)
        table = {**vendor.simulator.settings(ORIGIN), **changes}
        self.settings = SPEC.settings(key="ia", vendor="iadvize", title="iAdvize", **table)

    @property
    def statistics(self) -> list[dict[str, str]]:
        """The filters of the requests for statistics."""
        return [
            filters_of(one) for one in self.requests if one.url.path.endswith("/api/2/statistic")
        ]

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return await self._inner.handle_async_request(request)

    async def answer(self, request: MeasureRequest) -> MeasureAnswer:
        """Answer from nothing: nothing is kept from the questions before."""
        self.requests.clear()
        wiring = Wiring(clock=self._clock, transport=httpx.MockTransport(self._handle))
        platform = SPEC.build(self.settings, wiring)
        limits = Limits(most_calls=10_000)
        context = context_of(platform, clock=self._clock, limits=limits, seconds=60.0)
        try:
            answer = await measure(context, request, [platform])
        finally:
            await platform.close()
        assert answer.failures == ()
        return answer

    async def series(self, *items: str, **members: Any) -> list[Series]:  # noqa: ANN401
        """Answer what is asked of the days that `asking` takes by default."""
        return list((await self.answer(asking(*items, **members))).series)

    async def one(self, item: str, **members: Any) -> Series:  # noqa: ANN401
        """Answer what has one series."""
        (only,) = await self.series(item, **members)
        return only


def asking(
    *items: str,
    first: date = date(2026, 11, 9),
    days: int = 7,
    where: str = "Europe/Paris",
    grain: Grain = Grain.TOTAL,
    **members: Any,  # noqa: ANN401 (members of the request)
) -> MeasureRequest:
    """Ask for whole local days, by default for a week that is over."""
    start = local_midnight(first, zone(where))
    end = local_midnight(first + timedelta(days=days), zone(where))
    return MeasureRequest(items=items, start=start, end=end, zone=where, grain=grain, **members)


def by_group(series: Sequence[Series]) -> dict[tuple[str, ...], float | None]:
    """Return the values of one item by the ids of its groups."""
    found = {tuple(member.id for member in one.group): one.value for one in series}
    assert len(found) == len(series)
    return found


def written(instant: datetime, where: str) -> str:
    """Write an instant as the simulator takes it."""
    return instant.astimezone(zone(where)).strftime("%Y-%m-%d %H:%M:%S")


def bounds(start: datetime, end: datetime, where: str) -> dict[str, str]:
    """Return the filters of the simulator for a half-open window."""
    return {"from_": written(start, where), "to": written(end - timedelta(seconds=1), where)}
