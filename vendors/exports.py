"""Tables that a platform gives as files: read once, as a stream, never as a part of a query."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from vendors.measures import Dimension, Grain
from vendors.parameters import Argument, Parameter

if TYPE_CHECKING:
    from vendors.calls import Call

__all__ = ["Export", "ExportQuery", "ExportsPort"]


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """One table that can be had as a file.

    `name` and `suffix` are lower-case words of an address. Callers name filters by the value of
    their dimension and parameters by their name, so these differ. Parameters are given by values,
    or by whether there is a value; they neither need nor exclude one another.
    """

    name: str
    title: str
    description: str
    media_type: str = "text/csv"
    suffix: str = ".csv"
    """What the name of the file ends with."""
    grains: tuple[Grain, ...] = (Grain.TOTAL,)
    filters: tuple[Dimension, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    personal: tuple[tuple[str, str], ...] = ()
    """The parameters with their values that bring personal data of customers into the table."""
    personal_always: bool = False
    """Whether it may hold personal data of customers whatever it is told."""
    most_rows: int | None = None
    """Where the platform cuts it off; None: the platform names no limit."""
    documented: bool = True


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which table is wanted, over `[start, end)` in UTC instants; `zone` cuts its buckets.

    Members of a filter are the platform's own ids, and its own words for channels.
    """

    name: str
    start: datetime
    end: datetime
    zone: str
    grain: Grain = Grain.TOTAL
    filters: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()
    arguments: tuple[Argument, ...] = ()


class ExportsPort(Protocol):
    """Gives tables as files."""

    @property
    def exports(self) -> Mapping[str, Export]:
        """Return the tables that there are, by name."""
        ...

    def check(self, query: ExportQuery) -> None:
        """Raise BadInputError for what the platform would refuse or could not understand.

        Its `argument` is one of `from`, `to`, `granularity`, `time_zone`, the value of a dimension
        or the name of a parameter. Nothing is asked.
        """
        ...

    def export(
        self, query: ExportQuery, call: Call
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Return the file as it arrives, to be read once, at the reader's pace.

        Raises BadInputError as `check` does, and PlatformError: before the first byte by entering,
        later by reading. Leaving early ends the call to the platform at once.
        """
        ...
