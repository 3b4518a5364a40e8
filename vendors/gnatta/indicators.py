"""The figures that canonical indicators are made of, as rows: sources, figures, indicators.

A source is a tile with the words that choose among its figures. Weeks are not declared: the
document does not say on which day one begins, so ISO weeks are built from days where a figure adds
up, else asked with their exact bounds.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from vendors.buckets import Span
from vendors.catalogue import IndicatorKey
from vendors.gnatta.mapping import BY_HOURS, CALLS, DIRECTIONS, LIVE, OUTCOMES, STATES, UNCONNECTED
from vendors.gnatta.wire import tiles
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Merge,
    Source,
    Term,
    Unit,
)

__all__ = [
    "APART",
    "COUNT",
    "FIGURES",
    "FILTERS",
    "HOUR",
    "LIVE_FILTERS",
    "MEAN_TIME",
    "NOTHING",
    "NO_WEIGHT",
    "RATE",
    "ROWS",
    "SOURCES",
    "STAFF",
    "TIME",
    "USERS",
    "figure_of",
    "kind_of",
    "source_of",
]

_WINDOWS: Final = {
    Grain.HOUR: Span(hours=24),
    # 31 local days with a change to winter time are an hour more than 31 days in UTC.
    Grain.DAY: Span(hours=31 * 24),
    Grain.MONTH: Span(months=24),
}
_CHANNEL, _QUEUE, _USER, _ACCOUNT, _TAG = (
    Dimension.CHANNEL,
    Dimension.QUEUE,
    Dimension.AGENT,
    Dimension.ACCOUNT,
    Dimension.TAG,
)
NOTHING: Final[frozenset[Dimension]] = frozenset()
USERS: Final = frozenset({_USER})
FILTERS: Final = frozenset({_CHANNEL, _QUEUE, _TAG})
LIVE_FILTERS: Final = FILTERS - {_CHANNEL}
_A_CHANNEL_A_CALL: Final = {_CHANNEL: Grouping.EACH}


def source_of(
    name: str,
    *,
    filters: frozenset[Dimension] = FILTERS,
    otherwise: Mapping[Dimension, Grouping] = {},
    without: frozenset[Dimension] = NOTHING,
    always_by: Dimension | None = None,
) -> Source:
    """Return the source of that tile and words, with a grouping for each of its paths.

    `otherwise` are the groupings whose members a request does not list, and `filters` what it can
    be restricted by, whatever its groups are.
    """
    family = name.partition("/")[0]
    rows = tiles(family)
    by = {row.grouping for row in rows} - without
    forced = None if None in by or rows[0].averaged else rows[0].grouping
    listed = dict.fromkeys((one for one in Dimension if one in by | filters), Grouping.LISTED)
    each = frozenset(one for one, how in otherwise.items() if how is Grouping.EACH)
    return Source(
        name=name,
        endpoint=family,
        grains=_WINDOWS if rows[0].by_date else {},
        total=Span(months=24),
        groupings={**listed, **otherwise},
        always_by=always_by or forced,
        several_at_once=NOTHING if rows[0].one_channel else each,
        filters=filters,
        group_pairs=frozenset((_USER, one) for one in otherwise.keys() - each),
        fresh_for=timedelta(seconds=600),
        documented=any(row.count.documented for row in rows),
    )


SOURCES: Final[Mapping[str, Source]] = {
    one.name: one
    for one in (
        source_of("interactionsClosed"),
        source_of("interactionsReceived"),
        source_of("interactionsReopened"),
        # Several channels are averaged into one figure: a channel of its own is a call of its own.
        source_of("queueTime", filters=frozenset({_TAG}), otherwise=_A_CHANNEL_A_CALL),
        source_of("ivrTime", filters=frozenset({_TAG}), otherwise=_A_CHANNEL_A_CALL),
        # By user the API accepts Inbound and OriginatorWaitTime, and calls the result meaningless.
        source_of("messageVolume/Inbound", without=USERS),
        source_of("messageVolume/Outbound"),
        source_of("messageTimes/AdvisorResponseTime"),
        source_of("messageTimes/OriginatorWaitTime", without=USERS),
        *(
            source_of(
                f"liveTotals{direction}",
                filters=LIVE_FILTERS | {_ACCOUNT},
                otherwise=_A_CHANNEL_A_CALL,
                always_by=_CHANNEL,
            )
            for direction in DIRECTIONS
        ),
        *(
            source_of(f"liveDuration{direction}", filters=LIVE_FILTERS, otherwise=_A_CHANNEL_A_CALL)
            for direction in DIRECTIONS
        ),
        *(source_of(f"cphByUser/{state}") for state in STATES),
        # Presence is nobody's interaction: the filters that its requests take mean nothing.
        source_of("presenceDuration/Available", filters=NOTHING),
        source_of("presenceDuration/Unavailable", filters=NOTHING),
    )
}

# One audit has one channel, queue, user and account at its time.
_AUDITS: Final = frozenset({Dimension.PLATFORM, _USER, _CHANNEL, _QUEUE, _ACCOUNT})
STAFF: Final = frozenset({Dimension.PLATFORM, _USER})
# Averages of these are of different things, though without a weight no two make one.
APART: Final = _AUDITS - {Dimension.PLATFORM, _CHANNEL}
HOUR: Final = 1 / 3600

_UNIT_ASSUMED: Final = "The unit of durations is not documented: see the setting duration_unit."
NO_WEIGHT: Final = "The platform tells no number behind its averages: they cannot be combined."


def kind_of(
    unit: Unit,
    merge: Merge,
    additive_over: frozenset[Dimension],
    conversion: str | None = None,
    caveat: str | None = None,
) -> Figure:
    """Return what figures of one kind have in common."""
    kind = Figure(name="", source="", title="", unit=unit, merge=merge)
    return replace(kind, additive_over=additive_over, conversion=conversion, caveat=caveat)


COUNT: Final = kind_of(Unit.COUNT, Merge.SUM, _AUDITS)
TIME: Final = kind_of(Unit.SECONDS, Merge.SUM, STAFF, caveat=_UNIT_ASSUMED)
MEAN_TIME: Final = kind_of(
    Unit.SECONDS, Merge.MEAN, APART, "0 as null", f"{_UNIT_ASSUMED} {NO_WEIGHT}"
)
RATE: Final = kind_of(Unit.PER_HOUR, Merge.MEAN, STAFF)


def figure_of(
    kind: Figure, source: Source, title: str, description: str, member: str = "", **more: object
) -> Figure:
    """Return a figure of that kind; `member` is its name in an answer that tells several."""
    rows = tiles(source.endpoint)
    by = {row.grouping for row in rows if not row.averaged}
    by |= {one for one, how in source.groupings.items() if how is not Grouping.LISTED}
    figure = replace(
        kind,
        name=f"{source.name}/{member}" if member else source.name,
        source=source.name,
        title=title,
        description=description,
        # An answer cannot be grouped by everything that it can be restricted by.
        dimensions=frozenset(one for one in source.groupings if one in by),
        documented=source.documented,
    )
    return replace(figure, **more)


def _hours(state: str) -> tuple[Term, ...]:
    """Return the hours in that state, which make a mean of the rates of users and days right.

    A mean with a weight adds up over time as they do, so both are had for the same times.
    """
    states = ("Available",) if state == "Available" else ("Available", "Unavailable")
    return tuple(Term(f"presenceDuration/{one}", HOUR) for one in states)


_ENDED: Final = {**OUTCOMES, "total": (LIVE, "Ended", "Live conversations that ended.")}


def _live_figures() -> list[Figure]:
    """Return what is told of live conversations: how they ended, and how long they lasted."""
    totals = SOURCES["liveTotals"]
    found = [
        figure_of(
            COUNT,
            totals,
            "Abandoned before an operator",
            "Chats abandoned by the customer, and calls abandoned after the menu.",
            UNCONNECTED,
            channels=LIVE,
            conversion="WebChat: abandonedByCustomer; Voice: abandoned",
        )
    ]
    for direction, words in DIRECTIONS.items():
        source = SOURCES[f"liveTotals{direction}"]
        offered = CALLS if direction else LIVE
        found += [
            figure_of(COUNT, source, f"{title}{words}", text, member, channels=channels & offered)
            for member, (channels, title, text) in _ENDED.items()
            if channels & offered
        ]
        found.append(
            figure_of(
                MEAN_TIME,
                SOURCES[f"liveDuration{direction}"],
                f"Duration of live conversations{words}",
                "Mean time from the first connection with an operator to the end. Where no "
                "channel is named: of chats, or of calls in that direction.",
                channels=offered,
            )
        )
    return found


def _each(kind: Figure, *rows: tuple[str, str, str]) -> list[Figure]:
    """Return the figures of one kind, by source, title and description."""
    return [figure_of(kind, SOURCES[name], title, text) for name, title, text in rows]


FIGURES: Final[Mapping[str, Figure]] = {
    one.name: one
    for one in (
        *_each(
            replace(COUNT, caveat="An interaction that is reopened may close several times."),
            (
                "interactionsClosed",
                "Interactions closed",
                "Transitions of interactions into Closed.",
            ),
        ),
        *_each(
            COUNT,
            (
                "interactionsReceived",
                "Interactions received",
                "Interactions that left Draft for Created, Queued or Automation.",
            ),
            (
                "interactionsReopened",
                "Interactions reopened",
                "Transitions of interactions from Closed into Queued, Assigned or Automation.",
            ),
            ("messageVolume/Inbound", "Messages received", "Messages from customers."),
            ("messageVolume/Outbound", "Messages sent", "Messages to customers."),
        ),
        *_each(
            MEAN_TIME,
            ("queueTime", "Time in queue", "Mean time from Queued to Assigned."),
            ("ivrTime", "Time in IVR", "Mean time in Automation, on all channels asked for."),
            (
                "messageTimes/AdvisorResponseTime",
                "Advisor response time",
                "Mean time to an advisor's message, from the last one to answer or the assignment.",
            ),
            (
                "messageTimes/OriginatorWaitTime",
                "Originator wait time",
                "Mean time to a message, from the customer's first unanswered message.",
            ),
        ),
        *_live_figures(),
        *(
            figure_of(
                RATE,
                SOURCES[f"cphByUser/{state}"],
                f"Contacts per hour {words}, combined by hours",
                "Contacts: interactions on which the user did anything. The hours are tile 34's, "
                "and cannot be restricted.",
                BY_HOURS,
                weight=_hours(state),
            )
            for state, words in STATES.items()
        ),
        *_each(
            TIME,
            (
                "presenceDuration/Available",
                "Available time",
                "Time of users in a state of the type Online.",
            ),
            (
                "presenceDuration/Unavailable",
                "Unavailable time",
                "Time of users in any state but Online and Offline.",
            ),
        ),
    )
}

_AVAILABLE, _UNAVAILABLE = (Term(f"presenceDuration/{one}") for one in ("Available", "Unavailable"))
_KNOWN_USERS: Final = "Adds up the users of the directory and those seen lately."
_LIVE_ONLY: Final = "Live conversations only: chats and calls, of the accounts of the directory."
_HOURS: Final = _hours("Available")


def _row(
    key: IndicatorKey,
    *value: Term | str,
    weight: tuple[Term, ...] = (),
    channels: frozenset[str] | None = None,
    caveat: str | None = None,
) -> IndicatorRow:
    terms = tuple(Term(one) if isinstance(one, str) else one for one in value)
    return IndicatorRow(indicator=key, value=terms, weight=weight, channels=channels, caveat=caveat)


_K: Final = IndicatorKey

ROWS: Final[Mapping[str, IndicatorRow]] = {
    one.indicator: one
    for one in (
        _row(
            _K.CONVERSATIONS_STARTED,
            "interactionsReceived",
            caveat="Counts workable items, which may each span several conversations.",
        ),
        _row(
            _K.CONVERSATIONS_CLOSED,
            "interactionsClosed",
            caveat="An item that is reopened may close several times.",
        ),
        _row(_K.CONVERSATIONS_REOPENED, "interactionsReopened"),
        _row(
            _K.CONVERSATIONS_UNANSWERED,
            "liveTotals/abandonedByOperator",
            caveat="Chats only, that ended without a message of the operator who had them.",
        ),
        _row(
            _K.CONVERSATIONS_ABANDONED,
            f"liveTotals/{UNCONNECTED}",
            caveat=f"{_LIVE_ONLY} Calls that ended in the menu are left out.",
        ),
        _row(_K.CONVERSATIONS_HANDLED, "liveTotals/handled", caveat=_LIVE_ONLY),
        _row(_K.MESSAGES_RECEIVED, "messageVolume/Inbound"),
        _row(_K.MESSAGES_SENT, "messageVolume/Outbound"),
        _row(
            _K.RESPONSE_TIME,
            "messageTimes/AdvisorResponseTime",
            caveat=f"The clock starts at the assignment at the earliest. {NO_WEIGHT}",
        ),
        _row(
            _K.CUSTOMER_WAIT_TIME,
            "messageTimes/OriginatorWaitTime",
            caveat=f"Counts from the first unanswered message. {NO_WEIGHT}",
        ),
        _row(_K.QUEUE_TIME, "queueTime", caveat=f"Of one queue, or by QUEUE. {NO_WEIGHT}"),
        _row(
            _K.HANDLE_TIME,
            "liveDuration",
            channels=LIVE,
            caveat=f"{_LIVE_ONLY} Of one channel, or by CHANNEL, and of one account, or by "
            f"ACCOUNT. {NO_WEIGHT}",
        ),
        _row(
            _K.IVR_TIME,
            "ivrTime",
            channels=CALLS,
            caveat=f"Time of calls in Automation. Of one queue, or by QUEUE. {NO_WEIGHT}",
        ),
        _row(_K.LOGGED_IN_TIME, _AVAILABLE, _UNAVAILABLE, caveat=_KNOWN_USERS),
        _row(_K.AVAILABLE_TIME, _AVAILABLE, caveat=_KNOWN_USERS),
        _row(_K.UNAVAILABLE_TIME, _UNAVAILABLE, caveat=_KNOWN_USERS),
        # From its parts: the platform's own percentage has no dates and cannot be combined.
        _row(
            _K.AVAILABILITY_RATE, _AVAILABLE, weight=(_AVAILABLE, _UNAVAILABLE), caveat=_KNOWN_USERS
        ),
        _row(
            _K.CONTACTS_PER_HOUR,
            *(Term(f"cphByUser/Available/{BY_HOURS}", HOUR, by=one.figure) for one in _HOURS),
            weight=_HOURS,
            caveat="A contact is an interaction on which an available user did anything; the rate "
            f"times the hours gives their number. {_KNOWN_USERS}",
        ),
    )
}
