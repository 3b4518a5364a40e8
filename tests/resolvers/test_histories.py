from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of

from resolvers.context import Limits, RequestContext
from resolvers.histories import HistoryFilter, fetched, history
from resolvers.keys import TIERS, tier_of
from resolvers.node_ids import NodeKind, node_id
from resolvers.nodes import node
from resolvers.outcomes import Freshness
from resolvers.paging import Connection
from resolvers.periods import between
from vendors.buckets import zone
from vendors.calls import Call
from vendors.errors import (
    BadInputError,
    PlatformNotFoundError,
    PlatformServerError,
    TooComplexError,
    UnsupportedError,
)
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import (
    CallMeeting,
    Conversation,
    Customer,
    Dated,
    Listed,
    SurveyResponse,
    Transaction,
)

START = NOW - timedelta(days=10)
PERIOD = between(START, NOW - timedelta(days=1), zone("UTC"))


class Ledger:
    """Lists what it is given, newest first, and counts how often it is asked."""

    def __init__(self, *entries: Dated, filters: Sequence[str] = ()) -> None:
        self.entries = list(entries)
        self.queries: list[HistoryQuery] = []
        self.fetched: list[str] = []
        self.sold: list[list[str]] = []
        self.broken = False
        self._filters = frozenset(filters)

    @property
    def history_filters(self) -> Mapping[type[Dated], frozenset[str]]:
        return dict.fromkeys((Customer, Transaction, CallMeeting), self._filters)

    @property
    def fetched_kinds(self) -> frozenset[type[Listed | Dated]]:
        return frozenset({Customer, Transaction})

    async def history(self, kind: type[Any], query: HistoryQuery, _call: Call) -> Page[Any]:
        self.queries.append(query)
        if self.broken:
            raise PlatformServerError("broken")
        wanted = [
            one
            for one in self.entries
            if type(one) is kind
            and (query.start is None or (one.at and query.start <= one.at))
            and (query.end is None or (one.at and one.at < query.end))
            and (not query.customer_ids or one.native_id in query.customer_ids)
        ]
        wanted.sort(key=lambda one: (one.at or START, one.native_id), reverse=True)
        ids = [one.native_id for one in wanted]
        rest = wanted[ids.index(query.after) + 1 :] if query.after else wanted
        kept = tuple(rest[: query.limit])
        positions = tuple(one.native_id for one in kept)
        return Page(kept, positions, has_more=len(rest) > len(kept))

    async def fetch(self, kind: type[Any], native_id: str, _call: Call) -> Any:  # noqa: ANN401 - of any kind
        self.fetched.append(native_id)
        for one in self.entries:
            if type(one) is kind and one.record_id == native_id:
                return one
        raise PlatformNotFoundError("gone")

    async def sales_of(
        self, conversations: Sequence[Conversation], _call: Call
    ) -> tuple[Transaction, ...]:
        ids = [one.native_id for one in conversations]
        self.sold.append(sorted(ids))
        sales = (one for one in self.entries if isinstance(one, Transaction))
        return tuple(one for one in sales if one.conversation_id in ids)


def platform_with(ledger: Ledger, key: str = "a") -> Platform:
    return platform_of(key, histories=ledger, fetches=ledger, sales=ledger)


def sale(number: int, hours: float = 0, platform: str = "a", **members: Any) -> Transaction:  # noqa: ANN401 - members of the record
    at = START + timedelta(hours=hours)
    return Transaction(platform=platform, native_id=f"s{number:04}", at=at, **members)


async def sales(context: RequestContext, *platforms: Platform, **more: Any) -> Connection[Any]:  # noqa: ANN401 - arguments of the field
    asked = {"wanted": HistoryFilter(), "first": 50, "after": None, **more}
    wanted = asked.pop("wanted")
    return await history(context, Transaction, PERIOD, wanted, platforms, **asked)


async def test_platforms_are_merged_newest_first_and_each_says_what_became_of_it() -> None:
    broken = Ledger()
    broken.broken = True
    platforms = [
        platform_with(Ledger(sale(1, 1), sale(2, 5))),
        platform_with(Ledger(sale(3, 3, "b"), sale(4, 500, "b")), "b"),
        platform_of("c"),
        platform_with(broken, "d"),
    ]
    page = await sales(context_of(*platforms), *platforms)

    assert [one.native_id for one in page.items] == ["s0002", "s0003", "s0001"]
    assert [one.freshness for one in page.sources] == [
        Freshness.LIVE,
        Freshness.LIVE,
        Freshness.UNSUPPORTED,
        Freshness.FAILED,
    ]
    assert [one.platform for one in page.failures] == ["d"]


async def test_a_platform_that_cannot_filter_so_is_not_asked() -> None:
    able, unable = Ledger(filters=["linked", "agent_ids"]), Ledger(filters=["agent_ids"])
    platforms = platform_with(able), platform_with(unable, "b")
    wanted = HistoryFilter(linked=False, agent_ids=("7",))
    page = await sales(context_of(*platforms), *platforms, wanted=wanted)

    assert (len(able.queries), unable.queries) == (1, [])
    assert (able.queries[0].linked, able.queries[0].agent_ids) == (False, ("7",))
    assert page.sources[1].note == "The platform cannot filter them by linked."


async def test_a_page_is_kept_a_short_while_and_under_a_key_that_tells_nothing() -> None:
    clock = FakeClock(NOW)
    cache, ledger = FakeCache(clock), Ledger(filters=["customer_ids"])
    platform = platform_with(ledger)
    wanted = HistoryFilter(customer_ids=("ana@example.test",))
    for _ in range(2):
        context = context_of(platform, clock=clock, cache=cache)
        await sales(context, platform, wanted=wanted)

    assert len(ledger.queries) == 1
    (key,) = (key for key in cache.entries if not key.startswith("pin:"))
    assert tier_of(key) in TIERS
    assert "ana" not in key
    until, _ = cache.entries[key]
    assert until - NOW <= timedelta(minutes=15)


async def test_an_older_page_that_stands_in_says_for_what() -> None:
    clock = FakeClock(NOW)
    cache, ledger = FakeCache(clock), Ledger(sale(1, 1))
    platform = platform_with(ledger)
    await sales(context_of(platform, clock=clock, cache=cache), platform)
    ledger.broken = True
    clock.pass_(minutes=1)
    page = await sales(context_of(platform, clock=clock, cache=cache), platform)

    assert [one.native_id for one in page.items] == ["s0001"]
    assert [one.freshness for one in page.sources] == [Freshness.STALE]
    assert [(one.platform, one.code, one.stale_age_seconds) for one in page.failures] == [
        ("a", PlatformServerError.code, 60.0)
    ]


async def test_a_period_is_pinned_to_now_but_for_what_lies_ahead() -> None:
    ledger = Ledger()
    platform = platform_with(ledger)
    ahead = between(START, NOW + timedelta(days=2), zone("UTC"))
    context = context_of(platform)
    for kind in (Transaction, CallMeeting):
        await history(context, kind, ahead, HistoryFilter(), (platform,), first=5, after=None)

    assert [query.end for query in ledger.queries] == [NOW, NOW + timedelta(days=2)]


async def test_customers_have_no_period() -> None:
    someone = Customer(
        platform="a", native_id="u", entry_id="9", at=datetime(1999, 1, 1, tzinfo=UTC)
    )
    ledger = Ledger(someone)
    platform = platform_with(ledger)
    page = await history(
        context_of(platform), Customer, None, HistoryFilter(), (platform,), first=5, after=None
    )

    assert page.items == (someone,)
    assert (ledger.queries[0].start, ledger.queries[0].end) == (None, None)


async def test_a_cursor_is_of_one_question_only() -> None:
    platform = platform_with(Ledger(sale(1), sale(2)))
    page = await sales(context_of(platform), platform, first=1)
    for wanted in (HistoryFilter(linked=True), HistoryFilter(site_ids=("1",))):
        with pytest.raises(BadInputError):
            await sales(context_of(platform), platform, wanted=wanted, after=page.end_cursor)


HOURS = st.lists(st.integers(0, 40), max_size=25)


@given(left=HOURS, right=HOURS, first=st.integers(1, 7), arriving=st.booleans())
def test_pages_over_platforms_lose_and_double_nothing(
    left: list[int], right: list[int], first: int, *, arriving: bool
) -> None:
    ledgers = {
        key: Ledger(*(sale(number, hours, key) for number, hours in enumerate(own)))
        for key, own in (("a", left), ("b", right))
    }
    platforms = tuple(platform_with(ledger, key) for key, ledger in ledgers.items())

    async def read() -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        after = None
        for turn in range(200):
            page = await sales(context_of(*platforms), *platforms, first=first, after=after)
            found += [(one.platform, one.native_id) for one in page.items]
            assert len(page.items) <= first
            times = [one.at for one in page.items]
            assert times == sorted(times, reverse=True)
            if not page.has_next_page:
                return found
            after = page.end_cursor
            if arriving:
                # Newer than all, beyond the end of the period that was asked for.
                ledgers["a"].entries.append(sale(5000 + turn, 24 * 9 + turn))
        raise AssertionError("the pages do not end")

    expected = {("a", f"s{n:04}") for n in range(len(left))}
    expected |= {("b", f"s{n:04}") for n in range(len(right))}
    found = asyncio.run(read())
    assert len(found) == len(expected)
    assert set(found) == expected


# ----------------------------------------------------------------------------------- by an id


async def test_one_is_fetched_by_the_id_that_its_node_names() -> None:
    someone = Customer(platform="a", native_id="key", entry_id="9")
    ledger = Ledger(someone)
    context = context_of(platform_with(ledger))
    sealer = context.services.sealer
    token = node_id(sealer, NodeKind.CUSTOMER, "a", someone.record_id)

    assert await node(context, token) == someone
    assert ledger.fetched == ["9"]
    gone = node_id(sealer, NodeKind.CUSTOMER, "a", "10")
    assert await node(context, gone) is None


async def test_who_fetches_none_says_so() -> None:
    context = context_of(platform_with(Ledger()), platform_of("b"))
    for key, kind in (("a", NodeKind.SURVEY_RESPONSE), ("b", NodeKind.CUSTOMER)):
        with pytest.raises(UnsupportedError):
            await node(context, node_id(context.services.sealer, kind, key, "1"))
    with pytest.raises(UnsupportedError):
        await fetched(context, context.platforms["a"], SurveyResponse, "1")


# -------------------------------------------------------------------------------------- links


def talk(number: int) -> Conversation:
    return Conversation(platform="a", native_id=f"c{number}", channel="chat", started_at=START)  # type: ignore[arg-type]  # the word


async def test_the_sales_of_all_conversations_are_asked_for_together() -> None:
    ledger = Ledger(
        sale(1, conversation_id="c1"), sale(2, conversation_id="c3"), sale(3, conversation_id="c1")
    )
    links = context_of(platform_with(ledger), platform_of("b")).loaders.links
    other = Conversation(platform="b", native_id="c1", channel="chat")  # type: ignore[arg-type]  # the word

    found = await asyncio.gather(
        *(links.sales_of(one) for one in (talk(1), talk(2), talk(3), other))
    )

    ids = [None if one is None else [each.native_id for each in one] for one in found]
    assert ids == [["s0001", "s0003"], [], ["s0002"], None]
    assert ledger.sold == [["c1", "c2", "c3"]]


async def test_customers_are_loaded_once_each_and_never_without_a_way() -> None:
    ledger = Ledger(Customer(platform="a", native_id="u1"), filters=["customer_ids"])
    unable = Ledger(Customer(platform="b", native_id="u1"))
    context = context_of(platform_with(ledger), platform_with(unable, "b"), platform_of("c"))
    keys = [("a", "u1"), ("a", "u2"), ("a", "u1"), ("b", "u1"), ("c", "u1")]

    found = await context.loaders.links.customer.load_many(keys)

    assert [one and one.native_id for one in found] == ["u1", None, "u1", None, None]
    assert sorted(query.customer_ids for query in ledger.queries) == [("u1",), ("u2",)]
    assert unable.queries == []


async def test_more_calls_than_an_operation_may_make_are_refused() -> None:
    ledger = Ledger(filters=["customer_ids"])
    context = context_of(platform_with(ledger), limits=Limits(most_calls=3))

    with pytest.raises(TooComplexError):
        await context.loaders.links.customer.load_many([("a", str(n)) for n in range(4)])
    assert ledger.queries == []
