"""Flat rows of lists: each once, nothing asked twice, and a platform that fails costs its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.test_agents import Staff
from tests.resolvers.test_conversations import Listing

from resolvers.context import Limits, Principal, RequestContext, Scope
from resolvers.outcomes import Freshness
from resolvers.rows.asking import parameters_of, read_request, size_of
from resolvers.rows.columns import Row
from resolvers.rows.registry import STANDARD, tables
from resolvers.rows.table import RowPage, RowTable, merged_sources, read_all
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformServerError
from vendors.port import ConversationQuery, HistoryQuery, Page, Platform
from vendors.records import Agent, AgentPresence, Conversation, Customer, Dated

CONVERSATIONS, AGENTS = STANDARD["conversations"], STANDARD["agents"]
CUSTOMERS = STANDARD["customers"]
AGES = st.lists(st.integers(0, 90_000), max_size=25)


class Counted(Listing):
    """A list of conversations that counts what it gives out."""

    given = 0

    async def conversations(self, query: ConversationQuery, call: Call) -> Page[Conversation]:
        page = await super().conversations(query, call)
        self.given += len(page.items)
        return page


class Register:
    """A platform's customers."""

    history_filters = {Customer: frozenset[str]()}  # noqa: RUF012 (what the port says)

    def __init__(self, key: str) -> None:
        self.key = key

    async def history(self, kind: type[Dated], query: HistoryQuery, _call: Call) -> Page[Customer]:
        assert (kind, query.start, query.end) == (Customer, None, None)
        one = Customer(platform=self.key, native_id="7", at=NOW, email="a@b.example", city="Lyon")
        return Page((one,), ("7",), has_more=False)


def house(*lists: Listing) -> list[Platform]:
    return [platform_of(one.key, conversations=one) for one in lists]


def cells(table: RowTable, rows: Sequence[Row], name: str) -> list[object]:
    place = table.names.index(name)
    return [row[place] for row in rows]


async def pages(
    table: RowTable, context: RequestContext, size: int, **asked: str | None
) -> list[RowPage]:
    request = read_request(context, table, {"from": "-7d", **asked} if table.dated else asked)
    return [page async for page in read_all(table, context, request, size=size)]


@given(one=AGES, other=AGES, size=st.integers(1, 30))
def test_every_row_comes_once_whatever_the_size_of_pages(
    one: list[int], other: list[int], size: int
) -> None:
    lists = Counted("one", one), Counted("two", other)

    async def read() -> tuple[list[RowPage], list[RowPage]]:
        clock = FakeClock(NOW + timedelta(seconds=1))
        small = await pages(CONVERSATIONS, context_of(*house(*lists), clock=clock), size)
        counted = sum(each.given for each in lists)
        (whole,) = await pages(CONVERSATIONS, context_of(*house(*lists), clock=clock), 1000)
        assert counted == len(whole.rows), "something was read to be dropped"
        return small, [whole]

    small, (whole,) = asyncio.run(read())
    rows = [row for page in small for row in page.rows]
    assert sorted(map(str, rows)) == sorted(map(str, whole.rows))
    assert len({CONVERSATIONS.key_of(row) for row in rows}) == len(rows) == len(one) + len(other)
    assert all(len(page.rows) == size for page in small[:-1])
    assert all((page.end_cursor is None) is not bool(page.rows) for page in small)
    assert small[-1].has_next is False


async def test_a_whole_week_costs_the_calls_of_its_pages() -> None:
    lists = Counted("one", range(300)), Counted("two", range(50))
    context = context_of(*house(*lists))

    (page,) = await pages(CONVERSATIONS, context, 10_000)

    assert len(page.rows) == 350
    assert [len(one.queries) for one in lists] == [1, 1]


async def test_who_gave_all_leaves_the_page_to_others() -> None:
    lists = Counted("one", range(300)), Counted("two", range(5))

    first, *_ = await pages(CONVERSATIONS, context_of(*house(*lists)), 100)

    assert len(first.rows) == 100
    assert [len(one.queries) for one in lists][1] == 1


async def test_a_platform_that_fails_is_told_and_costs_its_own_rows_alone() -> None:
    sound, broken = Counted("one", range(30)), Counted("two", range(30))
    broken.fails = PlatformServerError("no", platform="two", operation="list")

    read = await pages(CONVERSATIONS, context_of(*house(sound, broken)), 10)

    assert [(one.platform, one.code) for page in read for one in page.failures] == [
        ("two", PlatformServerError.code)
    ]
    rows = [row for page in read for row in page.rows]
    assert cells(CONVERSATIONS, rows, "platform") == ["one"] * 30
    assert len(broken.queries) == 1
    told = merged_sources(source for page in read for source in page.sources)
    assert {one.platform: one.freshness for one in told} == {
        "one": Freshness.LIVE,
        "two": Freshness.FAILED,
    }


async def test_a_platform_that_fails_on_the_way_keeps_what_it_gave() -> None:
    other = Counted("two", range(30))
    context = context_of(*house(Counted("one", range(30)), other))
    request = read_request(context, CONVERSATIONS, {})
    begun = await CONVERSATIONS.page(context, request, first=20)
    other.fails = PlatformServerError("no", platform="two", operation="list")
    rest = await CONVERSATIONS.page(context, request, first=100, after=begun.end_cursor)

    assert cells(CONVERSATIONS, begun.rows, "platform").count("two") == 10
    assert cells(CONVERSATIONS, rest.rows, "platform") == ["one"] * 20
    assert [one.platform for one in rest.failures] == ["two"]
    assert rest.has_next is True


async def test_a_platform_that_says_nothing_takes_no_time_of_the_others() -> None:
    class Silent(Counted):
        async def conversations(self, query: ConversationQuery, call: Call) -> Page[Conversation]:
            await asyncio.Event().wait()
            return await super().conversations(query, call)

    lists = Counted("one", range(30)), Silent("two", range(30))
    context = context_of(*house(*lists), seconds=1.0)
    request = read_request(context, CONVERSATIONS, {})
    every = read_all(CONVERSATIONS, context, request, size=20, seconds=60.0)
    first, *rest = [page async for page in every]

    assert [one.platform for one in first.failures] == ["two"]
    assert (len(first.rows), first.has_next) == (10, True)
    assert [(len(page.rows), page.failures) for page in rest] == [(20, ()), (0, ())]
    assert (rest[-1].has_next, rest[-1].end_cursor) == (False, None)


async def test_who_has_no_such_list_says_so_and_is_not_asked() -> None:
    context = context_of(*house(Listing("one", range(3))), platform_of("two"))

    (page,) = await pages(CONVERSATIONS, context, 100)

    assert {one.platform: one.freshness for one in page.sources} == {
        "one": Freshness.LIVE,
        "two": Freshness.UNSUPPORTED,
    }
    assert page.failures == ()


@pytest.mark.parametrize("name", STANDARD)
async def test_without_anything_to_tell_a_page_is_empty_and_ends(name: str) -> None:
    table = tables(())[name]
    context = context_of()

    (page,) = await pages(table, context, 10)

    assert (list(page.rows), page.end_cursor, page.has_next) == ([], None, False)
    assert table.columns == STANDARD[name].columns


async def test_a_list_that_cannot_be_had_whole_is_told() -> None:
    short, whole = Listing("one", range(3)), Listing("two", range(3))
    short.ends_early = True

    (page,) = await pages(CONVERSATIONS, context_of(*house(short, whole)), 100)

    assert (len(page.rows), page.truncated, page.has_next) == (3, ("one",), False)


async def test_an_empty_window_asks_nobody() -> None:
    listing = Listing("one", range(3))
    asked = {"from": "2026-03-01", "to": "2026-03-02", "updated_since": "2026-03-02"}

    (page,) = await pages(CONVERSATIONS, context_of(*house(listing)), 10, **asked)

    assert (page.rows, page.end_cursor, listing.queries) == ((), None, [])


async def test_a_copy_is_brought_up_to_date_from_a_moment_on() -> None:
    listing = Listing("one", [100, 5000, 9000])
    since = (NOW - timedelta(seconds=5500)).isoformat().replace("+00:00", "Z")

    (page,) = await pages(CONVERSATIONS, context_of(*house(listing)), 10, updated_since=since)

    assert len(page.rows) == 2
    assert listing.queries[0].start == NOW - timedelta(seconds=5500)


async def test_the_local_day_stands_beside_the_instant() -> None:
    context = context_of(*house(Listing("one", [0, 60_000])))

    (page,) = await pages(CONVERSATIONS, context, 10, tz="Pacific/Auckland")

    assert cells(CONVERSATIONS, page.rows, "started_at") == [
        NOW - timedelta(seconds=1),
        NOW - timedelta(seconds=60_001),
    ]
    assert cells(CONVERSATIONS, page.rows, "started_at_date") == [
        date(2026, 3, 18),
        date(2026, 3, 18),
    ]
    assert cells(CONVERSATIONS, page.rows, "ended_at_date") == [None, None]


async def test_a_cursor_goes_with_its_question() -> None:
    context = context_of(*house(Listing("one", range(9))))
    page = await CONVERSATIONS.page(context, read_request(context, CONVERSATIONS, {}), first=2)
    other = read_request(context, CONVERSATIONS, {"tz": "Europe/Paris"})

    for cursor in (page.end_cursor, "nonsense"):
        for request in (other, read_request(context, AGENTS, {})):
            table = CONVERSATIONS if request is other else AGENTS
            with pytest.raises(BadInputError):
                await table.page(context, request, first=2, after=cursor)


async def test_new_arrivals_shift_nothing() -> None:
    clock = FakeClock(NOW + timedelta(seconds=1))
    listing = Listing("one", range(9))
    context = context_of(*house(listing), clock=clock)
    request = read_request(context, CONVERSATIONS, {"from": "today"})
    page = await CONVERSATIONS.page(context, request, first=4)
    clock.pass_(hours=20)
    listing.items[:0] = Listing("one", [-30_000]).items
    later = context_of(*house(listing), clock=clock)
    again = read_request(later, CONVERSATIONS, {"from": "today"})
    rest = await CONVERSATIONS.page(later, again, first=100, after=page.end_cursor)

    assert [row[1] for row in (*page.rows, *rest.rows)] == [f"one-{n}-{n}" for n in range(9)]


async def test_the_present_state_is_asked_for_only_where_it_is_wanted() -> None:
    staff = Staff("one", "ann", "bob")
    platform = platform_of("one", agents=staff, presence=staff)

    (plain,) = await pages(AGENTS, context_of(platform), 10, fields="name,email")
    assert staff.looks == []
    assert cells(AGENTS, plain.rows, "live_status") == [None, None]
    (live,) = await pages(AGENTS, context_of(platform), 10)
    assert staff.looks == [2]
    assert cells(AGENTS, live.rows, "live_status") == ["available", "away"]


async def test_agents_are_there_although_their_state_is_not() -> None:
    class Silent(Staff):
        async def presence(self, _asked: Sequence[Agent], _call: Call) -> tuple[AgentPresence, ...]:
            raise PlatformServerError("no", platform="one", operation="presence")

    staff = Silent("one", "ann", "bob")
    (page,) = await pages(AGENTS, context_of(platform_of("one", agents=staff, presence=staff)), 10)

    assert cells(AGENTS, page.rows, "name") == ["ann", "bob"]
    assert cells(AGENTS, page.rows, "live_status") == [None, None]
    assert [one.code for one in page.failures] == [PlatformServerError.code]


@pytest.mark.parametrize("scope", [None, Scope.PERSONAL], ids=["reads", "reads personal data"])
async def test_personal_columns_are_for_those_who_may_read_them(scope: Scope | None) -> None:
    scopes = frozenset({Scope.READ, scope} - {None})
    principal = Principal("key", scopes)  # type: ignore[arg-type]  # None is taken out
    context = context_of(platform_of("one", histories=Register("one")), principal=principal)

    (page,) = await pages(CUSTOMERS, context, 10)

    told = dict(zip(CUSTOMERS.names, page.rows[0], strict=True))
    assert (told["email"], told["city"]) == (("a@b.example", "Lyon") if scope else (None, None))
    assert told["customer_id"] == "7"
    assert list(context.withheld) == ([] if scope else ["customers.email", "customers.city"])


def test_nothing_personal_is_in_a_column_that_is_not_marked() -> None:
    marked = {name for table in STANDARD.values() for name in table.personal}

    assert marked >= {"given_name", "family_name", "phone", "comment", "customer_email", "address"}
    assert STANDARD["agents"].personal == frozenset()


@pytest.mark.parametrize(
    ("asked", "argument"),
    [
        ({"bucket": "day"}, "bucket"),
        ({"colour": "red"}, "colour"),
        ({"fields": "platform,nothing"}, "fields"),
        ({"platform": "one,nobody"}, "platform"),
        ({"tz": "Mars/Base"}, "tz"),
        ({"from": "soon"}, "from"),
        ({"to": "soon"}, "to"),
        ({"updated_since": "soon"}, "updated_since"),
        ({"from": "today", "to": "-7d"}, "from"),
    ],
    ids=str,
)
async def test_what_is_not_acceptable_is_named(asked: dict[str, str], argument: str) -> None:
    context = context_of(platform_of("one"))

    with pytest.raises(BadInputError) as raised:
        read_request(context, CONVERSATIONS, asked)

    assert raised.value.extensions["argument"] == argument
    assert raised.value.extensions["accepted"]


@pytest.mark.parametrize(
    "asked",
    [{"bucket": "fortnight"}, {"group": "agent,channel,team"}, {"keys": "LUCK"}],
    ids=str,
)
async def test_what_a_table_does_not_know_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        read_request(context_of(), STANDARD["indicators"], asked)


async def test_words_are_read_in_whatever_case_and_once() -> None:
    asked = {"keys": "handle_time, Handle_Time,NPS", "bucket": "DAY", "platform": "", "tz": None}

    request = read_request(context_of(), STANDARD["indicators"], asked)

    assert request.arguments == {"keys": ("HANDLE_TIME", "NPS"), "bucket": ("day",)}
    assert (request.platforms, request.period.time_zone) == (None, "UTC")


async def test_a_page_is_as_long_as_the_settings_allow() -> None:
    context = context_of(limits=Limits(rows_per_page=5, most_rows_per_page=50))

    assert (size_of(context, None), size_of(context, 50)) == (5, 50)
    for size in (0, 51, -1):
        with pytest.raises(BadInputError):
            size_of(context, size)


@pytest.mark.parametrize("name", STANDARD)
def test_a_table_is_declared_well(name: str) -> None:
    table = STANDARD[name]

    assert table.name == name
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert table.incremental is None or table.incremental in table.names
    assert all(one.description.endswith(".") and one.title for one in table.columns)
    arguments = [one.name for one in parameters_of(table)]
    assert len(set(arguments)) == len(arguments)
    assert ("from" in arguments) is table.dated


async def test_a_platform_is_told_without_being_asked() -> None:
    listing = Listing("one", range(3))
    context = context_of(*house(listing), platform_of("two"))
    table = STANDARD["platforms"]
    request = read_request(context, table, {})

    first = await table.page(context, request, first=1)
    rest = await table.page(context, request, first=1, after=first.end_cursor)

    assert [row[0] for row in (*first.rows, *rest.rows)] == ["one", "two"]
    assert (first.has_next, rest.has_next, listing.queries) == (True, False, [])
    assert cells(table, first.rows, "capabilities") == ["conversations"]


async def test_pages_are_shared_within_their_lifetime() -> None:
    clock = FakeClock(datetime(2026, 3, 18, tzinfo=UTC))
    cache, listing = FakeCache(clock), Listing("one", range(3))
    for _ in range(2):
        await pages(CONVERSATIONS, context_of(*house(listing), clock=clock, cache=cache), 10)

    assert len(listing.queries) == 1
