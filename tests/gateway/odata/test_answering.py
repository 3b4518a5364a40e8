"""Pages of filtered rows, of any size, are together what filtering all rows by hand gives."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import NOW, FakeClock, context_of, platform_of
from tests.resolvers.test_conversations import Listing

from gateway.odata.answering import Found, found
from gateway.odata.asking import question_of
from gateway.odata.protocol import Protocol
from gateway.odata.service import entity_sets
from gateway.odata.settings import ODataSettings
from resolvers.context import Limits, RequestContext
from resolvers.rows.registry import STANDARD
from vendors.records import Channel, Conversation

SETS = entity_sets(STANDARD.values())
PROTOCOL = Protocol(tuple(SETS.values()))
SET = SETS["conversations"]
AGES = st.lists(st.integers(0, 40), max_size=25)


class Said(NamedTuple):
    """A filter as text, and what it keeps by the reference."""

    text: str
    keeps: Callable[[Conversation], bool]


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
}


def _bound(name: str, age: int) -> Said:
    moment = NOW - timedelta(seconds=age)
    text = f"started_at {name} {moment.isoformat().replace('+00:00', 'Z')}"
    return Said(text, lambda one: COMPARE[name](one.started_at, moment))


def _joined(name: str, one: Said, other: Said) -> Said:
    both = {"and": all, "or": any}[name]
    return Said(
        f"({one.text}) {name} ({other.text})",
        lambda each: both([one.keeps(each), other.keeps(each)]),
    )


PLAIN = (
    Said("platform eq 'oak'", lambda one: one.platform == "oak"),
    Said("platform ne 'oak'", lambda one: one.platform != "oak"),
    Said("platform in ('elm','ash')", lambda one: one.platform == "elm"),
    Said("platform eq 'ash'", lambda _one: False),
    Said("channel eq 'chat'", lambda one: one.channel is Channel.CHAT),
    Said("not (channel eq 'chat')", lambda one: one.channel is not Channel.CHAT),
    Said("startswith(channel,'e')", lambda one: one.channel is Channel.EMAIL),
)
FILTERS = st.recursive(
    st.builds(_bound, st.sampled_from([*COMPARE]), st.integers(-1, 42)) | st.sampled_from(PLAIN),
    lambda inner: st.builds(_joined, st.sampled_from(["and", "and", "or"]), inner, inner),
    max_leaves=5,
)


def context_with(lists: Sequence[Listing]) -> RequestContext:
    limits = Limits(rows_per_page=50, most_rows_per_page=50)
    platforms = [platform_of(one.key, conversations=one) for one in lists]
    clock = FakeClock(NOW + timedelta(seconds=1))
    return context_of(*platforms, clock=clock, limits=limits)


async def page(lists: Sequence[Listing], query: str, size: int) -> Found:
    context = context_with(lists)
    asked = PROTOCOL.read("conversations", query)
    question = question_of(context, SET, asked, query)
    return await found(context, question, ODataSettings(), size)


async def pages(lists: Sequence[Listing], query: str, size: int) -> list[Found]:
    every = [await page(lists, query, size)]
    while (token := every[-1].next) is not None:
        every.append(await page(lists, f"{query}&$skiptoken={quote(token)}", size))
        assert len(every) < 200
    return every


def by_hand(lists: Sequence[Listing], said: Said) -> list[str]:
    return sorted(one.native_id for each in lists for one in each.items if said.keeps(one))


@settings(max_examples=150, deadline=None)
@given(said=FILTERS, oak=AGES, elm=AGES, size=st.integers(1, 30))
def test_pages_hold_what_the_filter_keeps(
    said: Said, oak: list[int], elm: list[int], size: int
) -> None:
    lists = Listing("oak", oak), Listing("elm", elm)
    query = f"$filter={quote(said.text)}&$count=true"
    found_pages = asyncio.run(pages(lists, query, size))
    place = SET.table.names.index("conversation_id")
    ids = [str(row[place]) for one in found_pages for row in one.rows]
    expected = by_hand(lists, said)
    assert sorted(ids) == expected, said.text
    assert found_pages[0].count == len(expected)
    assert all(one.count is None for one in found_pages[1:])
    assert all(len(one.rows) <= size for one in found_pages)


@settings(max_examples=60, deadline=None)
@given(said=FILTERS, oak=AGES, elm=AGES, top=st.integers(0, 40), skip=st.integers(0, 10))
def test_what_is_wanted_comes_at_once(
    said: Said, oak: list[int], elm: list[int], top: int, skip: int
) -> None:
    lists = Listing("oak", oak), Listing("elm", elm)
    query = f"$filter={quote(said.text)}&$top={top}&$skip={skip}"
    one = asyncio.run(page(lists, query, 50))
    expected = by_hand(lists, said)
    assert len(one.rows) == max(0, min(top, len(expected) - skip))
    assert one.next is None
    place = SET.table.names.index("conversation_id")
    assert {str(row[place]) for row in one.rows} <= set(expected)
