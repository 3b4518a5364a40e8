"""Nobody is ever shown what belongs to another, whatever is kept where, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.gateway.tenants import Tenants, running, seen, settings_of
from tests.stores import running_redis

Kept = Mapping[str, Any]


@pytest.fixture(params=["memory", "disk", pytest.param("redis", marks=pytest.mark.redis)])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    """The settings of a cache that all gateways of a test share."""
    patient = {"backend": request.param, "timeout_seconds": 5}
    if request.param == "redis":
        with running_redis() as server:
            yield {**patient, "url": server.url}
    elif request.param == "disk":
        yield {**patient, "path": tmp_path / "cache.sqlite"}
    else:
        yield patient


async def test_keys_that_see_different_platforms_are_shown_their_own(kept: Kept) -> None:
    tenants = Tenants()
    settings = settings_of(tenants, {"north": "alpha", "south": "beta"}, kept)
    own = {
        name: seen(**one)
        for name, one in (("north", {"north": "alpha"}), ("south", {"south": "beta"}))
    }
    async with running(tenants, settings) as one, running(tenants, settings) as other:
        for _ in range(50):
            asked = [(house, name) for house in (one, other) for name in own for _ in range(3)]
            told = await asyncio.gather(*(house.asked_by(name) for house, name in asked))
            assert [company for company, _ in told] == [own[name] for _, name in asked]
        both, _ = await one.asked_by("all")
    assert both == {**own["north"], **own["south"]}


async def test_a_platform_that_a_key_does_not_see_is_refused_though_it_is_kept(kept: Kept) -> None:
    tenants = Tenants()
    settings = settings_of(tenants, {"north": "alpha", "south": "beta"}, kept)
    async with running(tenants, settings) as house:
        await house.asked_by("all")
        answer = await house.answer("north", "south")
    assert answer["data"] == {"agents": None, "indicators": None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert answer["extensions"]["switchboard"]["calls"] == []


async def test_accounts_of_one_vendor_are_apart_though_each_takes_the_others_name(
    kept: Kept,
) -> None:
    tenants = Tenants()
    before = settings_of(tenants, {"north": "alpha", "south": "beta"}, kept)
    after = settings_of(tenants, {"north": "beta", "south": "alpha"}, kept)
    for settings, company in (
        (before, seen(north="alpha", south="beta")),
        (after, seen(north="beta", south="alpha")),
        (before, seen(north="alpha", south="beta")),
    ):
        async with running(tenants, settings) as house:
            assert (await house.asked_by("all"))[0] == company


async def test_another_credential_between_restarts_finds_nothing_of_the_first(kept: Kept) -> None:
    tenants = Tenants()
    told = []
    for token in ("alpha", "beta", "alpha"):
        async with running(tenants, settings_of(tenants, {"north": token}, kept)) as house:
            told.append(await house.asked_by("all"))
    assert [company for company, _ in told] == [
        seen(north=token) for token in ("alpha", "beta", "alpha")
    ]
    # Agents are people: they are never on disk.
    again = {"memory": 2, "disk": 1, "redis": 0}[kept["backend"]]
    assert [calls for _, calls in told] == [2, 2, again]


async def test_another_address_is_another_account(kept: Kept) -> None:
    tenants = Tenants()
    names = []
    for address in ("https://one.test", "https://two.test"):
        settings = settings_of(tenants, {"north": "alpha"}, kept)
        (platform,) = settings.platforms
        moved = platform.model_copy(update={"base_url": address})
        whole = settings.model_copy(update={"platforms": (moved,)})
        async with running(tenants, whole) as house:
            company, calls = await house.asked_by("all")
            assert calls == 2
            names.append(company["north"][0])
    assert names == ["Ana of alpha at https://one.test", "Ana of alpha at https://two.test"]


async def test_another_secret_finds_nothing_and_spoils_nothing(kept: Kept) -> None:
    tenants = Tenants()
    costs = []
    for secret in ("k", "l", "k"):
        settings = settings_of(tenants, {"north": "alpha"}, kept, id_key=secret * 43)
        async with running(tenants, settings) as house:
            company, calls = await house.asked_by("all")
            assert company == seen(north="alpha")
            costs.append(calls)
    assert costs == [2, 2, {"memory": 2, "disk": 1, "redis": 0}[kept["backend"]]]


async def test_a_title_or_a_pace_is_nothing_that_values_depend_on(kept: Kept) -> None:
    tenants = Tenants()
    settings = settings_of(tenants, {"north": "alpha"}, kept)
    (platform,) = settings.platforms
    pacing = platform.pacing.model_copy(update={"concurrency": 3})
    renamed = platform.model_copy(update={"title": "The North", "pacing": pacing})
    async with running(tenants, settings) as house:
        await house.asked_by("all")
    whole = settings.model_copy(update={"platforms": (renamed,)})
    async with running(tenants, whole) as house:
        company, calls = await house.asked_by("all")
    assert company == seen(north="alpha")
    assert calls == {"memory": 2, "disk": 1, "redis": 0}[kept["backend"]]


async def test_two_processes_that_are_asked_at_once_make_each_call_once(kept: Kept) -> None:
    tenants = Tenants()
    settings = settings_of(tenants, {"north": "alpha", "south": "beta"}, kept)
    async with running(tenants, settings) as one, running(tenants, settings) as other:
        told = await asyncio.gather(
            *(house.asked_by("all") for house in (one, other) for _ in range(5))
        )
    assert [company for company, _ in told] == [seen(north="alpha", south="beta")] * 10
    # What is in memory only is asked by each for itself.
    staff = {"memory": 4, "disk": 4, "redis": 2}[kept["backend"]]
    figures = {"memory": 4, "disk": 2, "redis": 2}[kept["backend"]]
    assert sum(calls for _, calls in told) == staff + figures
    assert len(tenants.calls) == staff


DAYS = """query ($platforms: [String!], $from: DateTime!, $to: DateTime!) {
  indicators(
    keys: [CONVERSATIONS_STARTED], granularity: DAY, platforms: $platforms,
    period: { between: { from: $from, to: $to } }
  ) { series { points { value } } failures { code } }
}"""


async def test_what_each_process_adds_to_a_month_is_there_for_all(kept: Kept) -> None:
    tenants = Tenants()
    settings = settings_of(tenants, {"north": "alpha"}, kept)
    costs = []
    async with (
        running(tenants, settings) as one,
        running(tenants, settings) as other,
        running(tenants, settings) as third,
    ):
        # The first adds to what it has in memory itself after the second has added to the store.
        for house, first, last in (
            (one, 2, 4),
            (other, 6, 8),
            (one, 10, 12),
            (third, 6, 8),
            (third, 10, 12),
        ):
            between = {
                "from": f"2026-03-{first:02}T00:00:00Z",
                "to": f"2026-03-{last:02}T00:00:00Z",
            }
            answer = await house.answer("all", query=DAYS, **between)
            assert answer["data"]["indicators"]["failures"] == []
            costs.append(len(answer["extensions"]["switchboard"]["calls"]))
    later = 1 if kept["backend"] == "memory" else 0
    assert costs == [1, 1, 1, later, later]
