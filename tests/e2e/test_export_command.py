"""`switchboard export` as it is used: real processes, real sockets, real readers."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.e2e.asked import day_before
from tests.e2e.exporting import Company, lines, run, running_company
from typer.testing import CliRunner

from gateway.cli import app

pytestmark = pytest.mark.timeout(240)

DAYS = ("--from", str(day_before(6)), "--to", str(day_before(2)))
"""Four days that are over."""
NEVER = ("--from", "2020-01-01", "--to", "2020-01-03")
NOTED = "AVAILABLE_TIME,OCCUPANCY_RATE,CONVERSATIONS_STARTED,SATISFACTION_RATE"
"""Not all of them are measured by each platform, as notes say."""
CONVERSATIONS = ("conversations", *DAYS)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_company(tmp_path_factory.mktemp("company")) as running:
        yield running


@pytest.fixture(autouse=True)
def well(company: Company) -> None:
    """Let everybody answer."""
    company.heal()


@pytest.fixture(scope="module")
def expected(company: Company, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The conversations, read without any cut."""
    # What a test before has broken is healed for the next one later than this is made.
    company.heal()
    folder = tmp_path_factory.mktemp("expected")
    status, told = run(company, folder, *CONVERSATIONS, "--window", "whole", "-o", "all.parquet")
    assert status == 0, told
    table = pd.read_parquet(folder / "all.parquet")
    assert len(table) > 300
    return table


def hidden(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if one.name.startswith(".")]


def test_each_form_is_read_by_its_readers(
    company: Company, tmp_path: Path, expected: pd.DataFrame
) -> None:
    for form in ("csv", "json", "ndjson", "parquet", "arrow", "xlsx", "duckdb"):
        status, told = run(company, tmp_path, *CONVERSATIONS, "-o", f"c.{form}")
        assert status == 0, told
        assert f"{len(expected):,} rows of conversations" in told
    assert hidden(tmp_path) == []

    whole = expected["duration_seconds"].sum()
    csv = pd.read_csv(tmp_path / "c.csv", parse_dates=["started_at"])
    array = pd.read_json(tmp_path / "c.json")
    objects = pd.read_json(tmp_path / "c.ndjson", lines=True)
    for table in (csv, array, objects):
        assert len(table) == len(expected)
        assert table["duration_seconds"].sum() == pytest.approx(whole)
    assert str(csv["started_at"].dtype) == "datetime64[us, UTC]"
    arrow = pa.ipc.open_file(tmp_path / "c.arrow").read_all()
    parquet = pq.read_table(tmp_path / "c.parquet")
    assert arrow.schema == parquet.schema
    assert arrow.num_rows == parquet.num_rows == len(expected)
    assert arrow.schema.field("started_at").type == pa.timestamp("us", tz="UTC")
    with ZipFile(tmp_path / "c.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(expected) + 1
    with duckdb.connect(str(tmp_path / "c.duckdb"), read_only=True) as database:
        counted = database.execute("select count(*), sum(duration_seconds) from conversations")
        assert counted.fetchone() == (len(expected), pytest.approx(whole))
        described = database.execute("describe conversations").fetchall()
    types = {name: kind for name, kind, *_ in described}
    assert [*types] == [*expected.columns]
    assert types["started_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["started_at_date"] == "DATE"
    assert types["duration_seconds"] == "DOUBLE"


@pytest.mark.parametrize(
    "asked",
    [
        CONVERSATIONS,
        ("survey_responses", *DAYS),
        ("indicators", *DAYS, "--channel", "chat"),
        ("indicators", *DAYS, "--keys", NOTED),
        ("report_response_times", *DAYS),
    ],
    ids=["conversations", "survey_responses", "chat", "noted", "report"],
)
def test_windows_change_no_row(company: Company, tmp_path: Path, asked: tuple[str, ...]) -> None:
    for window in ("day", "whole"):
        options = ("--window", window, "-o", f"{window}.ndjson")
        status, told = run(company, tmp_path, *asked, *options)
        assert status == 0, told
        assert ("windows: 1" in told) == (window == "whole")
    cut, whole = (
        [json.loads(line) for line in (tmp_path / f"{name}.ndjson").read_bytes().splitlines()]
        for name in ("day", "whole")
    )
    assert lines(cut) == lines(whole)


def test_an_empty_period_keeps_its_types(
    company: Company, tmp_path: Path, expected: pd.DataFrame
) -> None:
    for form in ("parquet", "duckdb", "csv"):
        status, told = run(company, tmp_path, "conversations", *NEVER, "-o", f"never.{form}")
        assert status == 0, told
    empty = pd.read_parquet(tmp_path / "never.parquet")
    assert len(empty) == 0
    assert empty.dtypes["started_at"] == expected.dtypes["started_at"]
    with duckdb.connect(str(tmp_path / "never.duckdb"), read_only=True) as database:
        described = database.execute("describe conversations").fetchall()
    assert ("started_at", "TIMESTAMP WITH TIME ZONE") in {one[:2] for one in described}
    assert (tmp_path / "never.csv").read_text().strip().split(",") == [*expected.columns]


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM], ids=["sigint", "sigterm"])
def test_an_interrupted_export_goes_on(
    company: Company, tmp_path: Path, expected: pd.DataFrame, way: signal.Signals
) -> None:
    asked = (*CONVERSATIONS, "-o", "c.parquet")
    (tmp_path / "c.parquet").write_bytes(b"older")
    before = company.calls
    status, told = run(company, tmp_path, *CONVERSATIONS, "-o", "whole.csv")
    assert status == 0, told
    whole = company.calls - before

    company.hold_after = whole * 5 // 8
    before = company.calls
    status, told = run(company, tmp_path, *asked, end=way)
    interrupted = company.calls - before
    assert status == 130
    assert "the same command goes on from there" in told
    assert (tmp_path / "c.parquet").read_bytes() == b"older"
    (kept,) = hidden(tmp_path)
    assert stat.S_IMODE((tmp_path / kept).stat().st_mode) == 0o700
    for one in (tmp_path / kept).iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600

    company.hold_after = None
    before = company.calls
    status, told = run(company, tmp_path, *asked)
    again = company.calls - before
    assert status == 0, told
    assert "windows: 4, 2 of them read before" in told
    assert again < whole
    assert again + interrupted > whole
    found = pd.read_parquet(tmp_path / "c.parquet")
    assert lines(found.to_dict("records")) == lines(expected.to_dict("records"))
    assert hidden(tmp_path) == []


def test_another_question_is_not_mixed_in(company: Company, tmp_path: Path) -> None:
    before = company.calls
    assert run(company, tmp_path, *CONVERSATIONS, "-o", "whole.csv")[0] == 0
    company.hold_after = (company.calls - before) * 5 // 8
    assert run(company, tmp_path, *CONVERSATIONS, "-o", "c.csv", end=signal.SIGINT)[0] == 130
    company.hold_after = None
    other = ("transactions", *DAYS, "-o", "c.csv")
    status, told = run(company, tmp_path, *other)
    assert status == 2
    assert f"another question: conversations --from {day_before(6)}" in told
    assert "--fresh" in told
    assert not (tmp_path / "c.csv").exists()
    assert run(company, tmp_path, *other, "--fresh")[0] == 0
    assert hidden(tmp_path) == []


def test_a_platform_that_fails_costs_the_file_unless_that_is_allowed(
    company: Company, tmp_path: Path
) -> None:
    broken = company.keys[0]
    company.broken[broken] = (500, {})
    asked = (*CONVERSATIONS, "-o", "c.ndjson")
    status, told = run(company, tmp_path, *asked)
    assert status == 1
    assert f"{broken} failed: PLATFORM_" in told
    assert "--partial allow" in told
    assert not (tmp_path / "c.ndjson").exists()

    status, told = run(company, tmp_path, *asked, "--partial", "allow")
    assert status == 0, told
    assert f"Rows are missing: {broken} failed." in told
    rows = [json.loads(line) for line in (tmp_path / "c.ndjson").read_bytes().splitlines()]
    assert rows
    assert all(row["platform"] != broken for row in rows)


def test_a_rate_limit_is_waited_for(company: Company, tmp_path: Path) -> None:
    limited = company.keys[0]
    company.spared[limited], company.limited[limited] = 1, 1
    status, told = run(company, tmp_path, *CONVERSATIONS, "-o", "c.csv", "--progress")
    assert status == 0, told
    assert f"{limited}: rate limit, until " in told
    assert "s rate limit" in told


def test_a_rate_limit_that_outlasts_the_patience_fails(company: Company, tmp_path: Path) -> None:
    limited = company.keys[0]
    company.spared[limited], company.limited[limited] = 1, 99
    status, told = run(company, tmp_path, *CONVERSATIONS, "-o", "c.csv", "--patience", "5")
    assert status == 1
    assert f"{limited} failed: PLATFORM_RATE_LIMITED; it wants to be asked again in" in told


def test_a_database_takes_further_tables_and_replaces_its_own(
    company: Company, tmp_path: Path
) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as database:
        database.execute("create table own as select 1 as one")
        database.execute("create table agents as select 'old' as nothing")
    for table in ("agents", "tags", "agents"):
        status, told = run(company, tmp_path, table, "-o", "x.duckdb")
        assert status == 0, told
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as database:
        names = {name for (name,) in database.execute("show tables").fetchall()}
        agents = database.execute("select count(distinct agent_id) from agents").fetchone()
    assert names == {"own", "agents", "tags"}
    assert agents is not None
    assert agents[0] > 0


def test_what_is_no_database_stays_as_it_is(company: Company, tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_bytes(b"a letter to a friend" * 100)
    before = company.calls
    status, told = run(company, tmp_path, "agents", "-o", "x.duckdb")
    assert status == 1
    assert "x.duckdb cannot be written" in told
    assert (tmp_path / "x.duckdb").read_bytes() == b"a letter to a friend" * 100
    assert company.calls == before
    assert hidden(tmp_path) == []


def test_a_database_that_somebody_has_open_is_told_before_anything_is_read(
    company: Company, tmp_path: Path
) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as database:
        database.execute("create table own as select 1 as one")
        before = company.calls
        status, told = run(company, tmp_path, "agents", "-o", "x.duckdb")
    assert status == 1
    assert "x.duckdb cannot be written" in told
    assert "lock" in told
    assert company.calls == before


@pytest.mark.parametrize(
    ("form", "blocks", "kept"),
    [("csv", 10, 0), ("ndjson", 200, 4), ("xlsx", 200, 4), ("duckdb", 200, 4)],
)
def test_where_a_file_finds_no_room_the_windows_stay(
    company: Company, tmp_path: Path, form: str, blocks: int, kept: int
) -> None:
    asked = (*CONVERSATIONS, "-o", f"c.{form}")
    status, told = run(company, tmp_path, *asked, blocks=blocks)
    assert status == 1, told
    assert "Traceback" not in told
    assert f"c.{form} cannot be written" in told
    assert not (tmp_path / f"c.{form}").exists()
    # What was not finished takes no room.
    left = [one.name for folder in hidden(tmp_path) for one in (tmp_path / folder).iterdir()]
    assert len([one for one in left if one.endswith(".rows")]) == kept
    assert len(left) == (kept and kept + 2)

    status, told = run(company, tmp_path, *asked)
    assert status == 0, told
    assert ("4 of them read before" in told) == (kept == 4)
    assert hidden(tmp_path) == []


def test_a_new_database_is_whole_before_it_gets_its_name(
    company: Company, tmp_path: Path, expected: pd.DataFrame
) -> None:
    status, told = run(company, tmp_path, *CONVERSATIONS, "-o", "x.duckdb")
    assert status == 0, told
    assert "Not offered by " in told
    assert [one.name for one in tmp_path.iterdir()] == ["x.duckdb"]
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as database:
        counted = database.execute("select count(*) from conversations").fetchone()
    assert counted == (len(expected),)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("conversation", "-o", "c.csv"), "did you mean"),
        (("conversations", "-o", "c.txt"), ".parquet"),
        (("conversations", "-o", "-"), "kept beside the file"),
        (("conversations", "-o", "none/c.csv"), "does not exist"),
        (("conversations", "--bucket", "day", "-o", "c.csv"), "--bucket"),
        (("conversations", "--bucket", "day", "-o", "c.csv"), "--updated-since"),
        (("conversations", "--from", "soon", "-o", "c.csv"), "--from"),
        (("indicators", "--bucket", "total", "--window", "day", "-o", "c.csv"), "--window"),
        (("indicators", "--bucket", "week", "--window", "month", "-o", "c.csv"), "--window"),
        (("conversations", "--fields", "nonsense", "-o", "c.csv"), "--fields"),
    ],
)
def test_what_cannot_be_asked_is_told(
    company: Company, tmp_path: Path, asked: tuple[str, ...], said: str
) -> None:
    with chdir(tmp_path):
        found = CliRunner().invoke(app, ["export", *asked, "--config", str(company.config)])
    assert found.exit_code == 2
    assert said in found.stderr
    assert [*tmp_path.iterdir()] == []


def test_only_the_wanted_columns_are_read_and_kept(company: Company, tmp_path: Path) -> None:
    wanted = ("--fields", "conversation_id,duration_seconds")
    status, told = run(company, tmp_path, *CONVERSATIONS, *wanted, "-o", "c.csv")
    assert status == 0, told
    assert [*pd.read_csv(tmp_path / "c.csv").columns] == ["conversation_id", "duration_seconds"]
    assert all(f"  {key}: " in told for key in company.keys)
