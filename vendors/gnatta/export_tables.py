"""Which exports there are: one for each tile, and one for each family of audits, as rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from vendors.exports import Export
from vendors.gnatta import wire
from vendors.gnatta.measuring import PROPERTIES
from vendors.gnatta.parameters import is_ranked, parameters, taken_by
from vendors.gnatta.reports import SOURCES
from vendors.gnatta.settings import GnattaSettings
from vendors.measures import Dimension, Grain, Grouping, Source
from vendors.parameters import Parameter

__all__ = ["DEFAULTS", "DIRECTION", "TOLD", "VOICE", "WEBCHAT", "Table", "tables"]

VOICE, WEBCHAT = "Voice", "WebChat"
DIRECTION: Final = frozenset({"Inbound", "Outbound"})
DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("Descending",),
    "order_by": ("Timestamp",),
    "context": (),
}
"""What is told of the audits where the caller says nothing."""

TOLD: Final = {"old_state": "oldState", "data": "data", "rank": "orderBy", "data_type": "dataType"}
"""What figures can be told as well, by the names that exports have for it."""

_MOST_ROWS: Final = 1_000_000
_CHANNEL: Final = "channel"
_OF: Final = "of"
_GRAINS: Final = (Grain.TOTAL, Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH)

Selection = frozenset[tuple[str, str]]
"""Arguments by which a source is chosen."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One export: of a tile, or of a listing of audits, by the sources that can be chosen."""

    export: Export
    sources: Mapping[Selection, Source]
    tile: wire.Endpoint | None = None
    listing: wire.Listing | None = None
    one_channel: bool = False

    @property
    def words(self) -> Selection:
        """Return all that can be chosen by."""
        return frozenset(pair for selection in self.sources for pair in selection)

    @property
    def implied(self) -> Selection:
        """Return what is chosen in any case."""
        return frozenset.intersection(*self.sources)

    @property
    def selecting(self) -> tuple[str, ...]:
        """Return the parameters that choose."""
        return tuple(sorted({name for name, _ in self.words} - {_CHANNEL}))

    def filters_of(self, source: Source) -> frozenset[Dimension]:
        """Return what it can be restricted by."""
        found = _listed(source) if self.tile is None else _measured(source, self.tile)
        return (found | {Dimension.CHANNEL}) if self.one_channel else found


def _measured(source: Source, tile: wire.Endpoint) -> frozenset[Dimension]:
    each = {one for one, how in source.groupings.items() if how is Grouping.EACH}
    named = () if is_ranked(source.name) else tile.named
    return frozenset({*named, *(source.filters or ()), *each})


def _listed(source: Source) -> frozenset[Dimension]:
    return frozenset(source.groupings)


_PARAMETERS: Final = {
    "direction": Parameter(
        name="direction",
        description="Which way messages, or calls, went.",
        choices=("Inbound", "Outbound"),
        most=1,
    ),
    "responseTime": Parameter(
        name="response_time",
        description="Which time: until an advisor answered, or that the customer waited.",
        choices=("AdvisorResponseTime", "OriginatorWaitTime"),
        most=1,
    ),
    "userState": Parameter(
        name="user_state",
        description="The state of users whose time is meant.",
        choices=("Available", "Unavailable", "LoggedIn"),
        most=1,
    ),
    "action": Parameter(
        name="action",
        description="What a user did while an interaction was assigned.",
        choices=("Closed", "Message", "Data", "Note", "None", "Any"),
        most=1,
    ),
}
"""By the member of the request that each is told as."""

_ORDERS: Final = (
    Parameter(
        name="order",
        description="Which row is first; Descending, the newest, if left out.",
        choices=("Ascending", "Descending"),
        most=1,
    ),
    Parameter(
        name="order_by",
        description="By what rows are ordered; by Timestamp if left out.",
        choices=("Timestamp", "Reference"),
        most=1,
    ),
)

_CLOSED: Final = "Transitions of interactions into Closed."
_LIVE: Final = (
    "How live conversations ended, or how long they took: of the channel that is named, of chats "
    "where none is."
)
_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "interactionsClosed": ("Interactions closed", _CLOSED),
    "interactionsClosedByUse": (
        "Interactions closed by the most or least used data values",
        "Transitions of interactions into Closed, for values of a string editor that are picked.",
    ),
    "interactionsReceived": (
        "Interactions received",
        "Interactions that left Draft for Created, Queued or Automation.",
    ),
    "interactionsReopened": (
        "Interactions reopened",
        "Transitions of interactions from Closed into Queued, Assigned or Automation.",
    ),
    "queueTime": (
        "Time in queue",
        "Mean time from Queued to Assigned; several channels are averaged together.",
    ),
    "ivrTime": (
        "Time in IVR",
        "Mean time in Automation; several channels are averaged together.",
    ),
    "advisorActions": (
        "Advisor actions",
        "Assignments that are over, in which the user did what `action` names.",
    ),
    "messageVolume": ("Message volume", "Messages received, or sent."),
    "messageTimes": ("Response and wait times", "Mean times to messages of advisors."),
    "livePercentages": ("Shares abandoned and handled", _LIVE),
    "liveTotals": ("Abandoned and handled", _LIVE),
    "liveDuration": ("Average duration of live conversations", _LIVE),
    "cphByChannel": (
        "Contacts per hour by channel",
        "Interactions on which a user did anything, for each hour in the state.",
    ),
    "cphByQueue": (
        "Contacts per hour by queue",
        "Interactions on which a user did anything, for each hour in the state.",
    ),
    "cphByUser": (
        "Contacts per hour",
        "Interactions on which a user did anything, for each hour in the state.",
    ),
    "cphAverage": ("Average contacts per hour", "The average over the users."),
    "presenceDuration": ("Time in a state", "How long users were available, or were not."),
    "availabilityPercentage": (
        "Availability percentage",
        "Available time as a share of the time logged in, from 0 to 100.",
    ),
    "advisorMetrics": (
        "Advisor metrics",
        "Contacts, contacts per hour, times and response time of each user.",
    ),
}
_WORDS: Final = {
    Dimension.AGENT: "user",
    Dimension.CHANNEL: "channel",
    Dimension.QUEUE: "queue",
    Dimension.ACCOUNT: "account",
    Dimension.TAG: "data value",
}
_LISTED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "interactions": (
        "Transitions of interactions between states",
        (
            "interactionsClosed",
            "interactionsReceived",
            "interactionsReopened",
            "queueTime",
            "ivrTime",
        ),
    ),
    "conversations": ("Live conversations that ended", ("liveTotals",)),
    "messages": ("Messages", ("messageVolume", "messageTimes")),
    "unit-of-works": ("Assignments of users", ("advisorActions", "cphByUser")),
}
"""The families of audits: what they are of, and the families of tiles that count each of them."""


def tables(settings: GnattaSettings) -> Mapping[str, Table]:
    """Return every export by name; none where no address for them is known.

    Without a type of data that tags are values of, nothing is grouped or restricted by tags.
    """
    if settings.export_address is None:
        return {}
    known = settings.directory
    tiles = [
        tile
        for tile in wire.ENDPOINTS.values()
        if known.tag_type is not None or tile.grouping is not Dimension.TAG
    ]
    tiles += [wire.RANKED] if known.string_types else []
    found = [
        *(_of_tile(tile, settings) for tile in tiles),
        *(_of_listing(family, settings) for family in wire.LISTINGS),
    ]
    return {one.export.name: one for one in found}


def _of_tile(tile: wire.Endpoint, settings: GnattaSettings) -> Table:
    sources = {
        _selection(one.name): one
        for one in SOURCES.values()
        if one.endpoint == tile.family and (tile.grouping is None or tile.grouping in one.groupings)
    }
    title, text = _TITLES[tile.family]
    apart = tile.named and not (tile.averaged or is_ranked(tile.family))
    by = f" by {_WORDS[tile.named[0]]}" if apart else ""
    ranked = is_ranked(tile.family)
    dated = None if ranked else wire.EXPORTED.get(f"{tile.key}.byDate")
    paths = [wire.PATHS[one] for one in (dated, wire.EXPORTED[f"{tile.key}.count"]) if one]
    table = Table(
        export=Export(
            name=_kebab(tile.family if ranked else tile.key),
            title=f"{title}{by}",
            description=text,
            grains=_GRAINS if dated else _GRAINS[:1],
            parameters=(*_selecting(sources), *_told(sources.values(), settings)),
            personal_always=ranked,
            documented=any(one.documented for one in paths),
        ),
        sources=sources,
        tile=tile,
        one_channel=tile.one_channel,
    )
    return _filtered(table, settings)


def _of_listing(family: str, settings: GnattaSettings) -> Table:
    listing = wire.LISTINGS[family]
    title, counted = _LISTED[family]
    sources = {
        frozenset({(_OF, one.name)}): one for one in SOURCES.values() if one.endpoint in counted
    }
    of = Parameter(
        name=_OF,
        description="Which audits: those that this figure is made of.",
        choices=tuple(one.name for one in sources.values()),
        most=1,
        required=True,
    )
    context = Parameter(
        name="context",
        description="What is told of each beside reference, channel and time.",
        choices=listing.contexts,
    )
    table = Table(
        export=Export(
            name=_kebab(listing.entry),
            title=f"View interactions: {title[0].lower()}{title[1:]}",
            description=f"{title}, one row each, newest first: the audits behind the figures.",
            parameters=(of, *_ORDERS, context, *_told(sources.values(), settings)),
            personal=(("context", "Data"),) if "Data" in listing.contexts else (),
            most_rows=_MOST_ROWS,
            documented=wire.PATHS[listing.entry].documented,
        ),
        sources=sources,
        listing=listing,
        one_channel=any(wire.tiles(one)[0].one_channel for one in counted),
    )
    return _filtered(table, settings)


def _told(sources: Iterable[Source], settings: GnattaSettings) -> Iterable[Parameter]:
    """Yield what any of these can be told beside that, as figures can."""
    telling = [msgspec.structs.replace(one, parameters=taken_by(one)) for one in sources]
    known = parameters(settings, telling)
    for name, word in TOLD.items():
        if word in known:
            yield msgspec.structs.replace(known[word], name=name)


def _filtered(table: Table, settings: GnattaSettings) -> Table:
    """Return the table with what its sources can be restricted by."""
    tagged = settings.directory.tag_type is not None
    some = {one for source in table.sources.values() for one in table.filters_of(source)}
    filters = (one for one in Dimension if one in some and (tagged or one is not Dimension.TAG))
    export = msgspec.structs.replace(table.export, filters=tuple(filters))
    return msgspec.structs.replace(table, export=export)


def _selection(source: str) -> Selection:
    """Return the arguments that a source's name stands for."""
    return frozenset((_name(PROPERTIES[word]), word) for word in source.split("/")[1:])


def _name(member: str) -> str:
    return _PARAMETERS[member].name if member in _PARAMETERS else member


def _selecting(selections: Iterable[Selection]) -> Iterable[Parameter]:
    """Yield the parameters that choose among these, with the values that there are."""
    every = list(selections)
    for parameter in _PARAMETERS.values():
        values = [{value for name, value in one if name == parameter.name} for one in every]
        choices = tuple(one for one in parameter.choices if any(one in words for words in values))
        if choices:
            # Without another choice it need not be made.
            required = all(values) and len(choices) > 1
            yield msgspec.structs.replace(parameter, choices=choices, required=required)


def _kebab(entry: str) -> str:
    """Return an entry of the paths as a word of an address."""
    return re.sub(r"\.|(?=[A-Z])", "-", entry).lower()
