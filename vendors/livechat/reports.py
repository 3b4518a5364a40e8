"""LiveChat's reports by version: which there are, what they hold, and how they name buckets."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from vendors.buckets import Span, floor_to, local_midnight, next_edge, zone
from vendors.catalogue import IndicatorKey
from vendors.errors import PlatformBadResponseError
from vendors.livechat import indicators
from vendors.livechat.indicators import (
    BY_CHATS,
    CHANNELS,
    CHATS_GRAINS,
    GROUPED_ROWS,
    count_of,
    mean_of,
    row_of,
    source_of,
)
from vendors.livechat.parameters import parameters, with_parameters
from vendors.livechat.settings import LiveChatSettings, Release
from vendors.measures import Dimension, Figure, Grain, Measurables, MeasureCall, Merge, Source, Unit

__all__ = ["FIGURES", "ROWS", "SINCE", "SOURCES", "TABLES", "UNTIL", "measurables", "placed"]

SINCE: Mapping[str, Release] = {
    "forms": (3, 5),
    "chat_usage": (3, 5),
    "groups": (3, 6),
    "queued_visitors": (3, 6),
    "unique_visitors": (3, 6),
}
"""The first version that serves a report; those that are not here are served by all."""
UNTIL: Mapping[str, Release] = {"surveys": (3, 5)}
"""The first version that serves a report no more."""
_LONGEST_LABEL = 40

_BY_GROUP = (Dimension.CHANNEL, Dimension.TEAM)
_BY_ANSWER = (Dimension.TEAM, Dimension.ANSWER)
SOURCES: Mapping[str, Source] = {
    **indicators.SOURCES,
    **{
        source.name: source
        for source in (
            source_of("surveys", rows=_BY_ANSWER),
            source_of("forms", rows=_BY_ANSWER),
            # Without a distribution, and filtered by groups alone.
            source_of(
                "chat_usage",
                "tags/chat_usage",
                filters=_BY_GROUP,
                rows=(Dimension.TAG,),
                always_by=Dimension.TAG,
            ),
            source_of(
                "groups", grains=CHATS_GRAINS, rows=(Dimension.TEAM,), always_by=Dimension.TEAM
            ),
            # Who leaves the queue has met no agent and bears no tag.
            source_of("queued_visitors", grains=CHATS_GRAINS, filters=_BY_GROUP),
            source_of("unique_visitors", "customers/unique_visitors", filters=(Dimension.CHANNEL,)),
        )
    },
}

_TWICE = "A chat that bears two tags counts for both."
_HANDED_OVER = "A chat that two groups handled counts for both."
_WAITED = "Of the customers who waited in the queue at all."
_ALL_SURVEYS = "Surveys before and after a chat alike."
_SEVERAL = "A survey holds as many answers as are chosen in it: they do not add up to the surveys."
_REPLACED = "From version 3.5 on LiveChat has chats/forms in place of this report."


def _parted(name: str, title: str, unit: Unit) -> Figure:
    """Return a figure of which LiveChat alone can tell a whole, as parts do not make it."""
    source = name.partition(".")[0]
    return Figure(
        name=name,
        source=source,
        unit=unit,
        merge=Merge.DISTINCT,
        title=title,
        additive_over=frozenset(),
    )


def _waits(part: str, who: str) -> tuple[Figure, ...]:
    """Return what is told of one part of the queue's customers."""
    name = f"queued_visitors.{part}"
    return (
        count_of(f"{name}_count", f"Customers who {who}"),
        _parted(f"{name}_min", f"Shortest wait of those who {who}", Unit.SECONDS),
        _parted(f"{name}_max", f"Longest wait of those who {who}", Unit.SECONDS),
        mean_of(f"{name}_avg", f"{part}_count", f"Average wait of those who {who}"),
    )


def _filled_in(report: str, choices: str) -> tuple[Figure, Figure]:
    """Return how many surveys, or forms as they are called later, were filled in, and the answers.

    Both add over groups, as a survey that was filled in stands in one of them.
    """
    count = count_of(
        f"{report}.count",
        f"{report.title()} that were filled in",
        _ALL_SURVEYS,
        conversion=f"of all {report} together: theirs, added up",
    )
    answers = count_of(
        f"{report}.answers",
        f"Choices that were made in {report}",
        f"{_ALL_SURVEYS} {_SEVERAL}",
        conversion=f"where answers are not told apart: {choices}, added up",
    )
    over = count.additive_over | {Dimension.TEAM}
    return (
        msgspec.structs.replace(count, additive_over=over, dimensions=frozenset(BY_CHATS)),
        msgspec.structs.replace(answers, additive_over=over | {Dimension.ANSWER}),
    )


FIGURES: Mapping[str, Figure] = {
    **indicators.FIGURES,
    **{
        figure.name: figure
        for figure in (
            *(
                msgspec.structs.replace(one, deprecated=_REPLACED)
                for one in _filled_in("surveys", "every index of every answer id")
            ),
            *_filled_in("forms", "every answer of every field"),
            count_of("chat_usage.chats", "Chats that bear a tag, by the report on tags", _TWICE),
            count_of("groups.chats", "Chats that a group handled", _HANDED_OVER),
            *_waits("queued", "queued and then had a chat"),
            *_waits("left_queue", "left the queue without a chat"),
            _parted("unique_visitors.unique_visitors", "Visitors, each once", Unit.COUNT),
            count_of("unique_visitors.page_views", "Pages that visitors viewed"),
        )
    },
}
TABLES: Mapping[str, tuple[str, ...]] = {
    report: tuple(figures)
    for report, figures in groupby(FIGURES, lambda name: name.partition(".")[0])
}
"""The figures of each report, which their names begin with."""

_QUEUED, _LEFT = "queued_visitors.queued", "queued_visitors.left_queue"
_K = IndicatorKey
ROWS = (
    *indicators.ROWS.values(),
    row_of(_K.SURVEY_RESPONSES, ["surveys.count"], caveat=_ALL_SURVEYS),
    row_of(_K.SURVEY_RESPONSES, ["forms.count"], caveat=_ALL_SURVEYS),
    row_of(_K.QUEUE_TIME, [f"{_QUEUED}_avg"], [f"{_QUEUED}_count"], caveat=_WAITED),
    row_of(_K.CONVERSATIONS_ABANDONED, [f"{_LEFT}_count"], caveat=_WAITED),
)
"""The canonical rows; of two for one indicator, each is of versions that lack the other."""


def measurables(settings: LiveChatSettings) -> Measurables:
    """Return the tables with the reports of the version that the settings name.

    Their windows and their settling time are those of the settings.
    """
    days = settings.longest_window_days
    longest = None if days is None else Span(days=days)
    sources = {
        name: msgspec.structs.replace(
            with_parameters(source, settings.release),
            grains=dict.fromkeys(source.grains, longest),
            total=longest,
            settling=settings.settling,
        )
        for name, source in SOURCES.items()
        if _served(name, settings.release)
    }
    figures = {name: one for name, one in FIGURES.items() if one.source in sources}
    return Measurables(
        sources=sources,
        figures=figures,
        indicators={row.indicator: row for row in ROWS if row.value[0].figure in figures},
        alternatives=GROUPED_ROWS,
        channels=CHANNELS,
        parameters=parameters(settings.release),
    ).with_reports(TABLES)


def _served(report: str, release: Release) -> bool:
    since, until = SINCE.get(report, release), UNTIL.get(report)
    return since <= release and (until is None or release < until)


def placed(
    label: str, measure: MeasureCall, patterns: tuple[str, ...], *, told: bool
) -> datetime | None:
    """Return where a bucket begins within the window, or None for an hour that is shown twice.

    Raises PlatformBadResponseError for a label of no known form, and for one outside the window.
    """
    where = zone(measure.zone)
    starts = {
        start
        for start in _starts(label, measure, patterns, where)
        if start < measure.end and next_edge(measure.grain.value, start, where) > measure.start
    }
    if not starts and told:
        message = f"LiveChat answered for {_shown(label)}, which was not asked for"
        raise PlatformBadResponseError(message)
    return starts.pop() if len(starts) == 1 else None


def _starts(
    label: str, measure: MeasureCall, patterns: tuple[str, ...], where: ZoneInfo
) -> set[datetime]:
    """Return the instants at which a bucket of that label may begin."""
    read = _read(label, patterns)
    if read is None:
        message = f"LiveChat named the {measure.grain.value} {_shown(label)}: no known form"
        raise PlatformBadResponseError(message)
    clock_time = read.clock_time if read.dated else _dated(read.clock_time, measure, where)
    if measure.grain is not Grain.HOUR:
        return {local_midnight(clock_time.date(), where)}
    starts = {_begun(start, clock_time, where) for start in _instants(clock_time, where)}
    if any(floor_to("hour", start, where) != start for start in starts):
        message = f"LiveChat named an hour {_shown(label)} that begins within one of {measure.zone}"
        raise PlatformBadResponseError(message)
    return starts


def _begun(start: datetime, clock_time: datetime, where: ZoneInfo) -> datetime:
    """Return when the bucket of that hour begins: at its half, if clocks go back by half of one."""
    change = next_edge("hour", floor_to("hour", start, where), where).astimezone(where)
    shown = change.utcoffset(), change.hour
    return change.astimezone(UTC) if shown == (clock_time.utcoffset(), clock_time.hour) else start


def _instants(clock_time: datetime, where: ZoneInfo) -> set[datetime]:
    """Return when a clock in that zone shows this time: once, twice, or never."""
    if clock_time.tzinfo is not None:
        return {clock_time.astimezone(UTC)}
    folds = (clock_time.replace(tzinfo=where, fold=fold).astimezone(UTC) for fold in (0, 1))
    return {one for one in folds if one.astimezone(where).replace(tzinfo=None) == clock_time}


def _shown(label: str) -> str:
    """Return a label as it may stand in a log: it is somebody else's text."""
    return repr(label[:_LONGEST_LABEL])


class _Read(NamedTuple):
    clock_time: datetime
    dated: bool


@lru_cache(maxsize=50_000)
def _read(label: str, patterns: tuple[str, ...]) -> _Read | None:
    """Return the time that a label shows, of the call's zone unless it names an offset."""
    for pattern in patterns:
        with suppress(ValueError):
            return _Read(datetime.strptime(label, pattern), "%Y" in pattern)  # noqa: DTZ007
    return None


def _dated(clock_time: datetime, measure: MeasureCall, where: ZoneInfo) -> datetime:
    """Return an hour without a date on the one day of the window."""
    first = measure.start.astimezone(where).date()
    last = (measure.end - timedelta(microseconds=1)).astimezone(where).date()
    if first != last:
        message = f"LiveChat named an hour {clock_time:%H:%M} of one of several days"
        raise PlatformBadResponseError(message)
    return clock_time.replace(year=first.year, month=first.month, day=first.day)
