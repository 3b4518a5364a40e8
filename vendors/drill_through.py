"""The events that a native figure counts: what a platform tells beside the number, row by row."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from vendors.measures import Dimension
from vendors.parameters import Argument
from vendors.records import Channel, Record
from vendors.words import Word

if TYPE_CHECKING:
    from vendors.calls import Call
    from vendors.port import Page

__all__ = [
    "DataValue",
    "DrillThroughPort",
    "EventContext",
    "EventOrder",
    "FigureEvent",
    "FigureEventQuery",
    "FigureEvents",
]


class EventContext(Word):
    """What a platform tells of an event only where it is asked to."""

    AGENT = "agent", "Who did it."
    QUEUE = "queue", "The queue that it happened in."
    ACCOUNT = "account", "The customer-facing account that it happened on."
    DATA = "data", "The values of the account's own data fields at that time."


class EventOrder(Word):
    """By what events are ordered."""

    TIMESTAMP = "timestamp", "By their times."
    REFERENCE = "reference", "By the references that people use, as text."


class DataValue(Record, frozen=True, kw_only=True):
    """The value of one of the account's own data fields. It may be personal data."""

    id: str
    value: str | None = None


class FigureEvent(Record, frozen=True, kw_only=True):
    """One event that a figure counts. The same reference may come several times.

    What was not asked for, and what the platform does not tell, is None.
    """

    platform: str
    reference: str
    native_id: str
    """What tells the event from others: made of reference and instant where it has no id."""
    at: datetime
    channel: Channel = Channel.OTHER
    native_channel: str | None = None
    agent_id: str | None = None
    queue_id: str | None = None
    queue_name: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    data: tuple[DataValue, ...] | None = None


class FigureEventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are wanted: those that `figure` counts in `[start, end)`, at most `limit`.

    `filters` restrict (dimension, ids), channels in the vendor's words. `after` is a position that
    the platform gave out with an event of the same question; the page begins behind it.
    """

    figure: str
    start: datetime
    end: datetime
    limit: int
    after: str | None = None
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    arguments: tuple[Argument, ...] = ()
    """What the source of the figure is told beside that."""
    contexts: tuple[EventContext, ...] = ()
    order: EventOrder = EventOrder.TIMESTAMP
    descending: bool = True


class FigureEvents(msgspec.Struct, frozen=True, kw_only=True):
    """What can be asked of the events of one figure."""

    contexts: frozenset[EventContext]
    filters: frozenset[Dimension]
    """What they can be restricted by."""
    note: str | None = None
    """How they differ from what the figure counts, where they do."""


class DrillThroughPort(Protocol):
    """Lists the events behind figures."""

    @property
    def drillable(self) -> Mapping[str, FigureEvents]:
        """Return the figures that have events, by the vendor's name."""
        ...

    async def events(self, query: FigureEventQuery, call: "Call") -> "Page[FigureEvent]":
        """Return one page in the order asked for, by as few calls as can be.

        Raises PlatformError, and BadInputError for what cannot be asked of these events.
        """
        ...
