"""What LiveChat measures: its reports, their figures, and the canonical rows made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from vendors.buckets import Span
from vendors.catalogue import IndicatorKey
from vendors.livechat.settings import LiveChatSettings
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Measurables,
    Merge,
    Source,
    Term,
    Unit,
)

__all__ = ["FIGURES", "GROUPED_ROWS", "ROWS", "SOURCES", "measurables"]

_EACH = {Dimension.AGENT: Grouping.EACH, Dimension.TEAM: Grouping.EACH}
_BY_AGENT = {Dimension.AGENT: Grouping.ALL, Dimension.TEAM: Grouping.EACH}
_CHATS_GRAINS: dict[Grain, Span | None] = dict.fromkeys(
    (Grain.HOUR, Grain.DAY, Grain.MONTH, Grain.YEAR)
)


def _chats(name: str, report: str = "") -> Source:
    """Return a chats report: the window's bounds are exact to the second, whatever the buckets.

    So one value for any window is one call as well: its buckets are merged in the mapping.
    """
    return Source(
        name=name,
        endpoint=f"chats/{report or name}",
        grains=_CHATS_GRAINS,
        groupings=_EACH,
        several_at_once=frozenset(_EACH),
    )


def _agents_as_rows(name: str, endpoint: str) -> Source:
    """Return a report whose rows are agents and that has no buckets."""
    return Source(
        name=name,
        endpoint=endpoint,
        groupings=_BY_AGENT,
        several_at_once=frozenset({Dimension.TEAM}),
    )


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        _chats("total_chats"),
        _chats("total_chats_unreplied", "total_chats"),
        _chats("duration"),
        _chats("response_time"),
        _chats("first_response_time"),
        _chats("ratings"),
        _agents_as_rows("ranking", "chats/ranking"),
        _agents_as_rows("performance", "agents/performance"),
        Source(
            name="availability",
            endpoint="agents/availability",
            grains={Grain.HOUR: None, Grain.DAY: None},
            groupings=_EACH,
            several_at_once=frozenset(_EACH),
        ),
    )
}

_PEOPLE = frozenset({Dimension.PLATFORM, Dimension.AGENT})
_CONVERSATIONS = frozenset(Dimension) - {Dimension.AGENT, Dimension.TEAM, Dimension.TAG}
"""A chat that is handed over stands with both agents and both groups, and may bear several tags."""

_SHARED = "A chat that two agents handled counts for both."
_RATED = "An agent's total counts the rated chats, not all that the agent had."
_SCORE = (
    "LiveChat's own lower bound of the share of good ratings: good for an order of agents, not as "
    "a rate. Ungrouped it is recomputed from the good and bad ratings of one answer."
)


def _count(name: str, title: str, caveat: str | None = None) -> Figure:
    return Figure(
        name=name,
        source=name.partition(".")[0],
        unit=Unit.COUNT,
        merge=Merge.SUM,
        title=title,
        additive_over=_CONVERSATIONS,
        caveat=caveat,
    )


def _mean(name: str, weight: str, title: str) -> Figure:
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
        additive_over=_PEOPLE,
    )


def _rated(name: str, title: str, caveat: str | None = None) -> Figure:
    """Return a figure of the ranking, where a rating is its agent's and so adds over agents."""
    return msgspec.structs.replace(_count(name, title, caveat), additive_over=_PEOPLE)


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        _count("total_chats.total", "Chats"),
        _count("total_chats.continuous", "Continuous chats"),
        _count("total_chats_unreplied.total", "Chats without a reply"),
        _count("total_chats_unreplied.continuous", "Continuous chats without a reply"),
        _count("duration.count", "Chats with a duration"),
        _mean("duration.duration", "count", "Average duration of a chat"),
        _mean("duration.agents_chatting_duration", "count", "Average time agents chatted"),
        _count("response_time.count", "Chats with a response time"),
        _mean("response_time.response_time", "count", "Average response time"),
        _count("first_response_time.count", "Chats with a first response time"),
        _mean("first_response_time.first_response_time", "count", "Average first response time"),
        _count("ratings.chats", "Chats, rated or not", "It may be less than good and bad ratings."),
        _count("ratings.good", "Chats rated good"),
        _count("ratings.bad", "Chats rated bad"),
        _rated("ranking.total", "Rated chats of an agent", _RATED),
        _rated("ranking.good", "Chats of an agent rated good"),
        _rated("ranking.bad", "Chats of an agent rated bad"),
        Figure(
            name="ranking.score",
            source="ranking",
            unit=Unit.SCORE,
            merge=Merge.DISTINCT,
            title="Ranking score of an agent",
            additive_over=frozenset(),
            caveat=_SCORE,
        ),
        Figure(
            name="availability.total",
            source="availability",
            unit=Unit.SECONDS,
            merge=Merge.UNION,
            title="Time during which the chat was available",
            description="LiveChat tells hours of a day or minutes of an hour; here it is seconds.",
            additive_over=frozenset(),
        ),
        _count("performance.chats_count", "Chats of an agent", _SHARED),
        _count("performance.chats_rated_good", "Chats of an agent rated good", _SHARED),
        _count("performance.chats_rated_bad", "Chats of an agent rated bad", _SHARED),
        _count("performance.first_response_chats_count", "Chats that an agent replied to first"),
        _mean(
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


def _row(
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

ROWS: Mapping[str, IndicatorRow] = {
    row.indicator: row
    for row in (
        _row(_K.CONVERSATIONS_STARTED, ["total_chats.total"], caveat=_TOOK_PLACE),
        _row(_K.CONVERSATIONS_UNANSWERED, ["total_chats_unreplied.total"]),
        _row(
            _K.FIRST_RESPONSE_TIME,
            ["first_response_time.first_response_time"],
            ["first_response_time.count"],
        ),
        _row(
            _K.RESPONSE_TIME,
            ["response_time.response_time"],
            ["response_time.count"],
            caveat=_WEIGHED,
        ),
        _row(_K.HANDLE_TIME, ["duration.duration"], ["duration.count"]),
        _row(_K.LOGGED_IN_TIME, [_LOGGED_IN]),
        _row(_K.AVAILABLE_TIME, [_ACCEPTING]),
        _row(_K.UNAVAILABLE_TIME, [_AWAY]),
        _row(_K.OCCUPIED_TIME, [_CHATTING]),
        _row(_K.COVERAGE_TIME, ["availability.total"], caveat="Somebody accepted chats."),
        _row(_K.AVAILABILITY_RATE, [_ACCEPTING], [_LOGGED_IN]),
        _row(_K.OCCUPANCY_RATE, [_CHATTING], [_ACCEPTING]),
        _row(
            _K.CONTACTS_PER_HOUR,
            ["performance.chats_count"],
            [_ACCEPTING],
            times=1 / 3600,
            caveat=f"A contact is a chat, and an hour one of accepting chats. {_SHARED}",
        ),
        _row(_K.RATED_GOOD, ["ratings.good"]),
        _row(_K.RATED_BAD, ["ratings.bad"]),
        _row(_K.RATINGS, _RATED_CHATS),
        _row(_K.SATISFACTION_RATE, ["ratings.good"], _RATED_CHATS),
    )
}

GROUPED_ROWS: Mapping[tuple[str, Dimension], IndicatorRow] = {
    (row.indicator, Dimension.AGENT): row
    for row in (
        _row(_K.CONVERSATIONS_STARTED, ["performance.chats_count"], caveat=_HANDLED),
        _row(
            _K.FIRST_RESPONSE_TIME,
            ["performance.first_response_time"],
            ["performance.first_response_chats_count"],
            caveat=_REPLIED,
        ),
        _row(_K.RATED_GOOD, ["performance.chats_rated_good"], caveat=_HANDLED),
        _row(_K.RATED_BAD, ["performance.chats_rated_bad"], caveat=_HANDLED),
        _row(_K.RATINGS, _RATED_OF_AGENT, caveat=_HANDLED),
        _row(
            _K.SATISFACTION_RATE,
            ["performance.chats_rated_good"],
            _RATED_OF_AGENT,
            caveat=_HANDLED,
        ),
    )
}
"""Rows for one call that answers every agent, where the chats reports would take one call each."""


def measurables(settings: LiveChatSettings) -> Measurables:
    """Return the tables with the windows and the settling time that the settings give."""
    days = settings.longest_window_days
    longest = None if days is None else Span(days=days)
    sources = {
        name: msgspec.structs.replace(
            source,
            grains=dict.fromkeys(source.grains, longest),
            total=longest,
            settling=settings.settling,
        )
        for name, source in SOURCES.items()
    }
    return Measurables(sources=sources, figures=FIGURES, indicators=ROWS, alternatives=GROUPED_ROWS)
