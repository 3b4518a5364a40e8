"""Which flat tables there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from resolvers.reports.catalogue import UNIFIED, definitions
from resolvers.rows.indicators import INDICATORS
from resolvers.rows.records import RECORD_TABLES
from resolvers.rows.reports import report_table
from resolvers.rows.status import PLATFORMS
from resolvers.rows.table import RowTable
from vendors.port import Platform

__all__ = ["STANDARD", "tables"]

_FIRST = ("conversations", "agents")

STANDARD: Mapping[str, RowTable] = {
    **{name: RECORD_TABLES[name] for name in _FIRST},
    INDICATORS.name: INDICATORS,
    **{table.name: table for table in (report_table(one, ()) for one in UNIFIED.values())},
    **RECORD_TABLES,
    PLATFORMS.name: PLATFORMS,
}
"""The tables that are the same for every configuration and caller, by name."""


def tables(platforms: Iterable[Platform]) -> Mapping[str, RowTable]:
    """Return all tables of these platforms by name, those of the vendors' own reports last."""
    every = tuple(platforms)
    own = (report_table(one, every) for one in definitions(every) if one.key not in UNIFIED)
    return {**STANDARD, **{table.name: table for table in own}}
