from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of

from resolvers.directories import DirectoryFilter, listed
from resolvers.outcomes import Freshness
from vendors.calls import Call
from vendors.capabilities import Capability
from vendors.errors import BadInputError, PlatformServerError
from vendors.port import Platform
from vendors.records import Agent, Client, Listed, Site, Skill, Tag, Team


class Shelf:
    """Keeps the short lists that it is given, and counts how often it is asked."""

    def __init__(self, *entries: Listed) -> None:
        self._entries = entries
        self.asked: list[str] = []
        self.broken = False

    @property
    def directory_kinds(self) -> frozenset[type[Listed]]:
        return frozenset(map(type, self._entries))

    async def directory(self, kind: type[Any], _call: Call) -> tuple[Any, ...]:
        self.asked.append(kind.__name__)
        if self.broken:
            raise PlatformServerError("broken")
        return tuple(one for one in self._entries if type(one) is kind)


def team(native_id: str, name: str | None = None, platform: str = "a", **more: Any) -> Team:  # noqa: ANN401 - members of the record
    return Team(platform=platform, native_id=native_id, name=name, **more)


async def names(
    platforms: Sequence[Platform], wanted: DirectoryFilter | None = None, kind: type[Any] = Team
) -> list[str]:
    context = context_of(*platforms)
    page = await listed(
        context, kind, wanted or DirectoryFilter(), tuple(platforms), first=50, after=None
    )
    return [one.label for one in page.items]


async def test_entries_come_platform_by_platform_and_by_name() -> None:
    platforms = [
        platform_of("b", directories=Shelf(team("1", "zulu", "b"), team("2", "Alpha", "b"))),
        platform_of("a", directories=Shelf(team("9"), team("1", "beta"))),
    ]

    assert await names(platforms) == ["Alpha", "zulu", "9", "beta"]


async def test_a_platform_without_the_list_is_told_apart_and_not_asked() -> None:
    shelf = Shelf(Tag(platform="a", native_id="1"))
    platforms = platform_of("a", directories=shelf), platform_of("b")
    context = context_of(*platforms)

    page = await listed(context, Team, DirectoryFilter(), platforms, first=5, after=None)

    assert [one.freshness for one in page.sources] == [Freshness.UNSUPPORTED] * 2
    assert (page.items, page.errors, shelf.asked) == ((), (), [])


async def test_a_platform_that_fails_costs_its_own_entries_only() -> None:
    broken = Shelf(team("1", "lost"))
    broken.broken = True
    platforms = (
        platform_of("a", directories=broken),
        platform_of("b", directories=Shelf(team("2", "kept", "b"))),
    )
    context = context_of(*platforms)

    page = await listed(context, Team, DirectoryFilter(), platforms, first=5, after=None)

    assert [one.label for one in page.items] == ["kept"]
    assert [(one.platform, one.code) for one in page.failures] == [("a", "PLATFORM_ERROR")]


async def test_a_list_is_read_once_for_minutes_whatever_is_asked_of_it() -> None:
    clock = FakeClock(NOW)
    cache, shelf = FakeCache(clock), Shelf(team("1", "one"), team("2", "two"))
    platform = platform_of("a", directories=shelf)
    for wanted in (
        DirectoryFilter(),
        DirectoryFilter(name="two"),
        DirectoryFilter(parent_ids=("7",)),
    ):
        context = context_of(platform, clock=clock, cache=cache)
        await listed(context, Team, wanted, (platform,), first=5, after=None)

    assert shelf.asked == ["Team"]


@pytest.mark.parametrize(
    ("kind", "wanted", "expected"),
    [
        (Team, {"native_ids": ("2",)}, ["south"]),
        (Team, {"parent_ids": ("2",)}, ["north"]),
        (Team, {"agent_ids": ("x",)}, ["north"]),
        (Team, {"name": "OUT"}, ["south"]),
        (Team, {"name": "*th"}, ["north", "south"]),
        (Team, {"name": "n*"}, ["north"]),
        (Team, {"name": "n*t"}, []),
        (Team, {"name": "*o*h"}, ["north", "south"]),
        (Team, {"name": "so*uth"}, ["south"]),
        (Team, {"name": "sout*uth"}, []),
        (Tag, {"site_ids": ("5",)}, ["late"]),
        (Site, {"client_ids": ("8",)}, ["shop"]),
        (Client, {}, ["8"]),
        (Skill, {"agent_ids": ("y",)}, []),
    ],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
async def test_filters(kind: type[Any], wanted: Mapping[str, Any], expected: list[str]) -> None:
    shelf = Shelf(
        team("1", "north", parent_id="2", agent_ids=("x",)),
        team("2", "south"),
        Tag(platform="a", native_id="3", name="late", site_ids=("5", "6")),
        Tag(platform="a", native_id="4", name="lost", site_ids=None),
        Site(platform="a", native_id="5", name="shop", client_id="8"),
        Site(platform="a", native_id="6", name="other"),
        Client(platform="a", native_id="8"),
        Skill(platform="a", native_id="7", agent_ids=("x",)),
    )

    platforms = [platform_of("a", directories=shelf)]
    assert await names(platforms, DirectoryFilter(**wanted), kind) == expected


NAMES = st.lists(st.text(alphabet="aAbBé ", max_size=3), max_size=12)


@given(left=NAMES, right=NAMES, first=st.integers(1, 5))
def test_pages_lose_and_double_nothing(left: list[str], right: list[str], first: int) -> None:
    platforms = tuple(
        platform_of(
            key,
            directories=Shelf(
                Client(platform=key, native_id="-"),
                *(team(str(number), name or None, key) for number, name in enumerate(own)),
            ),
        )
        for key, own in (("a", left), ("b", right))
    )
    # Both list teams, or are left out for want of one.
    chosen = tuple(one for one in platforms if Capability.TEAMS in one.capabilities)

    async def read(size: int) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        after = None
        while True:
            context = context_of(*platforms)
            page = await listed(context, Team, DirectoryFilter(), chosen, first=size, after=after)
            found += [(one.platform, one.native_id) for one in page.items]
            assert len(page.items) <= size
            if not page.has_next_page:
                return found
            after = page.end_cursor

    whole = asyncio.run(read(100))
    assert asyncio.run(read(first)) == whole
    assert len(set(whole)) == len(whole) == len(left) + len(right)


async def test_a_cursor_is_of_one_kind_only() -> None:
    shelf = Shelf(team("1"), team("2"), Tag(platform="a", native_id="3"))
    platform = platform_of("a", directories=shelf)
    context = context_of(platform)
    page = await listed(context, Team, DirectoryFilter(), (platform,), first=1, after=None)

    with pytest.raises(BadInputError):
        await listed(context, Tag, DirectoryFilter(), (platform,), first=1, after=page.end_cursor)


class People:
    """Two agents, who may say to what they belong."""

    def __init__(self, **members: Any) -> None:  # noqa: ANN401 - members of the record
        self._members = members
        self.asked = 0
        self.broken = False

    async def agents(self, _call: Call) -> tuple[Agent, ...]:
        self.asked += 1
        if self.broken:
            raise PlatformServerError("broken")
        return (
            Agent(platform="a", native_id="x", name="Xenia", **self._members),
            Agent(platform="a", native_id="y", name="Yves"),
        )


@pytest.mark.parametrize(
    ("told", "members", "expected"),
    [
        (("y",), {"team_ids": ("1",)}, ["Yves"]),
        ((), {"team_ids": ("1",)}, []),
        (None, {"team_ids": ("1", "2")}, ["Xenia"]),
        (None, {"team_ids": ("2",)}, []),
        (None, {}, None),
    ],
    ids=str,
)
async def test_agents_of_a_team_are_whom_it_names_or_who_name_it(
    told: tuple[str, ...] | None, members: Mapping[str, Any], expected: list[str] | None
) -> None:
    people, own = People(**members), team("1", agent_ids=told)
    context = context_of(platform_of("a", directories=Shelf(own), agents=people))

    links = context.loaders.links
    found, again = await asyncio.gather(links.agents_of(own), links.agents_of(own))

    assert found == again
    assert (None if found is None else [one.label for one in found]) == expected
    assert people.asked == 1


async def test_a_platform_without_agents_tells_none_of_a_team() -> None:
    own = team("1", agent_ids=("x",))
    context = context_of(platform_of("a", directories=Shelf(own)))

    assert await context.loaders.links.agents_of(own) is None


async def test_teams_are_found_by_their_agents_whoever_of_the_two_tells() -> None:
    shelf = Shelf(team("1", "told", agent_ids=("x",)), team("2", "asked"), team("3", "other"))
    people = People(team_ids=("2",))
    platform = platform_of("a", directories=shelf, agents=people)

    assert await names([platform], DirectoryFilter(agent_ids=("x",))) == ["asked", "told"]
    assert await names([platform], DirectoryFilter(agent_ids=("y",))) == []
    assert await names([platform]) == ["asked", "other", "told"]
    assert people.asked == 2


async def test_what_records_refer_to_is_one_list_for_all() -> None:
    shelf = Shelf(team("1", "one"), team("2", "two"), Site(platform="a", native_id="5"))
    platform = platform_of("a", directories=shelf, agents=People())
    links = context_of(platform).loaders.links

    found = await asyncio.gather(
        links.entry(Team, "a", "1"),
        links.entry(Team, "a", "7"),
        links.entry(Team, "a", None),
        links.entries(Team, "a", ("2", "7", "1")),
        links.entries(Tag, "a", ("2",)),
        links.entries(Site, "a", None),
    )

    one, two = team("1", "one"), team("2", "two")
    assert list[object](found) == [one, None, None, [two, one], None, None]
    assert shelf.asked == ["Team"]


@pytest.mark.parametrize("broken", ["shelf", "people"])
async def test_the_failure_in_whose_place_an_older_list_stands_is_told(broken: str) -> None:
    shelf, people = Shelf(team("1", "told", agent_ids=("x",))), People()
    clock = FakeClock()
    cache = FakeCache(clock)
    platform = platform_of("a", directories=shelf, agents=people)
    wanted = DirectoryFilter(agent_ids=("x",))
    context = context_of(platform, clock=clock, cache=cache)
    await listed(context, Team, wanted, (platform,), first=50, after=None)
    clock.pass_(minutes=12)
    shelf.broken, people.broken = broken == "shelf", broken == "people"

    context = context_of(platform, clock=clock, cache=cache)
    page = await listed(context, Team, wanted, (platform,), first=50, after=None)

    assert [one.label for one in page.items] == ["told"]
    assert [(one.platform, one.stale_age_seconds) for one in page.failures] == [("a", 720.0)]
    assert [one.freshness for one in page.sources] == [Freshness.STALE]
