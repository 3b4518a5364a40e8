"""The vendor's own cache: an answer is kept for 10 minutes, whatever has happened since."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

_LIFETIME = timedelta(minutes=10)
_MOST = 500

Key: TypeAlias = "tuple[str, bytes]"


class Keeping:
    """Keeps answers by path and body."""

    def __init__(self, clock: Callable[[], datetime], most: int = _MOST) -> None:
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[Key, tuple[datetime, Response]] = OrderedDict()

    def get(self, key: Key) -> Response | None:
        """Return an answer that is not yet too old."""
        end, response = self._kept.get(key, (None, None))
        return response if end is not None and self._clock() < end else None

    def put(self, key: Key, response: Response) -> None:
        """Keep an answer; the oldest makes room."""
        self._kept.pop(key, None)
        self._kept[key] = (self._clock() + _LIFETIME, response)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
