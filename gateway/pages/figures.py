"""The last 30 days of one platform, as charts and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from strawberry import Schema

from gateway.graphql.asking import Question, answer_to
from gateway.pages.charts import Chart, Point, chart_of
from gateway.pages.wording import quantity
from resolvers.context import RequestContext
from vendors.measures import Unit
from vendors.port import Platform

__all__ = ["Figures", "Panel", "figures_of"]

DAYS = 30
_QUERY = """
query Figures($keys: [IndicatorKey!]!, $platforms: [String!]!, $timeZone: String!, $days: Int!) {
  indicators(
    keys: $keys
    platforms: $platforms
    period: { last: { count: $days, unit: DAY } }
    granularity: DAY
    timeZone: $timeZone
  ) {
    series { key indicator { title } unit value note points { start value final } }
    sources { freshness asOf }
    failures { code }
  }
}
"""


@dataclass(frozen=True, slots=True)
class _Place:
    """What a chart is about, and the indicators that tell it, the best first."""

    about: str
    keys: tuple[str, ...]
    over_all: str


_PLACES = (
    _Place("Volume", ("CONVERSATIONS_STARTED", "CONVERSATIONS_HANDLED"), "in all"),
    _Place(
        "Speed",
        (
            "FIRST_RESPONSE_TIME",
            "RESPONSE_TIME",
            "CUSTOMER_WAIT_TIME",
            "QUEUE_TIME",
            "HANDLE_TIME",
        ),
        "on average",
    ),
    _Place("Satisfaction", ("SATISFACTION_RATE", "NPS"), "overall"),
)
_FRESHNESS: Mapping[str, str] = {
    "LIVE": "live",
    "CACHED": "from the cache",
    "STALE": "old: the platform did not answer anew",
    "PARTIAL": "a part of it is missing",
    "FAILED": "missing: the platform did not answer",
    "UNSUPPORTED": "not offered by the platform",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart with its words."""

    about: str
    title: str
    total: str
    over_all: str
    note: str
    unit: str
    points: tuple[Point, ...]
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a page shows of a platform's last days; `failure` is empty where all is well."""

    panels: tuple[Panel, ...]
    freshness: str
    as_of: datetime | None
    failure: str

    @property
    def measured(self) -> tuple[Panel, ...]:
        """Return the panels that have something to show."""
        return tuple(panel for panel in self.panels if panel.chart is not None)

    @property
    def rows(self) -> list[tuple[date, list[str]]]:
        """Return a row for each day, the latest first, with the value of each panel."""
        panels = self.measured
        days = [point.day for point in panels[0].points] if panels else []
        rows = [
            (one, [quantity(panel.points[number].value, panel.unit) for panel in panels])
            for number, one in enumerate(days)
        ]
        return rows[::-1]


async def figures_of(platform: Platform, schema: Schema, operation: RequestContext) -> Figures:
    """Return the figures of a platform's last days, in the time zone of its account."""
    chosen = [(place, _key_of(place, platform)) for place in _PLACES]
    keys = [key for _, key in chosen if key]
    series: Mapping[str, Any] = {}
    source: Mapping[str, Any] = {}
    failure = ""
    if keys:
        variables = {
            "keys": keys,
            "platforms": [platform.key],
            "timeZone": platform.time_zone,
            "days": DAYS,
        }
        answer = await answer_to(Question(_QUERY, variables), schema, operation)
        series, source, failure = _read(answer)
    zone = ZoneInfo(platform.time_zone)
    return Figures(
        panels=tuple(_panel(place, series.get(key or ""), zone) for place, key in chosen),
        freshness=_FRESHNESS.get(source.get("freshness", ""), ""),
        as_of=_moment(source.get("asOf")),
        failure=failure,
    )


def _key_of(place: _Place, platform: Platform) -> str | None:
    measured = platform.measures.measurables.indicators if platform.measures else {}
    return next((key for key in place.keys if key in measured), None)


def _read(answer: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, Any], str]:
    """Return the series by key, the source, and the code of what failed, if something did."""
    indicators = (answer.get("data") or {}).get("indicators")
    if indicators is None:
        errors = answer.get("errors") or [{}]
        code = errors[0].get("extensions", {}).get("code", "INTERNAL_SERVER_ERROR")
        return {}, {}, str(code)
    failures: Sequence[Mapping[str, str]] = indicators["failures"]
    sources = indicators["sources"] or [{}]
    series = {one["key"]: one for one in indicators["series"]}
    return series, sources[0], failures[0]["code"] if failures else ""


def _panel(place: _Place, series: Mapping[str, Any] | None, zone: ZoneInfo) -> Panel:
    if series is None:
        return Panel(place.about, "", "", "", "", "", (), None)
    unit = str(series["unit"])
    points = tuple(
        Point(
            datetime.fromisoformat(point["start"]).astimezone(zone).date(),
            point["value"],
            bool(point["final"]),
        )
        for point in series["points"]
    )
    return Panel(
        about=place.about,
        title=str(series["indicator"]["title"]),
        total=quantity(series["value"], unit),
        over_all=place.over_all,
        note=str(series["note"] or ""),
        unit=unit,
        points=points,
        chart=chart_of(points, unit, bars=unit.lower() == Unit.COUNT),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
