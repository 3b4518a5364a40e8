"""Where the reading of a query goes on: behind so many of its rows, as long as those are the same.

Rows of a query have no key, and what they are made of none in common. So all of them are read
again, and a cursor holds how many there were, with what tells them from any others.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from resolvers.paging import Cursor, resumed, sealed
from resolvers.ports import Sealer
from resolvers.rows.columns import Row
from vendors.errors import BadInputError

__all__ = ["Passed"]

_PLACE = ""
_DIGEST = 16
_ROW = msgspec.msgpack.Encoder()


class Passed:
    """The rows of a query that have been read, from the first one on."""

    def __init__(self, sealer: Sealer, question: bytes, after: str | None) -> None:
        """Begin before the first row; `after` says how many have been given out before.

        Raises BadInputError for a cursor that is none, or of another question.
        """
        self._sealer = sealer
        self._begin = Cursor(question)
        self._digest = blake2b(digest_size=_DIGEST)
        self._count = 0
        position = resumed(sealer, after, self._begin).positions.get(_PLACE)
        count, _, self._expected = (position or "").partition(":")
        self.left = int(count or 0)
        """How many rows are still to be passed over."""

    def note(self, rows: Iterable[Row]) -> None:
        """Note that these are given out."""
        for row in rows:
            self._digest.update(_ROW.encode(row))
            self._count += 1

    def pass_over(self, rows: Iterable[Row]) -> None:
        """Note that these have been given out before; raise BadInputError where others were."""
        if not self.left:
            return
        before = self._count
        self.note(rows)
        self.left -= self._count - before
        if self.left == 0 and self._digest.hexdigest() != self._expected:
            raise _changed()

    def end(self) -> None:
        """Note that there are no more; raise BadInputError where there were more before."""
        if self.left:
            raise _changed()

    @property
    def cursor(self) -> str:
        """Return where to go on behind what was given out."""
        step = (_PLACE, f"{self._count}:{self._digest.hexdigest()}")
        return sealed(self._sealer, self._begin.moved([step]))


def _changed() -> BadInputError:
    return BadInputError(
        "The rows before this cursor are others by now: begin again without it.", argument="after"
    )
