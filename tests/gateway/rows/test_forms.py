"""What stands in a file: types that do not depend on rows, and nothing that a sheet calculates."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from gateway.rows.arrow_form import ARROW, PARQUET
from gateway.rows.csv_form import CSV, defused
from gateway.rows.forms import Ending, Form
from gateway.rows.json_form import JSON, NDJSON
from gateway.rows.spool import PIECE, Spool, SpoolFullError
from gateway.rows.xlsx_form import XLSX
from resolvers.outcomes import Freshness, SourceStatus
from resolvers.rows.columns import Row, RowColumn, RowType

COLUMNS = tuple(
    RowColumn(name=kind.value, title=kind.value.title(), type=kind, description="It is told.")
    for kind in RowType
)
NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
FULL: Row = ("a,b", 7, 2, True, NOON, date(2026, 3, 1))
EMPTY: Row = (None,) * len(COLUMNS)
SOURCE = SourceStatus(platform="oak", freshness=Freshness.CACHED, as_of=NOON)
ENDING = Ending(rows=2, next_cursor="behind", sources=(SOURCE,), failed=(), truncated=("oak",))


def read(spool: Spool) -> bytes:
    return b"".join(spool.piece(number) for number in range(-(-spool.size // PIECE)))


def made(form: Form, *pages: Sequence[Row], **options: str) -> bytes:
    spool = Spool(None, 2**20)
    told = {one.name: one.default[0] for one in form.options} | options
    writer = form.open(spool, COLUMNS, told)
    for page in pages:
        writer.add(page)
    writer.end(ENDING)
    spool.end()
    return read(spool)


def test_csv_is_as_the_standard_has_it() -> None:
    assert made(CSV, [FULL], [EMPTY]) == (
        b"text,integer,number,boolean,instant,date\r\n"
        b'"a,b",7,2.0,true,2026-03-01T12:30:00Z,2026-03-01\r\n'
        b",,,,,\r\n"
    )


def test_csv_is_made_for_excel_where_that_is_asked() -> None:
    text = made(CSV, [FULL], bom="1", dates="excel", sep=";")

    assert text == (
        b"\xef\xbb\xbftext;integer;number;boolean;instant;date\r\n"
        b"a,b;7;2.0;true;2026-03-01 12:30:00;2026-03-01\r\n"
    )
    assert made(CSV, sep="tab").startswith(b"text\tinteger\t")


def test_dates_for_excel_are_apart_where_clocks_are_set_back() -> None:
    """The hour that comes twice in Paris is two hours in UTC, whatever zone an instant is in."""
    paris = ZoneInfo("Europe/Paris")
    night = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in range(3)]
    told = [instant.astimezone(paris) for instant in night]
    assert [one.hour for one in told] == [2, 2, 3]

    for instants in (night, told):
        rows: list[Row] = [(None, None, None, None, one, None) for one in instants]
        lines = [*csv.DictReader(io.StringIO(made(CSV, rows, dates="excel").decode(), ""))]
        assert [one["instant"] for one in lines] == [
            "2026-10-25 00:30:00",
            "2026-10-25 01:30:00",
            "2026-10-25 02:30:00",
        ]
        assert [datetime.fromisoformat(f"{one['instant']}Z") for one in lines] == night


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(begin: str) -> None:
    (line,) = csv.DictReader(io.StringIO(made(CSV, [(f"{begin}1+1", *EMPTY[1:])]).decode(), ""))

    assert line["text"] == f"'{begin}1+1"


def test_numbers_stay_numbers() -> None:
    row: Row = (None, -7, -2.5, False, None, None)

    assert made(CSV, [row]).endswith(b"\r\n,-7,-2.5,false,,\r\n")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_every_text_comes_back(texts: list[str]) -> None:
    rows: list[Row] = [(text, 1, None, None, None, None) for text in texts]
    lines = csv.DictReader(io.StringIO(made(CSV, rows).decode(), ""))

    assert [line["text"] for line in lines] == [defused(text) for text in texts]


def test_json_has_the_types_of_the_columns() -> None:
    full = {
        "text": "a,b",
        "integer": 7,
        "number": 2.0,
        "boolean": True,
        "instant": "2026-03-01T12:30:00Z",
        "date": "2026-03-01",
    }
    empty = dict.fromkeys(full)

    text = made(JSON, [FULL], [], [EMPTY])
    assert json.loads(text) == [full, empty]
    assert b'"number":2.0' in text
    assert [json.loads(line) for line in made(NDJSON, [FULL, EMPTY]).splitlines()] == [full, empty]
    page = json.loads(made(JSON, [FULL, EMPTY], shape="page"))
    assert page == {
        "rows": [full, empty],
        "next_cursor": "behind",
        "sources": [
            {
                "platform": "oak",
                "freshness": "cached",
                "as_of": "2026-03-01T12:30:00Z",
                "truncated": True,
            }
        ],
    }
    assert json.loads(made(JSON)) == []
    assert made(NDJSON) == b""


def test_a_spool_is_read_wherever_one_likes() -> None:
    spool = Spool(None, 3 * PIECE)
    content = bytes(range(256)) * (2 * PIECE // 256) + b"and the rest"
    for at in range(0, len(content), 70_000):
        spool.write(content[at : at + 70_000])
    spool.end()

    assert spool.size == spool.tell() == len(content)
    assert read(spool) == content
    assert spool.piece(2) == b"and the rest"
    with pytest.raises(SpoolFullError):
        spool.write(bytes(PIECE))
    spool.close()
    assert spool.closed


def test_what_is_spooled_cannot_be_read_on_the_disk() -> None:
    spool = Spool(None, 2**20)
    spool.write(b"a secret of somebody " * 100)
    spool.end()
    with open(f"/proc/self/fd/{spool._fd}", "rb") as file:  # noqa: SLF001, PTH123 (what others see)
        kept = file.read()
    spool.close()

    assert len(kept) > spool.size
    assert b"secret" not in kept


WIDE = {
    "text": pa.string(),
    "integer": pa.int32(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}


def arrow_table(form: Form, *pages: Sequence[Row]) -> pa.Table:
    content = io.BytesIO(made(form, *pages))
    if form is PARQUET:
        return parquet.read_table(content)
    return ipc.open_file(content).read_all()


@pytest.mark.parametrize("form", [PARQUET, ARROW], ids=["parquet", "arrow"])
@pytest.mark.parametrize(
    "pages", [[], [[EMPTY]], [[FULL], [EMPTY]]], ids=["no rows", "no cells", "cells"]
)
def test_types_do_not_depend_on_rows(form: Form, pages: Sequence[Sequence[Row]]) -> None:
    table = arrow_table(form, *pages)

    assert {field.name: field.type for field in table.schema} == WIDE
    rows = [row for page in pages for row in page]
    assert [tuple(one.values()) for one in table.to_pylist()] == rows


def cells_of(workbook: bytes) -> list[list[tuple[str, str]]]:
    """Return the types and values of the cells of each line, as the file has them (ECMA-376)."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (our own)
        strings = ET.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 (our own)
    texts = ["".join(one.itertext()) for one in strings]
    lines = []
    for line in sheet.iter(f"{{{SHEETS}}}row"):
        assert line.find(f".//{{{SHEETS}}}f") is None
        values = [
            (one.get("t", "n"), "".join(one.itertext())) for one in line.iter(f"{{{SHEETS}}}c")
        ]
        lines.append([(kind, texts[int(text)] if kind == "s" else text) for kind, text in values])
    return lines


SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def test_a_workbook_holds_values_and_no_formulas() -> None:
    rows: list[Row] = [FULL, EMPTY, ("=1+1", -7, 0.5, False, None, None)]
    content = made(XLSX, rows[:1], rows[1:])

    assert cells_of(content) == [
        [("s", column.name) for column in COLUMNS],
        # Days since 1899-12-30, and their parts.
        [
            ("s", "a,b"),
            ("n", "7"),
            ("n", "2"),
            ("b", "1"),
            ("n", "46082.52083333334"),
            ("n", "46082"),
        ],
        [("s", "=1+1"), ("n", "-7"), ("n", "0.5"), ("b", "0")],
    ]
    assert made(XLSX, rows) == content


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_an_empty_cell(number: float) -> None:
    row: Row = (None, None, number, None, None, None)

    assert made(CSV, [row]).endswith(b"date\r\n,,,,,\r\n")
    assert [json.loads(line)["number"] for line in made(NDJSON, [row]).splitlines()] == [None]
    assert json.loads(made(JSON, [row]))[0]["number"] is None
    for form in (PARQUET, ARROW):
        assert arrow_table(form, [row]).to_pylist()[0]["number"] is None
    assert cells_of(made(XLSX, [row], [FULL]))[1][2] == ("n", "2")


@pytest.mark.parametrize("begin", ["\n", "＝", "＋", "－", "＠"])  # noqa: RUF001 (as wide as Japanese)
def test_no_text_is_a_formula_of_other_sheets(begin: str) -> None:
    (line,) = csv.DictReader(io.StringIO(made(CSV, [(f"{begin}1+1", *EMPTY[1:])]).decode(), ""))

    assert line["text"] == f"'{begin}1+1"


def test_texts_of_a_workbook_are_no_links_and_no_numbers() -> None:
    texts = ["http://example.test/", "mailto:a@example.test", "007", "internal:A1", "TRUE", "{=1}"]
    cells = cells_of(made(XLSX, [(text, *EMPTY[1:]) for text in texts]))

    assert cells[1:] == [[("s", text)] for text in texts]
