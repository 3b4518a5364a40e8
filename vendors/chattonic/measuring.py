"""Measures an app: what can be measured, and one call for one measure."""

from __future__ import annotations

from datetime import timedelta

from vendors.buckets import zone
from vendors.calls import Call
from vendors.chattonic import mapping
from vendors.chattonic.client import ChatTonicClient
from vendors.chattonic.indicators import DASHBOARD, OPERATOR_NOW, SECONDS, measurables
from vendors.chattonic.reports import TABLES
from vendors.chattonic.settings import ChatTonicSettings
from vendors.clock import Clock
from vendors.measures import Dimension, Grain, Measurables, MeasureCall, Member, Reading

__all__ = ["ChatTonicMeasures"]


# A window that ends so long ago was asked up to now: answers take their time.
_PRESENT = timedelta(minutes=5)


class ChatTonicMeasures:
    """The measures of one app."""

    def __init__(self, client: ChatTonicClient, settings: ChatTonicSettings, clock: Clock) -> None:
        """Ask by that client."""
        self._client = client
        self._settings = settings
        self._clock = clock
        self._measurables = measurables(settings).with_reports(TABLES)

    @property
    def measurables(self) -> Measurables:
        """Return what can be measured, as tables."""
        return self._measurables

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Make the one call that is described; raise PlatformError.

        What is told of now belongs to no window of the past: nothing is asked for one.
        """
        if measure.source == DASHBOARD:
            return await self._dashboard(measure, call)
        if measure.source == OPERATOR_NOW and measure.end < self._clock.now() - _PRESENT:
            return ()
        stats = await self._client.operator_stats(measure.start, measure.end, call)
        seconds = SECONDS.get(self._settings.duration_unit, 1.0)
        return mapping.operator_readings(stats, measure, seconds)

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:
        """Return the operators; there is no other dimension."""
        if dimension is not Dimension.AGENT:
            return ()
        agents = await self._client.agents(call)
        return tuple(Member(one.native_id, one.display_name) for one in agents)

    async def _dashboard(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        where = zone(self._settings.bucket_time_zone)
        grain, pattern = self._settings.date_formats.asked_by(measure.grain)
        rows = await self._client.dashboard(measure.start, measure.end, pattern, call)
        if measure.grain is Grain.TOTAL:
            return mapping.total_readings(rows, measure, grain, pattern, where)
        return mapping.row_readings(rows, measure, pattern, where)
