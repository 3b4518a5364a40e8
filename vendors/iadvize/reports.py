"""The tables in which iAdvize documents its figures."""

from __future__ import annotations

from collections.abc import Mapping

from vendors.iadvize.indicators import FIGURES

__all__ = ["TABLES"]

_TABLE_OF: Mapping[str, str] = {
    "contact": "contacts",
    "rule": "contacts",
    "targeting": "contacts",
    "satisfaction": "satisfaction",
    "cart": "transactions",
    "conversion": "transactions",
    "transaction": "transactions",
}
"""The table of a figure, by the first word of its name; the others are of presence."""

TABLES: Mapping[str, tuple[str, ...]] = {
    table: tuple(
        name for name in FIGURES if _TABLE_OF.get(name.partition("_")[0], "presence") == table
    )
    for table in ("contacts", "presence", "satisfaction", "transactions")
}
"""Figures by the name of their table."""
