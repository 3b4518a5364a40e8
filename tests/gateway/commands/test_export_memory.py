"""What an export holds in memory does not grow with what it reads."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes import context_of, platform_of

from gateway.commands.export.output import OUTPUTS, written
from gateway.commands.export.parts import Parts, Question, rows_in
from gateway.commands.export.progress import Progress
from gateway.commands.export.reading import Reading
from gateway.commands.export.windows import Window
from gateway.rows.asking import FileRequest
from resolvers.context import RequestContext
from resolvers.periods import Period
from resolvers.rows.columns import RowColumn, RowType
from resolvers.rows.table import RowPage, RowRequest, RowTable

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=1)
COLUMNS = tuple(
    RowColumn(name=name, title=name, type=kind, description=name)
    for name, kind in (
        ("platform", RowType.TEXT),
        ("at", RowType.INSTANT),
        ("number", RowType.NUMBER),
        ("word", RowType.TEXT),
    )
)


def many(count: int) -> RowTable:
    """Return a table of so many rows, which are made as they are read."""

    async def read(
        _context: RequestContext, _request: RowRequest, first: int, after: str | None
    ) -> RowPage:
        begin = int(after or 0)
        end = min(begin + first, count)
        rows = [
            ("one", BEGIN + timedelta(milliseconds=at), at / 7, f"the word {at}")
            for at in range(begin, end)
        ]
        return RowPage(rows, str(end) if rows else None, end < count)

    return RowTable(
        name="many",
        noun="one",
        title="Many",
        description="Many.",
        columns=COLUMNS,
        key=("at",),
        read=read,
        dated=True,
    )


async def most_held(folder: Path, form: str, count: int) -> int:
    """Return how many bytes were held at once, at most, while so many rows were exported."""
    request = FileRequest(
        table=many(count),
        form=OUTPUTS[form],
        rows=RowRequest(period=Period(BEGIN, END, "UTC", "a day")),
        columns=COLUMNS,
        options={one.name: one.default[0] for one in OUTPUTS[form].options},
    )
    reading = Reading(
        services=context_of(platform_of("one")).services,
        request=request,
        progress=Progress(lambda: BEGIN, lambda _line: None),
        page_seconds=60,
        patience=0,
    )
    question = Question(table="many", columns=(), platforms={}, parameters={})
    with Parts(folder / ".part", question, END, fresh=True) as parts:
        tracemalloc.start()
        try:
            part = await reading.read(Window(BEGIN, END), parts)
            rows = rows_in(parts.path(part), COLUMNS)
            finish = await written(request, folder / f"many.{form}", rows, parts.folder)
            finish()
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        parts.drop()
    assert part.rows == {"one": count}
    return most


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
async def test_ten_times_the_rows_take_no_more_room(tmp_path: Path, form: str) -> None:
    few = await most_held(tmp_path, form, 20_000)
    assert await most_held(tmp_path, form, 200_000) < 1.5 * few
    lines = (tmp_path / f"many.{form}").read_bytes().count(b"\n")
    assert lines >= 200_000
