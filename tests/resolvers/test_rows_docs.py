"""The page about flat rows names every table, with its key and its arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolvers.rows.registry import STANDARD
from resolvers.rows.table import RowTable

PAGE = Path(__file__).parents[2] / "docs" / "rows.md"


def line(table: RowTable) -> str:
    """Return what the page says of the table."""
    head, *rest = table.noun.split("_")
    field = head + "".join(one.capitalize() for one in rest)
    cells = (
        f"`{table.name}`",
        f"`{field}Rows`",
        ", ".join(f"`{name}`" for name in table.key),
        f"`{table.incremental}`" if table.incremental else "–",
        ", ".join(f"`{one.name}`" for one in table.arguments) or "–",
    )
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("name", STANDARD)
def test_every_table_is_told(name: str) -> None:
    assert line(STANDARD[name]) in PAGE.read_text(encoding="utf-8").splitlines()


def test_no_other_table_is_told() -> None:
    told = [one for one in PAGE.read_text(encoding="utf-8").splitlines() if one.count("Rows`") == 1]

    assert len(told) == len(STANDARD)


def test_dated_tables_are_those_with_an_incremental_column() -> None:
    assert all(one.dated is (one.incremental is not None) for one in STANDARD.values())
