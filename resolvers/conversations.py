"""Conversations of all platforms, newest first, and single ones by their id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

import msgspec

from resolvers.cached import Held
from resolvers.deadline import in_time
from resolvers.fanout import ask_each
from resolvers.keys import cache_key
from resolvers.outcomes import Freshness
from resolvers.paging import Connection, Cursor, Stretch, fingerprint, resumed
from resolvers.periods import Period
from resolvers.time_pages import time_page
from vendors.calls import Call
from vendors.errors import PlatformNotFoundError, UnsupportedError
from vendors.port import ConversationQuery, Page, Platform
from vendors.records import Agent, Channel, Conversation, ConversationState

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = [
    "ConversationFilter",
    "conversation_by_id",
    "conversations",
    "conversations_of",
    "pinned",
]

_LOOK_ON = 5
"""How many pages of one platform are read, at most, to fill a page that is filtered here."""
_FILTERED_HERE = frozenset({"channels", "states"})
"""Filters that every record can be held against, where the platform cannot apply them."""


class ConversationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversations are wanted; empty means all."""

    agent_ids: tuple[str, ...] = ()
    customer_ids: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    states: tuple[ConversationState, ...] = ()
    site_ids: tuple[str, ...] = ()
    queue_ids: tuple[str, ...] = ()
    skill_ids: tuple[str, ...] = ()
    tag_ids: tuple[str, ...] = ()
    rule_ids: tuple[str, ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """Return the names of the filters that are set."""
        return frozenset(name for name in self.__struct_fields__ if getattr(self, name))


async def conversations(
    context: RequestContext,
    period: Period,
    wanted: ConversationFilter,
    platforms: tuple[Platform, ...],
    *,
    first: int,
    after: str | None,
) -> Connection[Conversation]:
    """Return one page of the conversations that began in the period, newest first.

    Raises BadInputError for a cursor that is not of this question.
    """
    keys = tuple(platform.key for platform in platforms)
    question = fingerprint("conversations", period.named, period.time_zone, wanted, keys)
    sealer = context.services.sealer
    begin = Cursor(question, period.start, await pinned(period.end, question, context))
    begun = resumed(sealer, after, begin)

    async def ask(platform: Platform, call: Call) -> Held[Stretch[Conversation]]:
        start, end = begun.since or period.start, begun.until or period.end
        position = begun.positions.get(platform.key)
        ended = position is None and platform.key in begun.positions
        if ended or start >= end:
            return Held(Stretch((), (), None), context.clock.now(), Freshness.CACHED)
        query = ConversationQuery(
            start=start,
            end=end,
            limit=first,
            after=position,
            **msgspec.structs.asdict(wanted),
        )
        return await _read(context, platform, query, call)

    answers = await ask_each(
        platforms, context.call, ask, lambda platform: _unsupported(platform, wanted)
    )
    return time_page(answers, begun, first, sealer, lambda one: one.started_at)


async def conversations_of(
    context: RequestContext, agent: Agent, period: Period, *, first: int, after: str | None
) -> Connection[Conversation]:
    """Return one page of the agent's conversations, as `conversations` does.

    Raises PlatformError where the platform fails: there is no other.
    """
    wanted = ConversationFilter(agent_ids=(agent.native_id,))
    platforms = (context.platforms[agent.platform],)
    page = await conversations(context, period, wanted, platforms, first=first, after=after)
    if page.errors:
        raise page.errors[0]
    return page


async def pinned(end: datetime, question: bytes, context: RequestContext) -> datetime:
    """Return the upper bound of the window, so that a page does not change while it is read.

    Whoever asks the same while the page is fresh shares its bound, and so the page.
    """
    now = context.clock.now().replace(microsecond=0)
    if end <= now:
        return end
    cache = context.services.cache
    fresh = context.services.lifetimes.conversations.fresh
    # What has been made by a change may have begun after the bound.
    key = f"pin:{context.services.changes.last}:{question.hex()}"
    (kept,) = await cache.get_many([key])
    if kept is not None:
        bound = msgspec.msgpack.decode(kept, type=datetime)
        if now - fresh <= bound <= now:
            return bound
    await cache.set_many({key: msgspec.msgpack.encode(now)}, fresh.total_seconds())
    return now


def _unsupported(platform: Platform, wanted: ConversationFilter) -> str | None:
    if platform.conversations is None:
        return "The platform does not list conversations."
    missing = wanted.named - platform.conversations.conversation_filters - _FILTERED_HERE
    if missing:
        names = ", ".join(sorted(missing)).replace("_", " ")
        return f"The platform cannot filter conversations by {names}."
    return None


async def _read(
    context: RequestContext, platform: Platform, query: ConversationQuery, call: Call
) -> Held[Stretch[Conversation]]:
    """Return a page of one platform; read on where filters that are applied here thin it out."""
    port = platform.conversations
    here = _FILTERED_HERE - (port.conversation_filters if port else frozenset())
    asked = msgspec.structs.replace(query, **dict.fromkeys(here, ()))
    pages: list[Held[Page[Conversation]]] = []
    found: list[tuple[Conversation, str]] = []
    for _ in range(_LOOK_ON if any(getattr(query, name) for name in here) else 1):
        held = await _page(context, platform, asked, call)
        pages.append(held)
        found += [
            pair
            for pair in zip(held.value.items, held.value.positions, strict=True)
            if _is_wanted(pair[0], query, here)
        ]
        if len(found) >= query.limit or not held.value.has_more or not held.value.items:
            break
        asked = msgspec.structs.replace(asked, after=held.value.positions[-1])
    return Held.made_of(_stretch(found, pages[-1].value), *pages)


def _stretch(
    found: Sequence[tuple[Conversation, str]], last: Page[Conversation]
) -> Stretch[Conversation]:
    """Return the stretch that ends with that page."""
    # Behind a page without items there is no position to go on from.
    goes_on = last.has_more and bool(last.items)
    return Stretch(
        items=tuple(item for item, _ in found),
        positions=tuple(position for _, position in found),
        behind=last.positions[-1] if goes_on else None,
        oldest=last.items[-1].started_at if goes_on else None,
        truncated=not goes_on and (last.truncated or last.has_more),
    )


def _is_wanted(item: Conversation, query: ConversationQuery, here: frozenset[str]) -> bool:
    return ("channels" not in here or not query.channels or item.channel in query.channels) and (
        "states" not in here or not query.states or item.state in query.states
    )


class _Page(msgspec.Struct, frozen=True):
    """A page in the form in which it is kept."""

    items: tuple[Conversation, ...]
    positions: tuple[str, ...]
    has_more: bool
    truncated: bool


async def _page(
    context: RequestContext, platform: Platform, query: ConversationQuery, call: Call
) -> Held[Page[Conversation]]:
    port = platform.conversations
    if port is None:
        message = "a platform that lists no conversations was asked for them"
        raise TypeError(message)

    async def fetch(budget: Call) -> _Page:
        page = await port.conversations(query, budget)
        return _Page(page.items, page.positions, page.has_more, page.truncated)

    key = cache_key("conversations", platform, query)
    lifetime = context.services.lifetimes.conversations
    held = await context.entities.read(key, _Page, lifetime, call, fetch)
    kept = held.value
    page = Page(kept.items, kept.positions, kept.has_more, kept.truncated)
    return Held.made_of(page, held)


async def conversation_by_id(
    context: RequestContext, platform: Platform, native_id: str, *, planned: bool = False
) -> Conversation | None:
    """Return one conversation, or None where the platform knows none of that id.

    `planned` says that the call has been planned before, together with others.

    Raises PlatformError where the platform fails, UnsupportedError where it fetches none by id.
    """
    port = platform.conversation_by_id
    if port is None:
        message = "The platform cannot fetch one conversation by its id."
        raise UnsupportedError(message, extensions={"platform": platform.key})

    async def fetch(budget: Call) -> Conversation | None:
        try:
            return await port.conversation(native_id, budget)
        except PlatformNotFoundError:
            return None

    key = cache_key("conversation", platform, native_id)
    shape = cast(type[Conversation | None], Conversation | None)
    lifetime = context.services.lifetimes.conversation
    async with in_time(platform, context.call):
        held = await context.entities.read(
            key, shape, lifetime, context.call, fetch, planned=planned
        )
    return held.value
