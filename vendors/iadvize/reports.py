"""iAdvize's own tables, those of one operator among them, and all that can be measured together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from msgspec.structs import replace

from vendors.buckets import Span
from vendors.iadvize.indicators import EVERY_CHANNEL, FIGURES, ROWS, SOURCES
from vendors.iadvize.mapping import CHANNELS, DESK_CHANNELS
from vendors.iadvize.settings import IadvizeSettings
from vendors.measures import Dimension, Figure, Grouping, Measurables, Merge, Source, Unit
from vendors.records import Channel

__all__ = [
    "OPERATOR_FIGURES",
    "OPERATOR_LIVE",
    "OPERATOR_SOURCES",
    "OPERATOR_STATISTIC",
    "TABLES",
    "measurables",
]

OPERATOR_STATISTIC, OPERATOR_LIVE = "operator_statistic", "operator_live"

_OPERATOR = Source(
    name="",
    endpoint="",
    groupings={Dimension.AGENT: Grouping.EACH},
    always_by=Dimension.AGENT,
    fresh_for=timedelta(minutes=1),
    snapshot=True,
)
OPERATOR_SOURCES: Mapping[str, Source] = {
    name: replace(_OPERATOR, name=name, endpoint=endpoint)
    for name, endpoint in (
        (OPERATOR_STATISTIC, "GET /operator/{id}/statistic"),
        (OPERATOR_LIVE, "GET /operator/{id}/live"),
    )
}
"""What is told of one operator a call, as it stands now."""

_NOW = Figure(
    name="",
    title="",
    source=OPERATOR_LIVE,
    unit=Unit.COUNT,
    merge=Merge.SNAPSHOT,
    additive_over=frozenset({Dimension.PLATFORM, Dimension.AGENT}),
)
_EVER = replace(_NOW, source=OPERATOR_STATISTIC)
_OF_ONE = replace(_EVER, additive_over=frozenset())
_FLAG = replace(_NOW, conversion="true becomes 1, false 0")
_ON_A_CHANNEL: Mapping[str, tuple[Figure, str]] = {
    "available": (_FLAG, "Can take a {} now"),
    "busy": (_FLAG, "Has no room for another {} now"),
    "slot_number": (_NOW, "Slots in use by {} now"),
    "slot_max_number": (_NOW, "Slots for {} now"),
}

OPERATOR_FIGURES: Mapping[str, Figure] = {
    one.name: one
    for one in (
        replace(
            _EVER,
            name=f"{OPERATOR_STATISTIC}.conversation_number",
            title="Conversations of an operator, ever",
        ),
        replace(
            _OF_ONE,
            name=f"{OPERATOR_STATISTIC}.experience",
            title="Experience of an operator",
            unit=Unit.UNKNOWN,
            caveat="iAdvize does not say what it counts.",
        ),
        replace(
            _OF_ONE,
            name=f"{OPERATOR_STATISTIC}.satisfaction_global_rate",
            title="Satisfaction with an operator, ever",
            unit=Unit.RATE,
            deprecated="iAdvize marks it as deprecated: satisfaction is computed in another way.",
        ),
        replace(_FLAG, name=f"{OPERATOR_LIVE}.connected", title="Connected now"),
        *(
            replace(kind, name=f"{OPERATOR_LIVE}.{channel}.{word}", title=title.format(channel))
            for channel in DESK_CHANNELS
            for word, (kind, title) in _ON_A_CHANNEL.items()
        ),
    )
}

_TABLE_OF: Mapping[str, str] = {
    "contact": "contacts",
    "rule": "contacts",
    "targeting": "contacts",
    "satisfaction": "satisfaction",
    "cart": "transactions",
    "conversion": "transactions",
    "transaction": "transactions",
}
"""The table of a figure, by the first word of its name; the others are of presence."""

TABLES: Mapping[str, tuple[str, ...]] = {
    **{
        table: tuple(
            name for name in FIGURES if _TABLE_OF.get(name.partition("_")[0], "presence") == table
        )
        for table in ("contacts", "presence", "satisfaction", "transactions")
    },
    **{
        table: tuple(name for name, one in OPERATOR_FIGURES.items() if one.source == table)
        for table in OPERATOR_SOURCES
    },
}
"""Figures by the name of their table."""


def measurables(settings: IadvizeSettings) -> Measurables:
    """Return all that can be measured as the settings adapt it: windows, channels and parts."""
    each = settings.channel_mode == "each"
    return Measurables(
        sources={
            **{name: _adapted(one, settings) for name, one in SOURCES.items()},
            **OPERATOR_SOURCES,
        },
        figures={**FIGURES, **(_told_once(settings) if each else {}), **OPERATOR_FIGURES},
        indicators={
            name: row
            for name, row in ROWS.items()
            if settings.satisfaction_served or not FIGURES[row.value[0].figure].deprecated
        },
        partitions=settings.partitions,
        channels={word: CHANNELS.get(word, Channel.OTHER) for word in settings.channels},
    ).with_reports(TABLES)


def _adapted(source: Source, settings: IadvizeSettings) -> Source:
    longest = Span(months=settings.statistic_months)
    return replace(
        source,
        grains=dict.fromkeys(source.grains, longest),
        total=longest,
        always_by=Dimension.CHANNEL if settings.channel_mode == "each" else None,
        settling=settings.settling,
        fresh_for=settings.fresh_for,
    )


def _told_once(settings: IadvizeSettings) -> dict[str, Figure]:
    """Return what is told again for every channel, as figures of one channel of the account."""
    one = [word for word in settings.channels if word in EVERY_CHANNEL][:1]
    return {
        name: replace(figure, channels=frozenset(one))
        for name, figure in FIGURES.items()
        if figure.dimensions is not None
    }
