"""Questions about indicators, answered by the product from the simulator behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
from tests.fakes import FakeClock, context_of
from tests.vendors.chattonic.simulated import ORIGIN, Vendor

from resolvers.context import Limits
from resolvers.indicators import measure
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer, Series
from vendors.chattonic import SPEC
from vendors.chattonic.sandbox.profile import CODENAME, PASSWORD, USERNAME
from vendors.measures import Grain
from vendors.port import Wiring

_DAY = timedelta(days=1)


class App:
    """One app of the simulator, asked as the product asks; `requests` are what it cost."""

    def __init__(self, vendor: Vendor, **changes: object) -> None:
        self.requests: list[httpx.Request] = []
        self._inner = httpx.ASGITransport(vendor.app)
        self._clock = FakeClock(vendor.now)
        given: dict[str, object] = {
            "key": "ct",
            "vendor": "chattonic",
            "base_url": ORIGIN,
            "codename": CODENAME,
            "username": USERNAME,
            "password": PASSWORD,
            "duration_unit": "seconds",
        }
        self._settings = SPEC.settings.model_validate(given | changes)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/login"):
            self.requests.append(request)
        return await self._inner.handle_async_request(request)

    async def answer(self, request: MeasureRequest) -> MeasureAnswer:
        """Answer from nothing: nothing is kept from the questions before."""
        self.requests.clear()
        wiring = Wiring(clock=self._clock, transport=httpx.MockTransport(self._handle))
        platform = SPEC.build(self._settings, wiring)
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
    first: date = date(2026, 11, 2),
    days: int = 14,
    grain: Grain = Grain.TOTAL,
    **members: Any,  # noqa: ANN401 (members of the request)
) -> MeasureRequest:
    """Ask for whole days of UTC, by default for two weeks that are over."""
    start = midnight(first)
    end = start + days * _DAY
    return MeasureRequest(items=items, start=start, end=end, zone="UTC", grain=grain, **members)


def midnight(day: date) -> datetime:
    """Return the beginning of a day of UTC."""
    return datetime.combine(day, time(), UTC)
