"""The events that a native figure counts, listed by the platform that measures it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from resolvers.cached import Held
from resolvers.context import Scope
from resolvers.conversations import pinned
from resolvers.fanout import ask_each
from resolvers.given import Given, name_texts
from resolvers.keys import cache_key
from resolvers.outcomes import Freshness
from resolvers.paging import Connection, Cursor, Stretch, fingerprint, resumed
from resolvers.parameters import arguments_of
from resolvers.periods import Period
from resolvers.planner.request import MeasureRequest
from resolvers.time_pages import time_page
from vendors.calls import Call
from vendors.drill_through import (
    DrillThroughPort,
    EventContext,
    EventOrder,
    FigureEvent,
    FigureEventQuery,
    FigureEvents,
)
from vendors.errors import BadInputError, UnsupportedError
from vendors.measures import Dimension
from vendors.parameters import Argument
from vendors.port import Platform
from vendors.records import Channel

if TYPE_CHECKING:
    from resolvers.context import RequestContext

__all__ = ["Question", "drill_through"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which events are wanted: those behind `figure`, named as `vendor.figure`, in a period.

    `contexts` are what is to be told of each beside reference, channel and time.
    """

    figure: str
    period: Period
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    channels: tuple[Channel, ...] = ()
    parameters: tuple[Given, ...] = ()
    contexts: tuple[EventContext, ...] = ()
    order: EventOrder = EventOrder.TIMESTAMP
    descending: bool = True


async def drill_through(
    context: RequestContext,
    platform: Platform,
    question: Question,
    *,
    first: int,
    after: str | None,
) -> Connection[FigureEvent]:
    """Return one page of events in the order asked for.

    Raises UnsupportedError for a platform that lists no events, BadInputError for a figure without
    any, and ForbiddenError where parameters name texts of customers that the caller may not read,
    before anything is asked; BadInputError also for a cursor that is not of this question.
    """
    port, events = _offered(platform, question)
    period = question.period
    arguments = _arguments(platform, question)
    known = platform.measures.measurables.parameters if platform.measures else {}
    if name_texts(arguments, known):
        context.require(Scope.PERSONAL)
    asked = (question.figure, question.filters, question.channels, arguments, question.order)
    about = (*asked, question.descending, platform.key, period.named, period.time_zone)
    mark = fingerprint("drill through", *about)
    begin = Cursor(mark, period.start, await pinned(period.end, mark, context))
    begun = resumed(context.services.sealer, after, begin)
    query = _query(platform, question, arguments, begun, first)

    async def ask(platform: Platform, call: Call) -> Held[Stretch[FigureEvent]]:
        if query is None:
            return Held(Stretch((), (), None), context.clock.now(), Freshness.CACHED)
        return await _read(context, platform, port, query, call)

    answers = await ask_each([platform], context.call, ask)
    page = time_page(answers, begun, first, context.services.sealer, lambda one: one.at)
    sources = tuple(msgspec.structs.replace(one, note=events.note) for one in answers.sources)
    return replace(page, sources=sources)


def _offered(platform: Platform, question: Question) -> tuple[DrillThroughPort, FigureEvents]:
    """Return what lists the events, and what can be asked of those behind the figure."""
    port = platform.drill_through
    if port is None:
        message = "The platform does not list the events behind its figures."
        raise UnsupportedError(message, extensions={"platform": platform.key})
    vendor, _, figure = question.figure.partition(".")
    offered = port.drillable
    if vendor != platform.vendor or figure not in offered:
        message = f"There are no events behind {question.figure!r} on {platform.key!r}."
        accepted = [f"{platform.vendor}.{name}" for name in offered]
        raise BadInputError(message, argument="figure", accepted=accepted)
    events = offered[figure]
    for dimension, _ in question.filters:
        if dimension not in events.filters:
            message = f"The events behind {question.figure!r} are not filtered by {dimension.name}."
            able = [one.name for one in Dimension if one in events.filters]
            raise BadInputError(message, argument="filter.members", accepted=able)
    if question.channels and Dimension.CHANNEL not in events.filters:
        message = f"The events behind {question.figure!r} are not filtered by channels."
        raise BadInputError(message, argument="filter.channels", accepted="no channels")
    return port, events


def _arguments(platform: Platform, question: Question) -> tuple[Argument, ...]:
    """Return what the source of the figure is told; raise BadInputError for what it is not."""
    request = MeasureRequest(
        items=(question.figure,),
        start=question.period.start,
        end=question.period.end,
        zone=question.period.time_zone,
        filters=question.filters,
        channels=question.channels,
    )
    return arguments_of(question.parameters, request, [platform])


def _query(
    platform: Platform,
    question: Question,
    arguments: tuple[Argument, ...],
    begun: Cursor,
    first: int,
) -> FigureEventQuery | None:
    """Return what to ask of the platform; None where nothing can be behind it."""
    start, end = begun.since or question.period.start, begun.until or question.period.end
    position = begun.positions.get(platform.key)
    ended = position is None and platform.key in begun.positions
    words = _words(platform, question.channels)
    if ended or start >= end or (question.channels and not words):
        return None
    named = ((Dimension.CHANNEL, words),) if words else ()
    return FigureEventQuery(
        figure=question.figure.partition(".")[2],
        start=start,
        end=end,
        limit=first,
        after=position,
        filters=(*question.filters, *named),
        arguments=arguments,
        contexts=question.contexts,
        order=question.order,
        descending=question.descending,
    )


def _words(platform: Platform, channels: tuple[Channel, ...]) -> tuple[str, ...]:
    """Return the platform's words for these channels."""
    known = platform.measures.measurables.channels if platform.measures else {}
    return tuple(word for word, channel in known.items() if channel in channels)


class _Page(msgspec.Struct, frozen=True):
    """A page in the form in which it is kept."""

    items: tuple[FigureEvent, ...]
    positions: tuple[str, ...]
    has_more: bool
    truncated: bool


async def _read(
    context: RequestContext,
    platform: Platform,
    port: DrillThroughPort,
    query: FigureEventQuery,
    call: Call,
) -> Held[Stretch[FigureEvent]]:
    async def fetch(budget: Call) -> _Page:
        page = await port.events(query, budget)
        return _Page(page.items, page.positions, page.has_more, page.truncated)

    # Kept with the conversations, for as long: it is as personal as they are.
    key = cache_key("conversations", platform, "drill through", query)
    lifetime = context.services.lifetimes.conversations
    held = await context.entities.read(key, _Page, lifetime, call, fetch)
    kept = held.value
    # Behind a page without items there is no position to go on from.
    goes_on = kept.has_more and bool(kept.items)
    stretch = Stretch(
        items=kept.items,
        positions=kept.positions,
        behind=kept.positions[-1] if goes_on else None,
        oldest=kept.items[-1].at if goes_on else None,
        truncated=not goes_on and (kept.truncated or kept.has_more),
    )
    return Held.made_of(stretch, held)
