"""Long lists of what happened: customers, transactions, survey responses, call meetings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from resolvers.cached import Held, Lifetime
from resolvers.conversations import pinned
from resolvers.deadline import in_time
from resolvers.fanout import ask_each
from resolvers.keys import cache_key
from resolvers.outcomes import Freshness
from resolvers.paging import Connection, Cursor, Stretch, fingerprint, resumed
from resolvers.periods import Period
from resolvers.time_pages import time_page
from vendors.calls import Call
from vendors.errors import PlatformNotFoundError, UnsupportedError
from vendors.port import HistoryQuery, Page, Platform
from vendors.records import CallMeeting, Channel, Dated, Listed, Record

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["HistoryFilter", "fetched", "history"]

D = TypeVar("D", bound=Dated)
E = TypeVar("E", bound=Record)


class HistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are wanted; empty means all. Members that a kind does not have are not set."""

    site_ids: tuple[str, ...] = ()
    agent_ids: tuple[str, ...] = ()
    conversation_ids: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    linked: bool | None = None

    @property
    def named(self) -> frozenset[str]:
        """Return the names of the filters that are set."""
        return frozenset(
            name for name in self.__struct_fields__ if getattr(self, name) not in {(), None}
        )


async def history(
    context: RequestContext,
    kind: type[D],
    period: Period | None,
    wanted: HistoryFilter,
    platforms: tuple[Platform, ...],
    *,
    first: int,
    after: str | None,
) -> Connection[D]:
    """Return one page of the records of a kind in the period, newest first.

    Customers are listed without a period. Raises BadInputError for a cursor that is not of this
    question.
    """
    keys = tuple(platform.key for platform in platforms)
    meant = () if period is None else (period.named, period.time_zone)
    question = fingerprint("history", kind.__name__, meant, wanted, keys)
    sealer = context.services.sealer
    since, until = await _window(context, kind, period, question)
    begun = resumed(sealer, after, Cursor(question, since, until))

    async def ask(platform: Platform, call: Call) -> Held[Stretch[D]]:
        start, end = begun.since, begun.until
        position = begun.positions.get(platform.key)
        ended = position is None and platform.key in begun.positions
        if ended or (start is not None and end is not None and start >= end):
            return Held(Stretch((), (), None), context.clock.now(), Freshness.CACHED)
        query = HistoryQuery(
            start=start, end=end, limit=first, after=position, **msgspec.structs.asdict(wanted)
        )
        held = await _page(context, platform, kind, query, call)
        return Held.made_of(_stretch(held.value), held)

    answers = await ask_each(
        platforms, context.call, ask, lambda platform: _unsupported(platform, kind, wanted)
    )
    return time_page(answers, begun, first, sealer, lambda one: one.at)


async def _window(
    context: RequestContext, kind: type[Dated], period: Period | None, question: bytes
) -> tuple[datetime | None, datetime | None]:
    """Return the window that is read; its end is pinned, but for what lies ahead of now."""
    if period is None:
        return None, None
    if kind is CallMeeting:
        return period.start, period.end
    return period.start, await pinned(period.end, question, context)


def _unsupported(platform: Platform, kind: type[Dated], wanted: HistoryFilter) -> str | None:
    port = platform.histories
    if port is None or kind not in port.history_filters:
        return "The platform does not list them."
    missing = wanted.named - port.history_filters[kind]
    if missing:
        names = ", ".join(sorted(missing)).replace("_", " ")
        return f"The platform cannot filter them by {names}."
    return None


def _stretch(page: Page[D]) -> Stretch[D]:
    # Behind a page without items there is no position to go on from.
    goes_on = page.has_more and bool(page.items)
    return Stretch(
        items=page.items,
        positions=page.positions,
        behind=page.positions[-1] if goes_on else None,
        oldest=page.items[-1].at if goes_on else None,
        truncated=not goes_on and (page.truncated or page.has_more),
    )


async def _page(
    context: RequestContext, platform: Platform, kind: type[D], query: HistoryQuery, call: Call
) -> Held[Page[D]]:
    port = platform.histories
    if port is None:
        message = "a platform that lists no history was asked for it"
        raise TypeError(message)

    async def fetch(budget: Call) -> tuple[Any, ...]:
        page = await port.history(kind, query, budget)
        return page.items, page.positions, page.has_more, page.truncated

    key = cache_key("history", platform, kind.__name__, query)
    shape = cast(type[Any], tuple[tuple[kind, ...], tuple[str, ...], bool, bool])  # type: ignore[valid-type]  # made here
    lifetime = context.services.lifetimes.conversations
    held = await context.entities.read(key, shape, lifetime, call, fetch)
    return Held.made_of(Page(*held.value), held)


async def fetched(
    context: RequestContext, platform: Platform, kind: type[E], native_id: str
) -> E | None:
    """Return one record, or None where the platform knows none of that id.

    Raises PlatformError where the platform fails, UnsupportedError where it fetches none by id.
    """
    port = platform.fetches
    if port is None or kind not in port.fetched_kinds:
        message = "The platform cannot fetch one by its id."
        raise UnsupportedError(message, extensions={"platform": platform.key})

    async def fetch(budget: Call) -> E | None:
        try:
            return await port.fetch(kind, native_id, budget)
        except PlatformNotFoundError:
            return None

    key, lifetime = _kept_as(context, platform, kind, native_id)
    shape = cast(type[E | None], kind | None)
    async with in_time(platform, context.call):
        held = await context.entities.read(key, shape, lifetime, context.call, fetch)
    return held.value


def _kept_as(
    context: RequestContext, platform: Platform, kind: type[Record], native_id: str
) -> tuple[str, Lifetime]:
    """Return under which key a record is kept and for how long: with its list, if it has one."""
    lifetimes = context.services.lifetimes
    listed = issubclass(kind, Listed)
    tier, lifetime = (
        ("directory", lifetimes.agents) if listed else ("record", lifetimes.conversation)
    )
    return cache_key(tier, platform, kind.__name__, native_id), lifetime
