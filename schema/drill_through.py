"""Drill-through: the events that a native figure counts, row by row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import strawberry
from strawberry import Parent

import schema.enums  # noqa: F401 - the enums must be known before a type refers to them
from resolvers import drill_through
from schema.agents import Agent
from schema.context import Info
from schema.entries import platform_of
from schema.indicators import IndicatorFilter, read_filter
from schema.paging import AFTER, FIRST, Connection
from schema.parameters import ReportParameterInput, read_parameters
from schema.personal import PERSONAL, personal
from schema.platforms import Platform
from schema.selection import selected
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors.drill_through import EventContext, EventOrder
from vendors.drill_through import FigureEvent as Event
from vendors.records import Channel

__all__ = ["DrillThroughQuery", "FigureEvent"]

_FIELDS: Final[Mapping[str, EventContext]] = {
    "agent": EventContext.AGENT,
    "agentId": EventContext.AGENT,
    "queueId": EventContext.QUEUE,
    "queueName": EventContext.QUEUE,
    "accountId": EventContext.ACCOUNT,
    "accountName": EventContext.ACCOUNT,
    "data": EventContext.DATA,
}
"""The fields that a platform tells only where it is asked to."""


@strawberry.type(description="The value of one of the account's own data fields.")
class EventData:
    """A data value."""

    id: str = strawberry.field(name="nativeId", description="The platform's id of the data field.")
    value: str | None = strawberry.field(
        description=f"Its value at that time; null where it had none. {PERSONAL}",
        resolver=personal("value", "EventData.value"),
    )


async def _agent(root: Parent[Event], info: Info) -> Agent | None:
    if root.agent_id is None or info.context.platforms[root.platform].agents is None:
        return None
    key = (root.platform, root.agent_id)
    return await info.context.loaders.agent_by_key.load(key)  # type: ignore[return-value]  # the type reads the record


@strawberry.type(
    description=(
        "One event that a figure counts, such as a closing. The same `reference` comes once for "
        "each event. No platform fetches a single one by an id."
    )
)
class FigureEvent:
    """An event."""

    native_id: str = strawberry.field(
        description="What tells it from others: the reference with the instant, without an id."
    )
    reference: str = strawberry.field(
        description="The reference that people use for what it happened to."
    )
    platform: Platform = strawberry.field(
        description="The platform that counts it.", resolver=platform_of
    )
    at: datetime = strawberry.field(description="When it happened.")
    channel: Channel = strawberry.field(description="The channel.")
    native_channel: str | None = strawberry.field(description="The platform's word for it.")
    agent: Agent | None = strawberry.field(
        description="Who did it; null where the platform does not tell or list them.",
        resolver=_agent,
    )
    agent_id: str | None = strawberry.field(description="The platform's id of who did it.")
    queue_id: str | None = strawberry.field(description="The platform's id of the queue.")
    queue_name: str | None = strawberry.field(description="The queue's name, where it is known.")
    account_id: str | None = strawberry.field(description="The platform's id of the account.")
    account_name: str | None = strawberry.field(
        description="The account's name, where it is known."
    )
    data: list[EventData] | None = strawberry.field(
        description="The account's own data at that time; null where the platform tells none."
    )


@strawberry.input(description="In which order events come.")
class FigureEventOrder:
    """A field and a direction."""

    field: EventOrder = strawberry.field(
        description=(
            "By what; by REFERENCE, a platform may be able to list the first events only."
        ),
        default=EventOrder.TIMESTAMP,
    )
    descending: bool = strawberry.field(
        description="Whether the newest, or the greatest reference, comes first.", default=True
    )


async def _drill_through(
    info: Info,
    platform: Annotated[str, strawberry.argument(description="The key of the platform to ask.")],
    figure: Annotated[
        str,
        strawberry.argument(
            description="As `vendor.figure`: one of the `nativeFigures` with `drillThrough`."
        ),
    ],
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    filter: Annotated[
        IndicatorFilter | None, strawberry.argument(description="What to restrict to.")
    ] = None,
    parameters: Annotated[
        list[ReportParameterInput] | None,
        strawberry.argument(description="What the figure is told: its own `parameters`."),
    ] = None,
    order_by: Annotated[
        FigureEventOrder | None,
        strawberry.argument(description="In which order; newest first if left out."),
    ] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[FigureEvent] | None:
    context = info.context
    members, channels = read_filter(filter)
    order = order_by or FigureEventOrder()
    question = drill_through.Question(
        figure=figure,
        period=read_period(context, period, time_zone),
        filters=members,
        channels=channels,
        parameters=read_parameters(parameters),
        contexts=_contexts(info),
        order=order.field,
        descending=order.descending,
    )
    (chosen,) = context.choose([platform], "platform")
    return await drill_through.drill_through(  # type: ignore[return-value]  # the type reads the record
        context, chosen, question, first=context.page_size(first), after=after
    )


def _contexts(info: Info) -> tuple[EventContext, ...]:
    """Return what is to be told of each event beside what always is."""
    names = selected(info, "nodes") | selected(info, "edges", "node")
    wanted = {context for name, context in _FIELDS.items() if name in names}
    return tuple(one for one in EventContext if one in wanted)


@strawberry.type
class DrillThroughQuery:
    """The part of Query that is about what stands behind figures."""

    drill_through: Connection[FigureEvent] | None = strawberry.field(
        description=(
            "The events that a platform counts for one of its own figures in a period (the last "
            "seven days if left out), row by row; `note` of its source says where they are others. "
            "Data, agents, queues and accounts are asked for only where they are selected."
        ),
        resolver=_drill_through,
    )
