"""What it costs to ask about one agent, team or skill, and then about the next."""

from __future__ import annotations

import httpx
import pytest
from tests.fakes import FakeCache, FakeClock, context_of
from tests.vendors.iadvize.answered import asking
from tests.vendors.iadvize.simulated import Vendor
from tests.vendors.iadvize.upstream import filters_of

from resolvers.indicators import measure
from vendors.iadvize import SPEC
from vendors.iadvize.sandbox.profile import PROFILE
from vendors.measures import Dimension
from vendors.port import Wiring


@pytest.mark.parametrize(
    ("dimension", "resource", "members"),
    [
        (Dimension.AGENT, "operator", ("902", "903", "904")),
        (Dimension.TEAM, "group", tuple(str(one.id) for one in PROFILE.teams)),
        (Dimension.SKILL, "skill", tuple(str(one.id) for one in PROFILE.skills)),
    ],
)
async def test_the_answer_about_one_member_serves_the_others_too(
    dimension: Dimension, resource: str, members: tuple[str, ...]
) -> None:
    vendor = Vendor()
    clock = FakeClock(vendor.now)
    cache = FakeCache(clock)
    sent: list[dict[str, str]] = []
    inner = httpx.ASGITransport(vendor.simulator.app)

    async def handle(request: httpx.Request) -> httpx.Response:
        sent.append(filters_of(request))
        return await inner.handle_async_request(request)

    settings = SPEC.settings.model_validate({**vendor.settings, "key": "ia", "vendor": "iadvize"})
    platform = SPEC.build(settings, Wiring(clock=clock, transport=httpx.MockTransport(handle)))

    async def one(*ids: str) -> float | None:
        question = asking("CONVERSATIONS_STARTED", filters=((dimension, ids),))
        context = context_of(platform, clock=clock, cache=cache)
        (series,) = (await measure(context, question, [platform])).series
        return series.value

    values = [await one(member) for member in members]
    together = await one(*members)
    await platform.close()

    (asked,) = sent
    assert asked["resource"] == resource
    assert "resource_id" not in asked
    assert all(value is not None and value > 0 for value in values)
    assert len(set(values)) > 1
    assert together == sum(value or 0 for value in values)
