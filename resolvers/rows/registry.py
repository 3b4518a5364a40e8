"""Which flat tables there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from resolvers.rows.records import RECORD_TABLES
from resolvers.rows.status import PLATFORMS
from resolvers.rows.table import RowTable
from vendors.port import Platform

__all__ = ["STANDARD", "tables"]

STANDARD: Mapping[str, RowTable] = {**RECORD_TABLES, PLATFORMS.name: PLATFORMS}
"""The tables that are the same for every configuration and caller, by name."""


def tables(_platforms: Iterable[Platform]) -> Mapping[str, RowTable]:
    """Return all tables of these platforms by name, those of the vendors' own reports last."""
    return STANDARD
