"""Two clocks that are moved together by hand: of the wall, and one that never goes back."""

from __future__ import annotations

import time

__all__ = ["Times"]


class Times:
    """Begins now, and goes on only when it is told."""

    def __init__(self) -> None:
        self._wall = time.time()
        self._passed = 0.0

    def wall(self) -> float:
        return self._wall + self._passed

    def monotonic(self) -> float:
        return 1000.0 + self._passed

    def pass_(self, seconds: float) -> None:
        self._passed += seconds
