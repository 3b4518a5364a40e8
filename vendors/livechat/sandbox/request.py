"""What every report takes: a distribution and a time zone, which cut the window of the filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vendors.livechat.sandbox.refusals import invalid
from vendors.livechat.sandbox.times import DISTRIBUTIONS, Span, zone

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    from vendors.livechat.sandbox.window import Window

PARAMETERS = ("distribution", "timezone", "filters")
CHATS_DISTRIBUTIONS = tuple(DISTRIBUTIONS)
AGENTS_DISTRIBUTIONS = ("hour", "day")
_USUAL = "day"


@dataclass(frozen=True, slots=True)
class Grid:
    """How a window is cut into buckets."""

    unit: str
    zone: ZoneInfo

    def spans(self, window: Window) -> list[Span]:
        """Cut a window, in order of time.

        Raises:
            Refusal: There would be too many buckets.
        """
        return DISTRIBUTIONS[self.unit].spans(window.start, window.end, self.zone)

    def keys(self, spans: list[Span]) -> list[str]:
        """Return the keys of all buckets of the spans, in order."""
        return DISTRIBUTIONS[self.unit].buckets(spans)


def grid(parameters: Mapping[str, object], allowed: Collection[str], usual: ZoneInfo) -> Grid:
    """Read the distribution and the time zone; `usual` is the zone of the credentials' agent.

    Raises:
        Refusal: There is no such zone, or the report knows no such distribution.
    """
    unit = parameters.get("distribution", _USUAL)
    if not isinstance(unit, str) or unit not in allowed:
        raise invalid("distribution", f"must be one of {', '.join(allowed)}")
    return Grid(unit, zone_of(parameters, usual))


def zone_of(parameters: Mapping[str, object], usual: ZoneInfo) -> ZoneInfo:
    """Read the time zone; `usual` is the zone of the credentials' agent.

    Raises:
        Refusal: There is no such zone.
    """
    return zone(parameters["timezone"], "timezone") if "timezone" in parameters else usual
