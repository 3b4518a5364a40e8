"""What LiveChat measures in version 3.4: reports, figures, and the canonical rows of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import msgspec

from vendors.catalogue import IndicatorKey
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
from vendors.records import Channel

__all__ = [
    "BY_CHATS",
    "CHANNELS",
    "CHATS_GRAINS",
    "FIGURES",
    "GROUPED_ROWS",
    "ROWS",
    "SOURCES",
    "count_of",
    "mean_of",
    "row_of",
    "source_of",
]

_CHAT = "chat"
CHANNELS: Mapping[str, Channel] = {_CHAT: Channel.CHAT}
"""The one channel there is: LiveChat has no word for it, and a filter by it is sent as none."""

BY_CHATS = (Dimension.AGENT, Dimension.CHANNEL, Dimension.TAG, Dimension.TEAM)
_BY_AGENTS = (Dimension.AGENT, Dimension.CHANNEL, Dimension.TEAM)
_FINE = (Grain.HOUR, Grain.DAY)
CHATS_GRAINS = (*_FINE, Grain.MONTH, Grain.YEAR)


def source_of(
    name: str,
    endpoint: str = "",
    *,
    grains: Iterable[Grain] = (),
    filters: Iterable[Dimension] = BY_CHATS,
    rows: tuple[Dimension, ...] = (),
    always_by: Dimension | None = None,
) -> Source:
    """Return a report that is filtered by some dimensions, and whose rows are those of others.

    The window's bounds are exact to the second, whatever the buckets: one value for any window is
    one call as well, its buckets merged in the mapping.
    """
    each = frozenset(filters) - set(rows)
    return Source(
        name=name,
        endpoint=endpoint or f"chats/{name}",
        grains=dict.fromkeys(grains),
        groupings=dict.fromkeys(each, Grouping.EACH) | dict.fromkeys(rows, Grouping.ALL),
        group_pairs=frozenset(combinations(rows, 2)),
        always_by=always_by,
        several_at_once=each,
    )


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        source_of("total_chats", grains=CHATS_GRAINS),
        source_of("total_chats_unreplied", "chats/total_chats", grains=CHATS_GRAINS),
        source_of("duration", grains=CHATS_GRAINS),
        source_of("response_time", grains=CHATS_GRAINS),
        source_of("first_response_time", grains=CHATS_GRAINS),
        source_of("ratings", grains=CHATS_GRAINS),
        source_of("engagement", grains=CHATS_GRAINS),
        source_of(
            "tags",
            grains=CHATS_GRAINS,
            filters=_BY_AGENTS,
            rows=(Dimension.TAG,),
            always_by=Dimension.TAG,
        ),
        source_of("tags_total", "chats/tags"),
        # By days, whatever is asked: it is a day that holds at most so many greetings.
        source_of(
            "greetings_conversion",
            grains=_FINE,
            filters=(Dimension.CHANNEL, Dimension.TEAM),
            rows=(Dimension.RULE,),
        ),
        source_of("ranking", rows=(Dimension.AGENT,)),
        source_of("performance", "agents/performance", filters=_BY_AGENTS, rows=(Dimension.AGENT,)),
        source_of("availability", "agents/availability", grains=_FINE, filters=_BY_AGENTS),
    )
}

_PEOPLE = frozenset({Dimension.PLATFORM, Dimension.AGENT})
_CONVERSATIONS = frozenset(Dimension) - {
    Dimension.AGENT,
    Dimension.TEAM,
    Dimension.TAG,
    Dimension.ANSWER,
}
"""A chat that is handed over stands with both agents and both groups, and may bear several tags;
several answers may be given in it."""

_SHARED = "A chat that two agents handled counts for both."
_RATED = "An agent's total counts the rated chats, not all that the agent had."
_BESIDE = "LiveChat tells it beside the records; in its own samples they do not always make it."
_GREETINGS = "LiveChat tells of at most 100 greetings a day."
_SCORE = (
    "LiveChat's own lower bound of the share of good ratings: good for an order of agents, not as "
    "a rate."
)


def count_of(
    name: str, title: str, caveat: str | None = None, *, conversion: str | None = None
) -> Figure:
    """Return a count of chats, by the name of its report and its own."""
    return Figure(
        name=name,
        source=name.partition(".")[0],
        unit=Unit.COUNT,
        merge=Merge.SUM,
        title=title,
        conversion=conversion,
        additive_over=_CONVERSATIONS,
        caveat=caveat,
    )


def _beside(report: str, source: str = "") -> Figure:
    """Return the number beside a report's records: of the whole window, and of no row of it."""
    name = source or report
    rows = {one for one, way in SOURCES[name].groupings.items() if way is Grouping.ALL}
    return msgspec.structs.replace(
        count_of(f"{report}.total", f"Total of the report {report}", _BESIDE),
        source=name,
        dimensions=frozenset(SOURCES[name].groupings) - rows,
        grains=frozenset(),
    )


def mean_of(name: str, weight: str, title: str) -> Figure:
    """Return an average of seconds, weighed by a figure of the same report."""
    source = name.partition(".")[0]
    return Figure(
        name=name,
        source=source,
        unit=Unit.SECONDS,
        merge=Merge.MEAN,
        title=title,
        weight=(Term(f"{source}.{weight}"),),
        additive_over=_CONVERSATIONS,
    )


def _time(name: str, title: str) -> Figure:
    return Figure(
        name=name,
        source="performance",
        unit=Unit.SECONDS,
        merge=Merge.SUM,
        title=title,
        conversion="of all agents together: their times, added up",
        additive_over=_PEOPLE,
    )


def _rated(name: str, title: str, caveat: str | None = None) -> Figure:
    """Return a figure of the ranking, where a rating is its agent's and so adds over agents."""
    conversion = "of all agents together: theirs, added up"
    figure = count_of(name, title, caveat, conversion=conversion)
    return msgspec.structs.replace(figure, additive_over=_PEOPLE)


def _greeting(name: str, title: str) -> Figure:
    conversion = "of all greetings together: theirs, added up"
    return count_of(f"greetings_conversion.{name}", title, _GREETINGS, conversion=conversion)


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        count_of("total_chats.total", "Chats"),
        count_of("total_chats.continuous", "Continuous chats"),
        count_of("total_chats_unreplied.total", "Chats without a reply"),
        count_of("total_chats_unreplied.continuous", "Continuous chats without a reply"),
        count_of("duration.count", "Chats with a duration"),
        mean_of("duration.duration", "count", "Average duration of a chat"),
        mean_of("duration.agents_chatting_duration", "count", "Average time agents chatted"),
        _beside("duration"),
        count_of("response_time.count", "Chats with a response time"),
        mean_of("response_time.response_time", "count", "Average response time"),
        _beside("response_time"),
        count_of("first_response_time.count", "Chats with a first response time"),
        mean_of("first_response_time.first_response_time", "count", "Average first response time"),
        _beside("first_response_time"),
        count_of(
            "ratings.chats", "Chats, rated or not", "It may be less than good and bad ratings."
        ),
        count_of("ratings.good", "Chats rated good"),
        count_of("ratings.bad", "Chats rated bad"),
        _beside("ratings"),
        count_of(
            "engagement.total",
            "Chats, however they began",
            "LiveChat may leave it out of the buckets, which are null then.",
        ),
        count_of(
            "engagement.started_by_customer_from_greeting",
            "Chats that a customer began from a greeting",
        ),
        count_of(
            "engagement.started_by_customer_without_greeting",
            "Chats that a customer began without a greeting",
        ),
        count_of("engagement.started_by_agent", "Chats that an agent began"),
        count_of(
            "tags.chats", "Chats that bear a tag", "A chat that bears two tags counts for both."
        ),
        _beside("tags", "tags_total"),
        _greeting("displayed", "Greetings that were displayed"),
        _greeting("accepted", "Chats that began by accepting a greeting"),
        _greeting("canceled", "Greetings that customers dismissed"),
        _greeting("goals", "Goals that greetings led to"),
        _beside("greetings_conversion"),
        _rated("ranking.total", "Rated chats of an agent", _RATED),
        _rated("ranking.good", "Chats of an agent rated good"),
        _rated("ranking.bad", "Chats of an agent rated bad"),
        Figure(
            name="ranking.score",
            source="ranking",
            unit=Unit.SCORE,
            merge=Merge.DISTINCT,
            title="Ranking score of an agent",
            conversion="of all agents together: by LiveChat's formula from good and bad ratings",
            additive_over=frozenset(),
            caveat=_SCORE,
        ),
        Figure(
            name="availability.total",
            source="availability",
            unit=Unit.SECONDS,
            merge=Merge.UNION,
            title="Time during which the chat was available",
            conversion="hours of a day × 3600, minutes of an hour × 60",
            additive_over=frozenset(),
        ),
        count_of("performance.chats_count", "Chats of an agent", _SHARED),
        count_of("performance.chats_rated_good", "Chats of an agent rated good", _SHARED),
        count_of("performance.chats_rated_bad", "Chats of an agent rated bad", _SHARED),
        count_of("performance.first_response_chats_count", "Chats that an agent replied to first"),
        mean_of(
            "performance.first_response_time",
            "first_response_chats_count",
            "Average first response time of an agent",
        ),
        _time("performance.accepting_chats_time", "Time accepting chats"),
        _time("performance.not_accepting_chats_time", "Time not accepting chats"),
        _time("performance.chatting_time", "Time chatting"),
        _time("performance.logged_in_time", "Time logged in"),
    )
}


def row_of(
    key: IndicatorKey,
    value: Iterable[str],
    weight: Iterable[str] = (),
    *,
    times: float = 1.0,
    caveat: str | None = None,
) -> IndicatorRow:
    """Return a row of added figures; `times` converts the weight."""
    return IndicatorRow(
        indicator=key.value,
        value=tuple(Term(figure) for figure in value),
        weight=tuple(Term(figure, times) for figure in weight),
        caveat=caveat,
    )


_K = IndicatorKey
_ACCEPTING, _CHATTING = "performance.accepting_chats_time", "performance.chatting_time"
_AWAY, _LOGGED_IN = "performance.not_accepting_chats_time", "performance.logged_in_time"
_RATED_CHATS = ("ratings.good", "ratings.bad")
_RATED_OF_AGENT = ("performance.chats_rated_good", "performance.chats_rated_bad")
_TOOK_PLACE = "LiveChat counts the chats that took place in the period."
_WEIGHED = "Each chat weighs the same, however many replies it has."
_HANDLED = "By agent it counts the chats that the agent had; one that two agents had counts twice."
_REPLIED = "By agent it is the agent's own first reply, weighed by the chats that got one."
_TAGGED = "By tag it counts the chats that bear the tag; one that bears two counts for both."
_DISPLAYED, _ACCEPTED = "greetings_conversion.displayed", "greetings_conversion.accepted"

ROWS: Mapping[str, IndicatorRow] = {
    row.indicator: row
    for row in (
        row_of(_K.CONVERSATIONS_STARTED, ["total_chats.total"], caveat=_TOOK_PLACE),
        row_of(_K.CONVERSATIONS_UNANSWERED, ["total_chats_unreplied.total"]),
        row_of(
            _K.FIRST_RESPONSE_TIME,
            ["first_response_time.first_response_time"],
            ["first_response_time.count"],
        ),
        row_of(
            _K.RESPONSE_TIME,
            ["response_time.response_time"],
            ["response_time.count"],
            caveat=_WEIGHED,
        ),
        row_of(_K.HANDLE_TIME, ["duration.duration"], ["duration.count"]),
        row_of(_K.LOGGED_IN_TIME, [_LOGGED_IN]),
        row_of(_K.AVAILABLE_TIME, [_ACCEPTING]),
        row_of(_K.UNAVAILABLE_TIME, [_AWAY]),
        row_of(_K.OCCUPIED_TIME, [_CHATTING]),
        row_of(_K.COVERAGE_TIME, ["availability.total"], caveat="Somebody accepted chats."),
        row_of(_K.AVAILABILITY_RATE, [_ACCEPTING], [_LOGGED_IN]),
        row_of(_K.OCCUPANCY_RATE, [_CHATTING], [_ACCEPTING]),
        row_of(
            _K.CONTACTS_PER_HOUR,
            ["performance.chats_count"],
            [_ACCEPTING],
            times=1 / 3600,
            caveat=f"A contact is a chat, and an hour one of accepting chats. {_SHARED}",
        ),
        row_of(_K.RATED_GOOD, ["ratings.good"]),
        row_of(_K.RATED_BAD, ["ratings.bad"]),
        row_of(_K.RATINGS, _RATED_CHATS),
        row_of(_K.SATISFACTION_RATE, ["ratings.good"], _RATED_CHATS),
        row_of(_K.INVITATIONS_SHOWN, [_DISPLAYED], caveat=_GREETINGS),
        row_of(_K.INVITATIONS_ACCEPTED, [_ACCEPTED], caveat=_GREETINGS),
        row_of(_K.INVITATION_RATE, [_ACCEPTED], [_DISPLAYED], caveat=_GREETINGS),
    )
}

_AGENT_ROWS: Mapping[str, IndicatorRow] = {
    row.indicator: row
    for row in (
        row_of(_K.CONVERSATIONS_STARTED, ["performance.chats_count"], caveat=_HANDLED),
        row_of(
            _K.FIRST_RESPONSE_TIME,
            ["performance.first_response_time"],
            ["performance.first_response_chats_count"],
            caveat=_REPLIED,
        ),
        row_of(_K.RATED_GOOD, ["performance.chats_rated_good"], caveat=_HANDLED),
        row_of(_K.RATED_BAD, ["performance.chats_rated_bad"], caveat=_HANDLED),
        row_of(_K.RATINGS, _RATED_OF_AGENT, caveat=_HANDLED),
        row_of(
            _K.SATISFACTION_RATE,
            ["performance.chats_rated_good"],
            _RATED_OF_AGENT,
            caveat=_HANDLED,
        ),
    )
}
_TAG_ROWS: Mapping[str, IndicatorRow] = {key: ROWS[key] for key in _AGENT_ROWS} | {
    row.indicator: row
    for row in (row_of(_K.CONVERSATIONS_STARTED, ["tags.chats"], caveat=_TAGGED),)
}
GROUPED_ROWS: Mapping[tuple[str, Dimension], IndicatorRow] = {
    (key, dimension): row
    for dimension, rows in ((Dimension.AGENT, _AGENT_ROWS), (Dimension.TAG, _TAG_ROWS))
    for key, row in rows.items()
}
"""Rows for one call that answers every agent or tag, where other reports take one call each.

The reports on agents know no tags: by tag, and then by agent, the chats reports answer.
"""
