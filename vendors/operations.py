"""What the documents of a vendor offer, operation by operation, and how a caller reaches each.

The tables say it; an example shows it, and tests prove that the example makes that very request.
docs/coverage.md is written from them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

__all__ = ["Example", "Operation"]


class Example(msgspec.Struct, frozen=True):
    """An operation of a file in `examples/coverage`, which can be copied and run."""

    file: str
    operation: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One request that the documents of a vendor describe.

    `path` is a template as the document writes it, without the host: `{name}` stands for one part
    of a path. The same request may be in the documents several times, under different sections.
    """

    section: str
    """Where the documents tell of it: the heading, or the number of a tile."""
    title: str
    method: str
    path: str
    reached: tuple[str, ...] = ()
    """Where it is in our schema, such as `Query.teams`, or at which address."""
    example: Example | None = None
    """What shows it; None: it cannot be reached yet."""
    says: Mapping[str, str] = {}
    """What else it says, by the name of a parameter or of a member of its body, where that alone
    tells it from others of that path."""
    documented: bool = True
    """Whether the documents show the path; else it is inferred from those that they show."""
    deprecated: bool = False
