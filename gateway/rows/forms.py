"""What a file can be: how rows are written as one, and what its writer can be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol, TypeAlias

import msgspec

from resolvers.outcomes import SourceStatus
from resolvers.rows.columns import Row, RowColumn
from resolvers.rows.table import RowArgument

__all__ = ["Ending", "Form", "Options", "Sink", "Writer"]


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file when its last row is."""

    rows: int
    next_cursor: str
    """Where the next file begins; empty where there is none."""
    sources: tuple[SourceStatus, ...]
    failed: tuple[str, ...]
    """The platforms that cost rows by failing."""
    truncated: tuple[str, ...]
    """The platforms that hold more than they can be made to list."""

    @property
    def partial(self) -> bool:
        """Return whether rows are missing."""
        return bool(self.failed or self.truncated)


class Sink(Protocol):
    """Takes the bytes of one file, from its beginning to its end."""

    @property
    def closed(self) -> bool:
        """Return whether nothing can be written any more."""
        ...

    def write(self, data: bytes, /) -> int:
        """Write behind what there is."""
        ...

    def tell(self) -> int:
        """Return how much has been written."""
        ...

    def flush(self) -> None:
        """Write what is held, where something is."""
        ...


class Writer(Protocol):
    """Writes one file, in a thread."""

    def add(self, rows: Sequence[Row]) -> None:
        """Write further rows; the cells are those of the columns that it was opened with."""
        ...

    def end(self, ending: Ending) -> None:
        """Write what stands behind the rows."""
        ...


Options: TypeAlias = Mapping[str, str]
"""What a writer is told, by name; every option of its form is there."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """One kind of file."""

    name: str
    """What the names of such files end with."""
    media_type: str
    description: str
    open: Callable[[Sink, Sequence[RowColumn], Options], Writer]
    """Begins to write one; called in a thread."""
    options: tuple[RowArgument, ...] = ()
    text: bool = True
    """Whether it is worth while to compress it."""
    most_rows: int | None = None
    """How many rows it can hold, where it cannot hold any number."""
    needs: str | None = None
    """The package that writes it, where that is an extra."""
    extra: str | None = None

    @property
    def missing(self) -> bool:
        """Return whether the package that writes it is not installed."""
        return self.needs is not None and find_spec(self.needs) is None
