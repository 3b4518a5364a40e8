"""Who was made available or disconnected, for the rest of the day.

The document has no way to connect somebody but this: whoever is made available is connected by it.
What was set holds until midnight on the account's clock; then the rota counts again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vendors.iadvize.sandbox.roster import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Desk:
    """What was set on a day: connected or not, None as the rota says, and each channel."""

    day: date
    connected: bool | None = None
    channels: Mapping[str, bool] = field(default_factory=dict)


class Availability:
    """What was set of each operator."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._desks: dict[int, Desk] = {}
        self._seen: set[int] = set()

    def __contains__(self, number: object) -> bool:
        """Tell whether somebody was ever made available."""
        return number in self._seen

    def of(self, number: int, now: datetime) -> Desk:
        """Return what was set of somebody today."""
        today = now.astimezone(self._zone).date()
        desk = self._desks.get(number)
        return desk if desk is not None and desk.day == today else Desk(today)

    def let(self, number: int, channels: Mapping[str, bool], now: datetime) -> None:
        """Let somebody take, or not take, conversations on these channels."""
        desk = self.of(number, now)
        connected = desk.connected
        if any(channels.values()):
            connected = True
            self._seen.add(number)
        self._desks[number] = Desk(desk.day, connected, {**desk.channels, **channels})

    def disconnect(self, number: int, now: datetime) -> None:
        """Disconnect somebody; they are then available for nothing."""
        desk = self.of(number, now)
        self._desks[number] = Desk(
            desk.day, connected=False, channels=dict.fromkeys(CHANNELS, False)
        )
