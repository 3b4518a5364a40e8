"""Which figures stand together in one table of Chat-Tonic's own."""

from collections.abc import Mapping

from vendors.chattonic.indicators import DASHBOARD, FIGURES, OPERATOR

__all__ = ["TABLES"]

TABLES: Mapping[str, tuple[str, ...]] = {
    table: tuple(name for name in FIGURES if name.startswith(f"{table}."))
    for table in (DASHBOARD, OPERATOR)
}
"""The names of the figures by the name of the table that the vendor shows them in."""
