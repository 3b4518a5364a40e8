"""What Chat-Tonic measures: its sources, every figure of theirs, and the indicators made of them.

The operators' times carry no unit until `duration_unit` is set: `measurables` then turns them into
seconds and adds the indicators that need seconds. Everything else is the same for every app.
"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from vendors.buckets import Span
from vendors.catalogue import IndicatorKey
from vendors.chattonic.settings import ChatTonicSettings, DurationUnit
from vendors.measures import (
    Dimension,
    Figure,
    Grain,
    Grouping,
    IndicatorRow,
    Measurables,
    Merge,
    Partition,
    Source,
    Term,
    Unit,
    Zoning,
)

__all__ = [
    "DASHBOARD",
    "FIGURES",
    "OPERATOR",
    "OPERATOR_NOW",
    "ROWS",
    "ROWS_IN_SECONDS",
    "SECONDS",
    "SOURCES",
    "TIMES",
    "measurables",
]

DASHBOARD, OPERATOR, OPERATOR_NOW = "dashboard", "operator", "operator_now"

_TO_SECONDS: dict[DurationUnit, str] = {
    "minutes": "minutes × 60",
    "milliseconds": "milliseconds ÷ 1000",
}
SECONDS: dict[DurationUnit, float] = {"seconds": 1.0, "minutes": 60.0, "milliseconds": 0.001}
"""What one unit of an operator's time is worth; unknown has no row."""

# A row takes some 330 bytes: two years of hours stay well below the largest answer that is read.
_HOURS = Span(months=24)
_LONGER = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.YEAR)

SOURCES: dict[str, Source] = {
    one.name: one
    for one in (
        Source(
            name=DASHBOARD,
            endpoint="stats/bigquery",
            grains={Grain.HOUR: _HOURS, **dict.fromkeys(_LONGER)},
            zoning=Zoning.PARTITION,
        ),
        Source(
            name=OPERATOR,
            endpoint="stats/operator",
            groupings={Dimension.AGENT: Grouping.ALL},
        ),
        Source(
            name=OPERATOR_NOW,
            endpoint="stats/operator",
            groupings={Dimension.AGENT: Grouping.ALL},
            fresh_for=timedelta(seconds=60),
            snapshot=True,
        ),
    )
}

_ROWS_ADDED = "for a total, the answer's rows are added up"
_ADDED = "for all operators, theirs are added up"
_WEIGHED = "0 over nothing becomes null; for all operators, theirs are weighed"

_NOWHERE: frozenset[Dimension] = frozenset()
_PEOPLE = frozenset({Dimension.PLATFORM, Dimension.AGENT})
# Of an unknown unit: what two apps measure may not be the same.
_AGENTS = frozenset({Dimension.AGENT})


def _counted(name: str, title: str, description: str, caveat: str | None = None) -> Figure:
    return Figure(
        name=f"{DASHBOARD}.{name}",
        source=DASHBOARD,
        unit=Unit.COUNT,
        merge=Merge.SUM,
        title=title,
        description=description,
        conversion=_ROWS_ADDED,
        caveat=caveat,
    )


def _cumulative(name: str, title: str, description: str) -> Figure:
    return Figure(
        name=f"{DASHBOARD}.{name}",
        source=DASHBOARD,
        unit=Unit.COUNT,
        merge=Merge.SNAPSHOT,
        title=title,
        description=description,
        additive_over=_NOWHERE,
        caveat="Counted since the app began: that it is cumulative is told by its size alone.",
    )


def _rated(name: str, title: str, unit: Unit, description: str, caveat: str) -> Figure:
    return Figure(
        name=f"{DASHBOARD}.{name}",
        source=DASHBOARD,
        unit=unit,
        merge=Merge.MEAN,
        title=title,
        description=description,
        additive_over=_NOWHERE,
        caveat=caveat,
    )


def _worked(name: str, title: str, description: str, caveat: str | None = None) -> Figure:
    return Figure(
        name=f"{OPERATOR}.{name}",
        source=OPERATOR,
        unit=Unit.COUNT,
        merge=Merge.SUM,
        title=title,
        description=description,
        conversion=_ADDED,
        additive_over=_PEOPLE,
        caveat=caveat,
    )


def _timed(name: str, title: str, description: str) -> Figure:
    return Figure(
        name=f"{OPERATOR}.{name}",
        source=OPERATOR,
        unit=Unit.UNKNOWN,
        merge=Merge.SUM,
        title=title,
        description=description,
        conversion=_ADDED,
        additive_over=_AGENTS,
        caveat="The vendor documents no unit.",
    )


_NO_DENOMINATOR = "0 may mean that nobody answered: the vendor does not tell how many did."
_UNDOCUMENTED_STATUS = (
    "Undocumented: it may be the present status of what was created in the bucket, and then a "
    "past bucket goes on changing."
)
_UNDOCUMENTED_RATE = "Undocumented: a rate or a duration, of unknown unit."

FIGURES: dict[str, Figure] = {
    one.name: one
    for one in (
        _cumulative("totalUsers", "Users in all", "Everybody who ever talked to the app."),
        _counted("newUsers", "New users", "Users who were seen for the first time."),
        Figure(
            name=f"{DASHBOARD}.activeUsers",
            source=DASHBOARD,
            unit=Unit.COUNT,
            merge=Merge.DISTINCT,
            title="Active users",
            description="Users who were active in the bucket.",
            additive_over=_NOWHERE,
            caveat="A user may be active in several buckets: they are not added up.",
        ),
        _cumulative(
            "totalMessagesReceived", "Messages received in all", "Messages that users ever sent."
        ),
        _counted("messagesReceived", "Messages received", "Messages from users."),
        _cumulative("totalMessagesSent", "Messages sent in all", "Messages that users ever got."),
        _counted(
            "messagesSent", "Messages sent", "Messages to users.", "Those of the bot are included."
        ),
        _counted("pending", "Queries pending", "Queries that wait.", _UNDOCUMENTED_STATUS),
        _counted("progress", "Queries in progress", "Queries at work.", _UNDOCUMENTED_STATUS),
        _counted("resolved", "Queries resolved", "Queries that are done.", _UNDOCUMENTED_STATUS),
        _counted("failed", "Failed", "What failed; the vendor does not say what.", "Undocumented."),
        *(
            _rated(name, title, Unit.UNKNOWN, f"The vendor's `{name}`.", _UNDOCUMENTED_RATE)
            for name, title in (
                ("userEfficiency", "User efficiency"),
                ("attention", "Attention"),
                ("resolution", "Resolution"),
                ("attentionAndResolution", "Attention and resolution"),
            )
        ),
        _rated(
            "nps",
            "Net promoter score of the app",
            Unit.SCORE,
            "Promoters less detractors, presumably from -100 to 100.",
            _NO_DENOMINATOR,
        ),
        _rated(
            "csat",
            "Customer satisfaction",
            Unit.UNKNOWN,
            "Customer satisfaction on a scale that is not documented.",
            _NO_DENOMINATOR,
        ),
        _timed("onlineTime", "Time online", "How long operators were online."),
        _timed("awayTime", "Time away", "How long operators were away."),
        _timed("freeTime", "Time free", "Presumably online without a query at hand."),
        _worked("queriesResolved", "Queries resolved", "Queries that operators resolved."),
        _worked(
            "queriesAssigned",
            "Queries assigned",
            "Queries that operators were given.",
            "A query that changes hands may count for each operator.",
        ),
        Figure(
            name=f"{OPERATOR}.avgDurationResolved",
            source=OPERATOR,
            unit=Unit.UNKNOWN,
            merge=Merge.MEAN,
            title="Mean duration of resolved queries",
            description="How long the queries that operators resolved took.",
            weight=(Term(f"{OPERATOR}.queriesResolved"),),
            conversion=_WEIGHED,
            additive_over=_AGENTS,
            caveat="The vendor documents no unit.",
        ),
        _timed("sumDuration", "Duration in all", "How long queries took, added up."),
        Figure(
            name=f"{OPERATOR}.nps",
            source=OPERATOR,
            unit=Unit.SCORE,
            merge=Merge.MEAN,
            title="Net promoter score of operators",
            description="Promoters less detractors, presumably from -100 to 100.",
            weight=(Term(f"{OPERATOR}.numberOfResponsesNps"),),
            conversion=_WEIGHED,
            additive_over=_PEOPLE,
        ),
        _worked("numberOfResponsesNps", "Survey answers", "Answers that the score is made of."),
        Figure(
            name=f"{OPERATOR}.queryInProgress",
            source=OPERATOR_NOW,
            unit=Unit.COUNT,
            merge=Merge.SNAPSHOT,
            title="Queries in progress now",
            description="Queries that operators have at hand now.",
            conversion=_ADDED,
            additive_over=_PEOPLE,
        ),
        Figure(
            name=f"{OPERATOR}.queryPending",
            source=OPERATOR_NOW,
            unit=Unit.COUNT,
            merge=Merge.SNAPSHOT,
            title="Queries pending now",
            description="Queries of the whole app that wait now.",
            additive_over=frozenset({Dimension.PLATFORM}),
            dimensions=_NOWHERE,
        ),
    )
}

TIMES = frozenset(
    name for name, one in FIGURES.items() if one.source == OPERATOR and one.unit is Unit.UNKNOWN
)
"""The operators' times, which `duration_unit` is about."""

_K = IndicatorKey


def _rows(*rows: IndicatorRow) -> dict[str, IndicatorRow]:
    return {row.indicator: row for row in rows}


def _terms(source: str, names: Iterable[str], times: float = 1.0) -> tuple[Term, ...]:
    return tuple(Term(f"{source}.{name}", times) for name in names)


ROWS: dict[str, IndicatorRow] = _rows(
    IndicatorRow(
        indicator=_K.CONVERSATIONS_STARTED,
        value=_terms(DASHBOARD, ["pending", "progress", "resolved"]),
        caveat="Queries that were handed over to people, whatever has become of them.",
    ),
    IndicatorRow(
        indicator=_K.CONVERSATIONS_CLOSED,
        value=_terms(OPERATOR, ["queriesResolved"]),
        caveat="Queries that people resolved; what the bot ends alone does not count.",
    ),
    IndicatorRow(
        indicator=_K.MESSAGES_RECEIVED,
        value=_terms(DASHBOARD, ["messagesReceived"]),
        caveat="Messages to the bot are included.",
    ),
    IndicatorRow(
        indicator=_K.MESSAGES_SENT,
        value=_terms(DASHBOARD, ["messagesSent"]),
        caveat="Messages of the bot are included.",
    ),
    IndicatorRow(
        indicator=_K.AVAILABILITY_RATE,
        value=_terms(OPERATOR, ["onlineTime"]),
        weight=_terms(OPERATOR, ["onlineTime", "awayTime"]),
        caveat="Online counts as available, with or without a query at hand.",
    ),
    IndicatorRow(
        indicator=_K.SURVEY_RESPONSES,
        value=_terms(OPERATOR, ["numberOfResponsesNps"]),
        caveat="Answers about operators only.",
    ),
    IndicatorRow(
        indicator=_K.NPS,
        value=_terms(OPERATOR, ["nps"]),
        weight=_terms(OPERATOR, ["numberOfResponsesNps"]),
        caveat="The operators' scores; the app's own comes without a number of answers.",
    ),
    IndicatorRow(indicator=_K.USERS_NEW, value=_terms(DASHBOARD, ["newUsers"])),
    IndicatorRow(indicator=_K.USERS_ACTIVE, value=_terms(DASHBOARD, ["activeUsers"])),
)

ROWS_IN_SECONDS: dict[str, IndicatorRow] = _rows(
    IndicatorRow(
        indicator=_K.HANDLE_TIME,
        value=_terms(OPERATOR, ["avgDurationResolved"]),
        weight=_terms(OPERATOR, ["queriesResolved"]),
        caveat="From which moment the vendor counts is not documented.",
    ),
    IndicatorRow(indicator=_K.LOGGED_IN_TIME, value=_terms(OPERATOR, ["onlineTime", "awayTime"])),
    IndicatorRow(indicator=_K.AVAILABLE_TIME, value=_terms(OPERATOR, ["onlineTime"])),
    IndicatorRow(indicator=_K.UNAVAILABLE_TIME, value=_terms(OPERATOR, ["awayTime"])),
    IndicatorRow(
        indicator=_K.CONTACTS_PER_HOUR,
        value=_terms(OPERATOR, ["queriesResolved"]),
        weight=_terms(OPERATOR, ["onlineTime"], 1 / 3600),
        caveat="Queries resolved for each hour online.",
    ),
)
"""The rows that mean nothing before the unit of the operators' times is known."""


def measurables(settings: ChatTonicSettings) -> Measurables:
    """Return the tables as this app's settings make them."""
    unit = settings.duration_unit
    known = unit in SECONDS
    return Measurables(
        sources={name: _adapted(one, settings) for name, one in SOURCES.items()},
        figures={name: _in_seconds(one, unit) for name, one in FIGURES.items()}
        if known
        else FIGURES,
        indicators={**ROWS, **ROWS_IN_SECONDS} if known else ROWS,
        partitions=(Partition(time_zone=settings.bucket_time_zone),),
    )


def _in_seconds(figure: Figure, unit: DurationUnit) -> Figure:
    if figure.name not in TIMES:
        return figure
    conversion = "; ".join(filter(None, (_TO_SECONDS.get(unit), figure.conversion)))
    return msgspec.structs.replace(
        figure, unit=Unit.SECONDS, additive_over=_PEOPLE, conversion=conversion, caveat=None
    )


def _adapted(source: Source, settings: ChatTonicSettings) -> Source:
    formats = settings.date_formats.by_grain
    hours = {
        DASHBOARD: settings.dashboard_settling_hours,
        OPERATOR: settings.operator_settling_hours,
    }
    if source.snapshot:
        return source
    return msgspec.structs.replace(
        source,
        grains={grain: longest for grain, longest in source.grains.items() if grain in formats},
        settling=timedelta(hours=hours[source.name]),
        fresh_for=timedelta(seconds=settings.fresh_seconds),
    )
