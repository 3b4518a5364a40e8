"""What iAdvize tells of one operator at a time."""

from __future__ import annotations

import httpx
import pytest
from tests.fakes import FakeClock
from tests.vendors.iadvize.conftest import Open
from tests.vendors.iadvize.simulated import Vendor
from tests.vendors.iadvize.upstream import Upstream, failure, saying, success

from vendors.calls import Call
from vendors.errors import PlatformBadResponseError, PlatformServerError
from vendors.iadvize import SPEC
from vendors.port import Platform, Wiring
from vendors.records import Agent
from vendors.staff import AgentLifetime, AgentProfile

PROFILE = {
    "user_id": 123,
    "status": "Je suis disponible pour vous aider",
    "description": "Passionné par la menuiserie depuis plusieurs années.",
    "facebook": "john.doe",
    "twitter": "johndoe45",
    "city": "Nantes",
    "country": "France",
}
EVER = {"id": 123, "conversation_number": 589, "satisfaction_global_rate": 0.86, "experience": 5630}


async def profile_of(platform: Platform, native_id: str) -> AgentProfile | None:
    assert platform.profiles is not None
    return await platform.profiles.profile(native_id, Call.within(5))


async def lifetime_of(platform: Platform, native_id: str) -> AgentLifetime | None:
    assert platform.lifetimes is not None
    return await platform.lifetimes.lifetime(native_id, Call.within(5))


async def test_a_profile_is_one_call_that_names_the_user(opened: Open) -> None:
    upstream = Upstream(saying(PROFILE))

    assert await profile_of(opened(upstream), "123") == AgentProfile(
        platform="ia",
        agent_id="123",
        status="Je suis disponible pour vous aider",
        description="Passionné par la menuiserie depuis plusieurs années.",
        facebook="john.doe",
        twitter="johndoe45",
        city="Nantes",
        country="France",
    )
    assert upstream.request.method == "GET"
    assert upstream.request.url.raw_path == b"/api/2/operator/123/profile"


async def test_what_nobody_wrote_is_none(opened: Open) -> None:
    upstream = Upstream(saying({"user_id": "7", "status": None, "facebook": 1000123}))

    assert await profile_of(opened(upstream), "7") == AgentProfile(
        platform="ia", agent_id="7", facebook="1000123"
    )


async def test_a_lifetime_is_one_call(opened: Open) -> None:
    upstream = Upstream(saying(EVER))

    assert await lifetime_of(opened(upstream), "123") == AgentLifetime(
        platform="ia", agent_id="123", conversations=589, satisfaction_rate=0.86, experience=5630
    )
    assert upstream.request.url.raw_path == b"/api/2/operator/123/statistic"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"conversation_number": "589", "experience": "10"}, (589, None, 10)),
        ({"conversation_number": 0, "satisfaction_global_rate": "0.5"}, (0, 0.5, None)),
        ({}, (None, None, None)),
    ],
)
async def test_figures_may_be_strings_and_may_be_missing(
    opened: Open, told: dict[str, object], expected: tuple[object, ...]
) -> None:
    found = await lifetime_of(opened(Upstream(saying(told))), "1")

    assert found is not None
    assert (found.conversations, found.satisfaction_rate, found.experience) == expected


async def test_a_figure_that_is_no_number_is_no_answer(opened: Open) -> None:
    platform = opened(Upstream(saying({"conversation_number": "many"})))

    with pytest.raises(PlatformBadResponseError):
        await lifetime_of(platform, "1")


@pytest.mark.parametrize(
    "answer",
    [lambda _: failure("Unknown 'operator' with 'id' 9."), lambda _: success([])],
    ids=["unknown", "an empty list for no object"],
)
async def test_who_is_not_there_has_neither(opened: Open, answer: object) -> None:
    platform = opened(Upstream(answer))  # type: ignore[arg-type]  # one of the two above

    assert await profile_of(platform, "9") is None
    assert await lifetime_of(platform, "9") is None


@pytest.mark.parametrize("native_id", ["", "1/../2", "abc", "-1", "\uff11"])
async def test_what_is_no_number_is_not_asked_for(opened: Open, native_id: str) -> None:
    upstream = Upstream(saying(PROFILE))
    platform = opened(upstream)

    assert await profile_of(platform, native_id) is None
    assert await lifetime_of(platform, native_id) is None
    assert upstream.requests == []


async def test_a_failure_is_passed_on(opened: Open) -> None:
    platform = opened(Upstream(lambda _: httpx.Response(502)))

    with pytest.raises(PlatformServerError):
        await profile_of(platform, "1")


def simulated(vendor: Vendor) -> Platform:
    table = {**vendor.settings, "key": "ia", "vendor": "iadvize"}
    transport = httpx.ASGITransport(vendor.simulator.app)
    wiring = Wiring(clock=FakeClock(vendor.now), transport=transport)
    return SPEC.build(SPEC.settings.model_validate(table), wiring)


async def test_one_operator_of_the_simulator_is_as_it_is_listed() -> None:
    platform = simulated(Vendor())
    assert platform.agents is not None
    assert platform.fetches is not None
    listed = await platform.agents.agents(Call.within(5))
    found = [await platform.fetches.fetch(Agent, one.native_id, Call.within(5)) for one in listed]
    gone = await platform.fetches.fetch(Agent, "987654", Call.within(5))
    await platform.close()

    assert tuple(found) == listed != ()
    assert all(one.channel_settings and one.admin_language for one in listed)
    assert gone is None


async def test_everybody_of_the_simulator_has_both() -> None:
    vendor = Vendor()
    platform = simulated(vendor)
    operators = await vendor.every("/operator")
    profiles = [await profile_of(platform, str(row["id"])) for row in operators]
    lifetimes = [await lifetime_of(platform, str(row["id"])) for row in operators]
    gone = await profile_of(platform, "987654"), await lifetime_of(platform, "987654")
    await platform.close()

    assert [one and one.agent_id for one in profiles] == [str(row["id"]) for row in operators]
    told = [one for one in profiles if one is not None and one.city is not None]
    assert told
    assert all(one.status and one.description and one.country for one in told)
    assert len({one.facebook for one in told}) == len(told) < len(operators)
    assert all(one is not None and (one.conversations or 0) > 0 for one in lifetimes)
    assert gone == (None, None)
