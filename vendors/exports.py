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
    """One table that can be had as a file."""

    name: str
    title: str
    description: str
    media_type: str = "text/csv"
    grains: tuple[Grain, ...] = (Grain.TOTAL,)
    filters: tuple[Dimension, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    most_rows: int | None = None
    documented: bool = True


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which table is wanted, over `[start, end)` in UTC instants; `zone` cuts its buckets."""

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

    def export(
        self, query: ExportQuery, call: Call
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Return the file as it arrives; raise PlatformError before or while it is read."""
        ...
