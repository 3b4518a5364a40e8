"""What one operation asks of platforms, against the most that it may: one budget for all.

Series, pages, lists, changes and what is told of one thing at a time count together. Series,
pages and lists count where neither what is kept nor what is under way does; what is told of one
thing at a time is counted before that is known. What does not fit is refused before it is begun.

How many calls a page or a list takes is known when it is there: one is planned for it, and the
others are counted as they have been made. What is planned after that finds less room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from vendors.errors import TooComplexError

__all__ = ["Spending"]

_SMALLER = "Ask for smaller pages, or for less within them."


class Spending:
    """The calls that one operation has planned, or made beyond that, so far."""

    def __init__(self, most_calls: int) -> None:
        """Allow so many."""
        self.most_calls = most_calls
        self._calls: Counter[str] = Counter()
        self._resolved: Counter[str] = Counter()

    @property
    def planned(self) -> int:
        """Return how many calls have been planned or made, to all platforms together."""
        return self._calls.total()

    @property
    def room(self) -> int:
        """Return how many calls may still be planned."""
        return max(0, self.most_calls - self.planned)

    def charge(self, platform: str, calls: int) -> None:
        """Count calls that have been made beyond what was planned."""
        self._calls[platform] += calls

    def plan(self, calls: Mapping[str, int], advice: str = _SMALLER) -> None:
        """Count these calls, by platform; raise TooComplexError where all are now too many.

        What is refused is not counted: nothing will be asked for it.
        """
        planned = self._calls + Counter(calls)
        total = planned.total()
        if total > self.most_calls:
            each = ", ".join(f"{key} {count}" for key, count in planned.items() if count)
            message = (
                f"This query would take {total} calls ({each}); at most {self.most_calls} are "
                f"allowed. {advice}"
            )
            raise TooComplexError(
                message, extensions={"calls": total, "callLimit": self.most_calls}
            )
        self._calls = planned

    def resolve(self, field: str, most: int) -> None:
        """Count that a field was asked for; raise TooComplexError where that is now too often."""
        self._resolved[field] += 1
        if self._resolved[field] > most:
            message = f"This query asks for {field} more than {most} times. {_SMALLER}"
            raise TooComplexError(message, extensions={"field": field, "fieldLimit": most})
