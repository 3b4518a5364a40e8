"""Conversations over several platforms: every item once, newest first, whatever arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of

from resolvers.context import Limits, RequestContext
from resolvers.conversations import ConversationFilter, conversation_by_id, conversations
from resolvers.outcomes import Freshness
from resolvers.paging import Connection
from resolvers.periods import Period
from vendors.calls import Call
from vendors.errors import BadInputError, PlatformServerError, TooComplexError, UnsupportedError
from vendors.port import ConversationQuery, Page, Platform
from vendors.records import Channel, Conversation

PERIOD = Period(NOW - timedelta(days=1), NOW + timedelta(days=1), "UTC", "two days")
ALL = ConversationFilter()
SOON = NOW + timedelta(seconds=15)


class Listing:
    """A platform's list of conversations; positions are offsets from the oldest."""

    def __init__(
        self, key: str, ages: Sequence[int], filters: frozenset[str] = frozenset()
    ) -> None:
        self.key = key
        self.items = [_conversation(key, age, number) for number, age in enumerate(sorted(ages))]
        self.queries: list[ConversationQuery] = []
        self.fails: Exception | None = None
        self.ends_early = False
        self._filters = filters

    @property
    def conversation_filters(self) -> frozenset[str]:
        return self._filters

    async def conversations(self, query: ConversationQuery, _call: Call) -> Page[Conversation]:
        self.queries.append(query)
        if self.fails is not None:
            raise self.fails
        if self.ends_early:
            return Page((), (), has_more=True)
        listed = [
            one
            for one in self.items
            if one.started_at is not None and query.start <= one.started_at < query.end
        ]
        ids = [one.native_id for one in listed]
        begin = ids.index(query.after) + 1 if query.after else 0
        page = listed[begin : begin + query.limit]
        return Page(
            tuple(page),
            tuple(one.native_id for one in page),
            has_more=begin + query.limit < len(listed),
        )


def _conversation(key: str, age: int, number: int) -> Conversation:
    return Conversation(
        platform=key,
        native_id=f"{key}-{number}-{age}",
        channel=Channel.CHAT if number % 2 else Channel.EMAIL,
        started_at=NOW - timedelta(seconds=age + 1),
    )


async def _read_all(
    platforms: Sequence[Platform],
    first: int,
    arrive: bool = False,
    wanted: ConversationFilter = ALL,
) -> list[Conversation]:
    clock = FakeClock()
    read: list[Conversation] = []
    after: str | None = None
    while True:
        context = context_of(*platforms, clock=clock)
        page = await _page(context_of(*platforms, clock=clock), first, after, wanted)
        assert len(page.items) <= first
        assert page.has_next_page is False or page.end_cursor not in {None, after}
        read += page.items
        if not page.has_next_page:
            return read
        after = page.end_cursor
        clock.pass_(seconds=30)
        if arrive:
            _arrive(platforms, context.clock.now() - NOW)


async def _page(
    context: RequestContext, first: int, after: str | None, wanted: ConversationFilter = ALL
) -> Connection[Conversation]:
    platforms = tuple(context.platforms.values())
    return await conversations(context, PERIOD, wanted, platforms, first=first, after=after)


def _arrive(platforms: Sequence[Platform], passed: timedelta) -> None:
    for platform in platforms:
        listing = platform.conversations
        assert isinstance(listing, Listing)
        new = _conversation(platform.key, -int(passed.total_seconds()), 1000 + len(listing.items))
        listing.items.insert(0, new)


@given(
    st.lists(st.lists(st.integers(0, 500), max_size=12), min_size=1, max_size=4),
    st.integers(1, 7),
    st.booleans(),
)
def test_every_conversation_is_read_once_newest_first(
    ages: list[list[int]], first: int, arrive: bool
) -> None:
    listings = [Listing(f"p{at}", one) for at, one in enumerate(ages)]
    platforms = [platform_of(f"p{at}", conversations=one) for at, one in enumerate(listings)]
    expected = {item.native_id for listing in listings for item in listing.items}

    read = asyncio.run(_read_all(platforms, first, arrive))

    assert sorted(one.native_id for one in read) == sorted(expected)
    times = [one.started_at for one in read if one.started_at]
    assert times == sorted(times, reverse=True)


async def test_one_page_costs_one_page_of_each_platform() -> None:
    listings = [Listing(f"p{at}", range(at, 300, 3)) for at in range(3)]
    platforms = [platform_of(f"p{at}", conversations=one) for at, one in enumerate(listings)]

    await _page(context_of(*platforms), 20, None)

    assert [[query.limit for query in one.queries] for one in listings] == [[20]] * 3


async def test_a_failed_platform_is_named_and_the_rest_is_whole() -> None:
    good, bad = Listing("good", [1, 2]), Listing("bad", [3])
    bad.fails = PlatformServerError(platform="bad")
    platforms = [
        platform_of("good", conversations=good),
        platform_of("bad", conversations=bad),
        platform_of("mute"),
    ]

    page = await _page(context_of(*platforms), 10, None)

    assert [one.platform for one in page.items] == ["good", "good"]
    assert [(one.platform, one.code) for one in page.failures] == [("bad", "PLATFORM_ERROR")]
    assert [one.freshness for one in page.sources] == [
        Freshness.LIVE,
        Freshness.FAILED,
        Freshness.UNSUPPORTED,
    ]


async def test_a_filter_that_the_platform_lacks_is_applied_here_or_said() -> None:
    listing = Listing("one", range(100))
    context = context_of(platform_of("one", conversations=listing))

    mail = await _page(context, 10, None, ConversationFilter(channels=(Channel.EMAIL,)))
    tagged = await _page(context, 10, None, ConversationFilter(tag_ids=("7",)))

    assert len(mail.items) == 10
    assert {one.channel for one in mail.items} == {Channel.EMAIL}
    assert [one.freshness for one in tagged.sources] == [Freshness.UNSUPPORTED]
    assert tagged.sources[0].note == "The platform cannot filter conversations by tag ids."


async def test_a_filtered_page_goes_on_where_it_stopped() -> None:
    listing = Listing("one", range(40))
    wanted = ConversationFilter(channels=(Channel.EMAIL,))
    platform = platform_of("one", conversations=listing)
    first = await _page(context_of(platform), 15, None, wanted)

    second = await _page(context_of(platform), 15, first.end_cursor, wanted)

    assert len(first.items) == 15
    assert len({one.native_id for one in (*first.items, *second.items)}) == 20


@pytest.mark.parametrize("after", ["", "nonsense", "cursor:00", "node:91a0"])
async def test_what_is_no_cursor_is_refused(after: str) -> None:
    context = context_of(platform_of("one", conversations=Listing("one", [1])))

    with pytest.raises(BadInputError) as refused:
        await _page(context, 10, after)

    assert refused.value.extensions["argument"] == "after"


async def test_a_cursor_of_another_question_is_refused() -> None:
    platform = platform_of("one", conversations=Listing("one", range(5)))
    page = await _page(context_of(platform), 2, None)

    with pytest.raises(BadInputError, match="other arguments"):
        await _page(
            context_of(platform), 2, page.end_cursor, ConversationFilter(channels=(Channel.CHAT,))
        )


async def test_each_edge_has_a_cursor_from_which_reading_goes_on() -> None:
    platforms = [
        platform_of(key, conversations=Listing(key, ages))
        for key, ages in (("one", range(0, 20, 2)), ("two", range(1, 20, 2)))
    ]
    page = await _page(context_of(*platforms), 9, None)

    for place, edge in enumerate(page.edges):
        behind = await _page(context_of(*platforms), 3, edge.cursor)
        assert [one.started_at for one in behind.items] == [
            NOW - timedelta(seconds=place + 2 + step) for step in range(3)
        ]


async def test_the_same_page_is_not_asked_twice() -> None:
    listing = Listing("one", range(5))
    context = context_of(platform_of("one", conversations=listing))

    await asyncio.gather(*(_page(context, 3, None) for _ in range(10)))

    assert len(listing.queries) == 1


async def test_the_same_page_is_shared_for_as_long_as_it_is_fresh_and_no_longer() -> None:
    listing = Listing("one", range(5))
    clock = FakeClock(NOW + timedelta(seconds=15))
    cache = FakeCache(clock)
    platform = platform_of("one", conversations=listing)
    asked = []

    for seconds in (0, 10, 9, 5):
        clock.pass_(seconds=seconds)
        await _page(context_of(platform, clock=clock, cache=cache), 3, None)
        asked.append(len(listing.queries))

    assert asked == [1, 1, 1, 2]


async def test_pages_within_pages_are_bounded_together() -> None:
    platform = platform_of("one", conversations=Listing("one", range(5)))
    context = context_of(platform, limits=Limits(most_items=50))
    context.page_size(40)

    with pytest.raises(TooComplexError, match="more than 50 items"):
        context.page_size(11)


async def test_by_id_is_unsupported_where_the_platform_cannot() -> None:
    context = context_of(platform_of("one"))

    with pytest.raises(UnsupportedError):
        await conversation_by_id(context, context.platforms["one"], "7")


MAIL = ConversationFilter(channels=(Channel.EMAIL,))


def _letters(key: str, size: int, places: Collection[int]) -> Listing:
    """Return a list of that size, in which the conversations at these places are e-mail."""
    listing = Listing(key, range(size))
    listing.items = [
        msgspec.structs.replace(item, channel=Channel.EMAIL if place in places else Channel.CHAT)
        for place, item in enumerate(listing.items)
    ]
    return listing


@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.sets(st.integers(0, 79), max_size=10)),
        min_size=1,
        max_size=3,
    ),
    st.integers(1, 4),
)
def test_what_is_filtered_here_is_read_once_newest_first(
    lists: list[tuple[int, set[int]]], first: int
) -> None:
    """However far apart the wanted ones are: beyond the pages that are read for one page, too."""
    listings = [_letters(f"p{at}", *one) for at, one in enumerate(lists)]
    platforms = [platform_of(f"p{at}", conversations=one) for at, one in enumerate(listings)]
    expected = {
        item.native_id
        for listing in listings
        for item in listing.items
        if item.channel is Channel.EMAIL
    }

    read = asyncio.run(_read_all(platforms, first, wanted=MAIL))

    assert sorted(one.native_id for one in read) == sorted(expected)
    times = [one.started_at for one in read if one.started_at]
    assert times == sorted(times, reverse=True)


async def test_an_empty_page_says_whether_more_follow_and_where() -> None:
    listing = _letters("one", 100, {90})
    context = context_of(platform_of("one", conversations=listing))

    page = await _page(context, 10, None, MAIL)
    further = await _page(context, 10, page.end_cursor, MAIL)

    assert (page.items, page.has_next_page) == ((), True)
    assert [one.native_id for one in further.items] == ["one-90-90"]
    assert len(listing.queries) == 10


async def test_a_list_that_has_been_read_to_its_end_is_not_asked_again() -> None:
    short, long = Listing("short", range(3)), Listing("long", range(30))
    platforms = [platform_of(one.key, conversations=one) for one in (short, long)]
    page = await _page(context_of(*platforms), 10, None)

    further = await _page(context_of(*platforms), 10, page.end_cursor)

    assert (len(short.queries), len(long.queries)) == (1, 2)
    assert len(further.items) == 10
    assert [one.freshness for one in further.sources] == [Freshness.CACHED, Freshness.LIVE]


async def test_who_failed_on_the_first_page_is_read_from_its_beginning_later() -> None:
    good, bad = Listing("good", range(6)), Listing("bad", range(4))
    bad.fails = PlatformServerError(platform="bad")
    platforms = [platform_of(one.key, conversations=one) for one in (good, bad)]
    page = await _page(context_of(*platforms), 4, None)
    bad.fails = None

    further = await _page(context_of(*platforms), 10, page.end_cursor)

    read = [one.native_id for one in (*page.items, *further.items)]
    assert sorted(read) == sorted(one.native_id for one in (*good.items, *bad.items))


async def test_who_fails_later_goes_on_where_it_stood() -> None:
    good, bad = Listing("good", range(0, 12, 2)), Listing("bad", range(1, 12, 2))
    platforms = [platform_of(one.key, conversations=one) for one in (good, bad)]
    first = await _page(context_of(*platforms), 4, None)
    bad.fails = PlatformServerError(platform="bad")
    second = await _page(context_of(*platforms), 2, first.end_cursor)
    bad.fails = None

    third = await _page(context_of(*platforms), 10, second.end_cursor)

    read = [one.native_id for page in (first, second, third) for one in page.items]
    assert len(read) == len(set(read)) == 12


@pytest.mark.parametrize("wanted", [ALL, MAIL])
async def test_a_list_that_cannot_go_on_is_truncated_and_no_loop(
    wanted: ConversationFilter,
) -> None:
    listing = Listing("one", range(5))
    listing.ends_early = True
    context = context_of(platform_of("one", conversations=listing))

    page = await _page(context, 10, None, wanted)

    assert (page.items, page.has_next_page, page.end_cursor) == ((), False, None)
    assert page.truncated is True
    assert len(listing.queries) == 1


async def test_a_page_of_several_pieces_is_as_old_as_the_oldest() -> None:
    clock = FakeClock()
    cache = FakeCache(clock)
    listing = _letters("one", 20, {0, 19})
    platform = platform_of("one", conversations=listing)
    await _page(context_of(platform, clock=clock, cache=cache), 5, None, MAIL)
    del cache.entries[list(cache.entries)[-1]]
    clock.pass_(seconds=9)

    page = await _page(context_of(platform, clock=clock, cache=cache), 5, None, MAIL)

    assert page.sources[0].freshness is Freshness.CACHED
    assert page.sources[0].as_of == NOW


async def test_what_the_platform_filters_itself_is_taken_at_its_word() -> None:
    """Its words for channels are not ours: one of them may stand for several."""
    listing = Listing("one", range(4), frozenset({"channels"}))
    context = context_of(platform_of("one", conversations=listing))

    page = await _page(context, 10, None, ConversationFilter(channels=(Channel.OTHER,)))

    assert len(page.items) == 4
    assert listing.queries[0].channels == (Channel.OTHER,)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=1)])
async def test_a_window_that_has_not_begun_is_not_asked(ahead: timedelta) -> None:
    """Its end is pinned to the present."""
    listing = Listing("one", range(5))
    context = context_of(platform_of("one", conversations=listing), clock=FakeClock(SOON))
    period = Period(SOON + ahead, SOON + timedelta(days=2), "UTC", "to come")
    platforms = tuple(context.platforms.values())

    page = await conversations(context, period, ALL, platforms, first=5, after=None)

    assert (page.items, page.has_next_page, page.failures) == ((), False, ())
    assert listing.queries == []
