"""What Gnatta measures, as rows: sources, figures, and the canonical indicators made of them.

Weeks are not declared: the document does not say on which day one begins, so ISO weeks are built
from days where a figure adds up, else asked with their exact bounds.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec

from vendors.buckets import Span
from vendors.catalogue import IndicatorKey
from vendors.gnatta.mapping import CHANNELS
from vendors.gnatta.settings import GnattaSettings
from vendors.gnatta.wire import ENDPOINTS
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Measurables,
    Member,
    Merge,
    Source,
    Term,
    Unit,
    Zoning,
)
from vendors.records import Channel

__all__ = ["FIGURES", "ROWS", "SOURCES", "measurables"]

_WINDOWS: Final = {
    Grain.HOUR: Span(hours=24),
    # 31 local days with a change to winter time are an hour more than 31 days in UTC.
    Grain.DAY: Span(hours=31 * 24),
    Grain.MONTH: Span(months=24),
}
_ALL_IN_ALL: Final = Span(months=24)


_NOTHING: Final[frozenset[Dimension]] = frozenset()
_USERS: Final = frozenset({Dimension.AGENT})


def _source(name: str, *, without: frozenset[Dimension] = _NOTHING) -> Source:
    """Return the source of that tile and selector, with a grouping for each of its endpoints."""
    family = name.partition("/")[0]
    tiles = [tile for tile in ENDPOINTS.values() if tile.family == family]
    groupings = {tile.grouping for tile in tiles} - without
    by = [one for one in Dimension if one in groupings]
    return Source(
        name=name,
        endpoint=family,
        grains=_WINDOWS,
        total=_ALL_IN_ALL,
        zoning=Zoning.ANY,
        groupings=dict.fromkeys(by, Grouping.LISTED),
        always_by=None if None in groupings else by[0],
        fresh_for=timedelta(seconds=600),
        documented=any(tile.count.documented for tile in tiles),
    )


SOURCES: Final[Mapping[str, Source]] = {
    one.name: one
    for one in (
        _source("interactionsClosed"),
        _source("interactionsReceived"),
        _source("interactionsReopened"),
        # By user the API accepts Inbound and OriginatorWaitTime, and calls the result meaningless.
        _source("messageVolume/Inbound", without=_USERS),
        _source("messageVolume/Outbound"),
        _source("messageTimes/AdvisorResponseTime"),
        _source("messageTimes/OriginatorWaitTime", without=_USERS),
        _source("presenceDuration/Available"),
        _source("presenceDuration/Unavailable"),
    )
}

# One audit has one channel, queue, user and account at its time.
_AUDITS: Final = frozenset(
    {Dimension.PLATFORM, Dimension.AGENT, Dimension.CHANNEL, Dimension.QUEUE, Dimension.ACCOUNT}
)
_STAFF: Final = frozenset({Dimension.PLATFORM, Dimension.AGENT})

_UNIT_ASSUMED: Final = "The unit of durations is not documented: see the setting duration_unit."
_NO_WEIGHT: Final = "The platform tells no number of messages, so averages cannot be combined."


def _figure(name: str, title: str, description: str, caveat: str | None = None) -> Figure:
    """Return a figure that counts audits."""
    return Figure(
        name=name,
        source=name,
        unit=Unit.COUNT,
        merge=Merge.SUM,
        title=title,
        description=description,
        additive_over=_AUDITS,
        caveat=caveat,
        documented=SOURCES[name].documented,
    )


def _duration(
    name: str, title: str, description: str, merge: Merge, additive_over: frozenset[Dimension]
) -> Figure:
    caveat = _UNIT_ASSUMED if merge is Merge.SUM else f"{_UNIT_ASSUMED} {_NO_WEIGHT}"
    return msgspec.structs.replace(
        _figure(name, title, description, caveat),
        unit=Unit.SECONDS,
        merge=merge,
        additive_over=additive_over,
    )


FIGURES: Final[Mapping[str, Figure]] = {
    one.name: one
    for one in (
        _figure(
            "interactionsClosed",
            "Interactions closed",
            "Transitions of interactions into Closed.",
            "An interaction that is reopened may close several times.",
        ),
        _figure(
            "interactionsReceived",
            "Interactions received",
            "Interactions that left Draft for Created, Queued or Automation.",
        ),
        _figure(
            "interactionsReopened",
            "Interactions reopened",
            "Transitions of interactions from Closed into Queued, Assigned or Automation.",
        ),
        _figure("messageVolume/Inbound", "Messages received", "Messages from customers."),
        _figure("messageVolume/Outbound", "Messages sent", "Messages to customers."),
        _duration(
            "messageTimes/AdvisorResponseTime",
            "Advisor response time",
            "Mean time to an advisor's message, from the last unanswered message of the customer "
            "or from the assignment, whichever is later.",
            Merge.MEAN,
            _NOTHING,
        ),
        _duration(
            "messageTimes/OriginatorWaitTime",
            "Originator wait time",
            "Mean time to a message, from the customer's first unanswered message.",
            Merge.MEAN,
            _NOTHING,
        ),
        _duration(
            "presenceDuration/Available",
            "Available time",
            "Time of users in a state of the type Online.",
            Merge.SUM,
            _STAFF,
        ),
        _duration(
            "presenceDuration/Unavailable",
            "Unavailable time",
            "Time of users in any state but Online and Offline.",
            Merge.SUM,
            _STAFF,
        ),
    )
}

_AVAILABLE: Final = Term("presenceDuration/Available")
_UNAVAILABLE: Final = Term("presenceDuration/Unavailable")
_KNOWN_USERS: Final = "Adds up the users of the directory and those seen lately."


def _row(
    key: IndicatorKey, *value: Term, weight: tuple[Term, ...] = (), caveat: str | None = None
) -> IndicatorRow:
    return IndicatorRow(indicator=key, value=value, weight=weight, caveat=caveat)


_K: Final = IndicatorKey

ROWS: Final[Mapping[str, IndicatorRow]] = {
    one.indicator: one
    for one in (
        _row(
            _K.CONVERSATIONS_STARTED,
            Term("interactionsReceived"),
            caveat="Counts workable items, each of which may span several conversations and "
            "channels.",
        ),
        _row(
            _K.CONVERSATIONS_CLOSED,
            Term("interactionsClosed"),
            caveat="An item that is reopened may close several times.",
        ),
        _row(_K.CONVERSATIONS_REOPENED, Term("interactionsReopened")),
        _row(_K.MESSAGES_RECEIVED, Term("messageVolume/Inbound")),
        _row(_K.MESSAGES_SENT, Term("messageVolume/Outbound")),
        _row(
            _K.RESPONSE_TIME,
            Term("messageTimes/AdvisorResponseTime"),
            caveat=f"The clock starts at the assignment at the earliest. {_NO_WEIGHT}",
        ),
        _row(
            _K.CUSTOMER_WAIT_TIME,
            Term("messageTimes/OriginatorWaitTime"),
            caveat=f"Counts from the first unanswered message. {_NO_WEIGHT}",
        ),
        _row(_K.LOGGED_IN_TIME, _AVAILABLE, _UNAVAILABLE, caveat=_KNOWN_USERS),
        _row(_K.AVAILABLE_TIME, _AVAILABLE, caveat=_KNOWN_USERS),
        _row(_K.UNAVAILABLE_TIME, _UNAVAILABLE, caveat=_KNOWN_USERS),
        _row(
            _K.AVAILABILITY_RATE,
            _AVAILABLE,
            weight=(_AVAILABLE, _UNAVAILABLE),
            caveat=_KNOWN_USERS,
        ),
    )
}


def measurables(
    settings: GnattaSettings, known: Mapping[Dimension, tuple[Member, ...]]
) -> Measurables:
    """Return what can be measured with these settings and the members that are known now.

    The API groups by members that the request names, so a grouping without known members is left
    out, and so is a source that cannot be asked without one.
    """
    settling = timedelta(seconds=settings.settling_seconds)
    sources = {
        name: msgspec.structs.replace(
            one,
            settling=settling,
            groupings={by: how for by, how in one.groupings.items() if known.get(by)},
        )
        for name, one in SOURCES.items()
        if one.always_by is None or known.get(one.always_by)
    }
    figures = {name: one for name, one in FIGURES.items() if one.source in sources}
    return Measurables(
        sources=sources,
        figures=figures,
        indicators={
            key: row
            for key, row in ROWS.items()
            if all(term.figure in figures for term in (*row.value, *row.weight))
        },
        channels={word: CHANNELS.get(word, Channel.OTHER) for word in settings.directory.channels},
    )
