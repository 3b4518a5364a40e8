"""Gnatta's own reporting: tiles behind no indicator, tables, and all that can be measured now."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from vendors.buckets import Span
from vendors.gnatta import indicators
from vendors.gnatta.indicators import (
    APART,
    COUNT,
    FILTERS,
    HOUR,
    LIVE_FILTERS,
    MEAN_TIME,
    NO_WEIGHT,
    NOTHING,
    RATE,
    ROWS,
    STAFF,
    TIME,
    USERS,
    figure_of,
    kind_of,
    source_of,
)
from vendors.gnatta.mapping import CHANNELS, LIVE, OUTCOMES, STATES
from vendors.gnatta.parameters import is_ranked, parameters, taken_by
from vendors.gnatta.settings import GnattaSettings
from vendors.gnatta.wire import RANKED, tiles
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    Measurables,
    Merge,
    Source,
    Term,
    Unit,
)
from vendors.records import Channel

__all__ = ["FIGURES", "SOURCES", "TABLES", "measurables"]

_ACTIONS: Final = {
    "Closed": "closed the interaction",
    "Message": "sent a message",
    "Data": "changed dynamic data",
    "Note": "wrote a note",
    "None": "did none of these",
    "Any": "did at least one of these",
}
_SHARES: Final = {
    "livePercentages/WebChat": "chats",
    "livePercentages/Voice": "calls",
    "livePercentages/Voice/Inbound": "inbound calls",
    "livePercentages/Voice/Outbound": "outbound calls",
}
_WEEKS: Final = Span(months=3)
"""The longest window of a request by week, which is sent where the first day is known."""
_WITHIN: Final = {"cphByChannel": Dimension.CHANNEL, "cphByQueue": Dimension.QUEUE}
_ADVISORS: Final = "advisorMetrics"

SOURCES: Final[Mapping[str, Source]] = {
    one.name: one
    for one in (
        *indicators.SOURCES.values(),
        *(source_of(f"advisorActions/{action}") for action in _ACTIONS),
        *(source_of(name, filters=LIVE_FILTERS) for name in _SHARES),
        *(
            source_of(f"{family}/{state}", filters=FILTERS - {by}, otherwise={by: Grouping.ALL})
            for family, by in _WITHIN.items()
            for state in STATES
        ),
        *(source_of(f"cphAverage/{state}", filters=FILTERS | USERS) for state in STATES),
        source_of("availabilityPercentage/Available", filters=NOTHING),
        source_of(_ADVISORS),
        replace(
            source_of(
                RANKED.family,
                filters=FILTERS - {Dimension.TAG},
                otherwise={Dimension.TAG: Grouping.ALL},
            ),
            group_pairs=frozenset(),
        ),
    )
}

_PERCENT: Final = "percent ÷ 100"
_SHARE: Final = kind_of(Unit.RATE, Merge.MEAN, APART, _PERCENT, NO_WEIGHT)
_PRESENCE: Final = kind_of(Unit.RATE, Merge.RATIO, STAFF, _PERCENT)
_QUOTIENT: Final = kind_of(Unit.PER_HOUR, Merge.RATIO, STAFF)
_UNWEIGHED: Final = kind_of(Unit.PER_HOUR, Merge.MEAN, APART, caveat=NO_WEIGHT)
_RANKED: Final = kind_of(
    Unit.COUNT,
    # Each period has values of its own: those of its days may lack some of its closings.
    Merge.DISTINCT,
    NOTHING,
    caveat="Of some values only, ranked anew in each period: they add up to nothing.",
)
_TIMES: Final = {
    "Available": "Time of users in a state of the type Online.",
    "LoggedIn": "Time of users from login to logout.",
}
_RATES: Final = {
    "cphByUser": ("Contacts per hour", "Of one user: interactions on which the user did anything."),
    "cphAverage": (
        "Contacts per hour, average of the users,",
        "The average that stands beside the figures of all known users.",
    ),
}
_CONTACTS: Final = "Interactions on which the user did anything."


def _within_users(family: str, state: str) -> list[Figure]:
    """Return contacts per hour by a member within each user, and what stands beside them."""
    source, by = SOURCES[f"{family}/{state}"], _WITHIN[family].value
    words = STATES[state]
    return [
        figure_of(
            RATE,
            source,
            f"Contacts per hour {words}, by {by}",
            f"Of each {by} within a user; where it is not asked by {by}, their average.",
            weight=(Term(f"{source.name}/duration"),),
        ),
        figure_of(
            COUNT,
            source,
            f"Contacts {words}",
            _CONTACTS,
            "totalContacts",
            dimensions=USERS,
        ),
        figure_of(
            TIME, source, f"Time {words}", f"{_TIMES[state]} The same for every {by}.", "duration"
        ),
    ]


def _advisor_figures() -> list[Figure]:
    """Return the columns of the tile that tells everything about an advisor."""
    source = SOURCES[_ADVISORS]
    found = [
        figure_of(
            MEAN_TIME,
            source,
            "Average response time",
            "Mean time to the user's messages, by the same clock as the advisor response time.",
            "averageResponseTime",
        )
    ]
    for state, words in STATES.items():
        contacts, time = Term(f"{_ADVISORS}/contacts{state}"), f"{_ADVISORS}/time{state}"
        found += [
            figure_of(COUNT, source, f"Contacts {words}", _CONTACTS, f"contacts{state}"),
            figure_of(TIME, source, f"Time {words}", _TIMES[state], f"time{state}"),
            figure_of(
                _QUOTIENT,
                source,
                f"Contacts per hour {words}",
                _CONTACTS,
                f"cph{state}",
                numerator=(contacts,),
                denominator=(Term(time, HOUR),),
            ),
        ]
    there = Term(f"{_ADVISORS}/timeLoggedIn")
    unproductive = figure_of(
        _PRESENCE,
        source,
        "Unproductive time",
        "Taken as the share of the logged-in time that is not available time.",
        "unproductivePercentage",
        numerator=(there, Term(f"{_ADVISORS}/timeAvailable", -1.0)),
        denominator=(there,),
    )
    return [*found, unproductive]


_AVAILABLE, _UNAVAILABLE = (Term(f"presenceDuration/{one}") for one in ("Available", "Unavailable"))

FIGURES: Final[Mapping[str, Figure]] = {
    one.name: one
    for one in (
        *indicators.FIGURES.values(),
        *(
            figure_of(
                COUNT,
                SOURCES[f"advisorActions/{action}"],
                f"Advisor actions: {action}",
                f"Assignments that are over, in which the user {did}.",
            )
            for action, did in _ACTIONS.items()
        ),
        *(
            figure_of(_SHARE, SOURCES[name], f"{title}, share of {whose}", description, member)
            for name, whose in _SHARES.items()
            for member, (channels, title, description) in OUTCOMES.items()
            if name.split("/")[1] in channels
        ),
        *(one for family in _WITHIN for state in STATES for one in _within_users(family, state)),
        *(
            figure_of(_UNWEIGHED, SOURCES[f"{family}/{state}"], f"{title} {words}", description)
            for family, (title, description) in _RATES.items()
            for state, words in STATES.items()
        ),
        figure_of(
            _PRESENCE,
            SOURCES["availabilityPercentage/Available"],
            "Availability",
            "Available time as a share of the time logged in.",
            numerator=(_AVAILABLE,),
            denominator=(_AVAILABLE, _UNAVAILABLE),
        ),
        *_advisor_figures(),
        figure_of(
            _RANKED,
            SOURCES[RANKED.family],
            "Interactions closed, by values used most or least",
            "Transitions into Closed, by values of a dynamic data type of a string editor.",
            personal=True,
        ),
    )
}
"""Every figure of every tile, under its name."""

_TABLE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "interactions": ("interactionsReceived", "interactionsClosed", "interactionsReopened"),
    "closedByUse": (RANKED.family,),
    "states": ("queueTime", "ivrTime"),
    "messages": ("messageVolume",),
    "times": ("messageTimes",),
    "liveTotals": ("liveTotals",),
    "livePercentages": ("livePercentages",),
    "liveDurations": ("liveDuration",),
    "actions": ("advisorActions",),
    "contactsPerHour": ("cphByUser", "cphAverage"),
    "contactsPerHourByChannel": ("cphByChannel",),
    "contactsPerHourByQueue": ("cphByQueue",),
    "presence": ("presenceDuration", "availabilityPercentage"),
    "advisors": (_ADVISORS,),
}

TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    table: tuple(
        name
        for family in families
        for name, one in FIGURES.items()
        if one.source.partition("/")[0] == family
    )
    for table, families in _TABLE_OF.items()
}
"""The name of a native report, and the figures that are its columns."""

_TO_SECONDS: Final = {
    "milliseconds": "milliseconds ÷ 1000",
    "seconds": None,
    "minutes": "minutes × 60",
    "hours": "hours × 3600",
}


def measurables(settings: GnattaSettings, known: AbstractSet[Dimension]) -> Measurables:
    """Return what can be measured with these settings, where members of these are known.

    The API groups by members that the request names, so a grouping without known members is left
    out, and so is a source that cannot be asked without one.
    """
    sources = {
        name: _adapted(one, settings, known)
        for name, one in SOURCES.items()
        if _is_offered(one, settings, known)
    }
    figures = {
        name: _converted(one, settings) for name, one in FIGURES.items() if one.source in sources
    }
    return Measurables(
        sources=sources,
        figures=figures,
        indicators={
            key: row
            for key, row in ROWS.items()
            if all(term.figure in figures for term in (*row.value, *row.weight))
        },
        channels={word: CHANNELS.get(word, Channel.OTHER) for word in settings.directory.channels},
        parameters=parameters(settings, sources.values()),
    ).with_reports(TABLES)


def _is_offered(source: Source, settings: GnattaSettings, known: AbstractSet[Dimension]) -> bool:
    """Return whether requests of the source can name all that they must."""
    if is_ranked(source.name):
        return bool(settings.directory.string_types)
    return _needed(source) <= known


def _needed(source: Source) -> set[Dimension]:
    """Return the dimensions of which every request of the source names members."""
    rows = tiles(source.endpoint)
    forced = {source.always_by} if source.always_by else set()
    return forced | (set(rows[0].named) if len(rows) == 1 else set())


def _adapted(source: Source, settings: GnattaSettings, known: AbstractSet[Dimension]) -> Source:
    one_channel = tiles(source.endpoint)[0].one_channel
    # Where there are live channels only, no restriction to them is made: they are told apart here.
    apart = one_channel and set(settings.directory.channels) <= LIVE
    weeks = {Grain.WEEK: _WEEKS} if settings.week_starts and source.grains else {}
    return replace(
        source,
        settling=timedelta(seconds=settings.settling_seconds),
        grains={**source.grains, **weeks},
        parameters=taken_by(source),
        groupings={
            by: how for by, how in source.groupings.items() if by in known or how is Grouping.ALL
        },
        always_by=Dimension.CHANNEL
        if apart and Dimension.CHANNEL in source.groupings
        else source.always_by,
    )


def _converted(figure: Figure, settings: GnattaSettings) -> Figure:
    """Return the figure with the conversion of durations in force."""
    if figure.unit is not Unit.SECONDS:
        return figure
    done = [one for one in (_TO_SECONDS[settings.duration_unit], figure.conversion) if one]
    return replace(figure, conversion="; ".join(done) or None)
