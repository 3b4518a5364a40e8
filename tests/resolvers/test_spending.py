"""One budget of calls for all that an operation plans, whatever it is for."""

from __future__ import annotations

import asyncio

import pytest
from tests.fakes import context_of, platform_of
from tests.resolvers.test_conversations import Listing
from tests.resolvers.test_writes import Vendor

from resolvers.context import Limits, Principal, Scope
from resolvers.rows.asking import read_request
from resolvers.rows.registry import STANDARD
from resolvers.spending import Spending
from resolvers.writes import write_each
from vendors.errors import TooComplexError
from vendors.writes import CreateTeam

CONVERSATIONS = STANDARD["conversations"]


def test_what_fits_is_counted_together() -> None:
    spending = Spending(5)
    spending.plan({"one": 2})
    spending.plan({"one": 1, "two": 2})
    assert spending.planned == 5
    with pytest.raises(TooComplexError) as refused:
        spending.plan({"two": 3}, "Ask for less.")
    assert str(refused.value) == (
        "This query would take 8 calls (one 3, two 5); at most 5 are allowed. Ask for less."
    )
    assert refused.value.extensions == {"calls": 8, "callLimit": 5}


def test_what_is_refused_is_not_counted() -> None:
    spending = Spending(2)
    with pytest.raises(TooComplexError):
        spending.plan({"one": 3})
    spending.plan({"one": 2})
    assert spending.planned == 2


def test_a_field_is_counted_by_its_name() -> None:
    spending = Spending(1)
    for _ in range(2):
        spending.resolve("Agent.profile", 2)
        spending.resolve("Agent.live", 2)
    with pytest.raises(TooComplexError, match=r"Agent\.profile more than 2 times") as refused:
        spending.resolve("Agent.profile", 2)
    assert refused.value.extensions == {"field": "Agent.profile", "fieldLimit": 2}


async def test_a_call_that_is_shared_is_counted_once() -> None:
    listing = Listing("one", range(9))
    context = context_of(platform_of("one", conversations=listing), limits=Limits(most_calls=2))
    request = read_request(context, CONVERSATIONS, {})
    pages = [CONVERSATIONS.page(context, request, first=5) for _ in range(30)]

    read = await asyncio.gather(*pages)

    assert {len(page.rows) for page in read} == {5}
    assert (len(listing.queries), context.spending.planned) == (1, 1)


async def test_a_call_of_its_own_is_counted_beside_the_shared_ones() -> None:
    listing = Listing("one", range(9))
    context = context_of(platform_of("one", conversations=listing), limits=Limits(most_calls=2))
    request = read_request(context, CONVERSATIONS, {})
    sizes = (2, 3, 4)

    with pytest.raises(TooComplexError, match="3 calls"):
        await asyncio.gather(*(CONVERSATIONS.page(context, request, first=one) for one in sizes))

    assert len(listing.queries) <= 2


async def test_changes_count_before_the_first_is_made() -> None:
    vendor = Vendor()
    platform = platform_of("a", directories=vendor, writes=vendor)
    writer = Principal("writer", frozenset(Scope))
    context = context_of(platform, limits=Limits(most_calls=2), principal=writer)
    changes = [(platform, CreateTeam(name=name)) for name in ("North", "South", "West")]
    with pytest.raises(TooComplexError, match="3 calls"):
        await write_each(context, changes)
    assert vendor.made == []
    assert len(await write_each(context, changes, dry_run=True)) == 3
    assert len(await write_each(context, changes[:2])) == 2
    assert context.spending.planned == 2
