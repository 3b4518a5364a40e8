"""Calls that are under way in this process: whoever needs a part of what they bring may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from resolvers.planner.calls import PlannedCall
from resolvers.planner.request import Column, Slot, Wanted

__all__ = ["UnderWay"]


class UnderWay:
    """The measuring calls of all operations, by platform, until they have landed."""

    def __init__(self) -> None:
        """Begin with none."""
        self._calls: dict[str, dict[asyncio.Future[None], PlannedCall]] = {}

    def begin(self, platform: str, call: PlannedCall) -> asyncio.Future[None]:
        """Note a call, and return what to resolve when it has landed, well or not."""
        landing = asyncio.get_running_loop().create_future()
        calls = self._calls.setdefault(platform, {})
        calls[landing] = call
        landing.add_done_callback(lambda _: self._landed(platform, landing))
        return landing

    def _landed(self, platform: str, landing: asyncio.Future[None]) -> None:
        calls = self._calls[platform]
        del calls[landing]
        if not calls:
            del self._calls[platform]

    def bringing(
        self, platform: str, wanted: Wanted, own: Iterable[PlannedCall]
    ) -> tuple[dict[Column, set[Slot]], AbstractSet[asyncio.Future[None]]]:
        """Return the wanted cells that others are fetching, and what to wait for.

        Calls that equal one's `own` are left out: they are shared as they are.
        """
        equal = {call.measure for call in own}
        covered: dict[Column, set[Slot]] = {}
        landings: set[asyncio.Future[None]] = set()
        for landing, call in self._calls.get(platform, {}).items():
            if call.measure in equal or not call.fills(wanted):
                continue
            landings.add(landing)
            for column in call.columns:
                covered.setdefault(column, set()).update(call.slots)
        return covered, landings
