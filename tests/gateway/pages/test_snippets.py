"""What `/connect` shows is run as it stands there, against a gateway that wants a key."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import httpx
import pytest
from tests.browser.serving import gateway
from tests.gateway.pages.running import RUNNERS, run, shown_at

from gateway.pages.connecting import KEY

pytestmark = pytest.mark.timeout(300)

PLATFORMS = {"chat-tonic", "gnatta", "iadvize", "livechat"}
MONTH = "indicators.json?from=-30d"
STARTED = f"{MONTH}&keys=CONVERSATIONS_STARTED"

Found = Callable[[str, Path], int]


def said(pattern: str) -> Found:
    """Return what finds the number of rows in what a program says."""

    def find(stdout: str, _folder: Path) -> int:
        (number,) = re.findall(pattern, stdout)
        return int(number.replace("_", ""))

    return find


def lines(stdout: str, _folder: Path) -> int:
    return len(stdout.splitlines())


def fetched(_stdout: str, folder: Path) -> int:
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


def in_a_sheet(stdout: str, _folder: Path) -> int:
    head, *rows = json.loads(stdout)
    assert head[:2] == ["platform", "indicator"]
    return len(rows)


def in_groups(stdout: str, _folder: Path) -> int:
    return sum(buckets for _, buckets, _ in json.loads(stdout))


def landed(_stdout: str, folder: Path) -> int:
    with duckdb.connect(folder / "switchboard.duckdb") as database:
        found = database.execute("SELECT count(*) FROM contact_centre.indicators").fetchone()
        others = database.execute("SELECT count(*) FROM contact_centre.conversations").fetchone()
    assert found is not None
    assert others is not None
    assert others[0] > 1000  # several pages
    return int(found[0])


COUNTED: dict[str, tuple[str, Found]] = {
    "curl.sh": (MONTH, fetched),
    "pandas.py": (MONTH, said(r"\[(\d+) rows x")),
    "polars.py": (MONTH, said(r"shape: \(([\d_]+),")),
    "httpx.py": (MONTH, said(r"(?m)^(\d+) rows")),
    "fetch.mjs": (MONTH, said(r"(?m)^(\d+) rows")),
    "sheets.gs": (MONTH, in_a_sheet),
    "dlt.py": (MONTH, landed),
    "duckdb.sql": (STARTED, in_groups),
    "httpx-graphql.py": (f"{STARTED},FIRST_RESPONSE_TIME", lines),
    "superset.txt": ("report_volume.json", lines),
    "superset-graphql.txt": (STARTED, lines),
}
"""Where the same rows are asked for as JSON, and how many a snippet has found."""


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_snippet_reads_every_row(
    origin: str, snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    question, found = COUNTED[name]
    headers = {"Authorization": f"Bearer {KEY}"}
    truth = httpx.get(f"{origin}/v1/{question}", headers=headers, timeout=75, trust_env=False)
    assert {row["platform"] for row in truth.json()} == PLATFORMS

    done = run(name, snippets[name], tmp_path)

    assert done.returncode == 0, done.stderr
    assert found(done.stdout, tmp_path) == len(truth.json())


def test_the_list_of_queries_leads_to_their_rows(
    origin: str, snippets: dict[str, str], tmp_path: Path
) -> None:
    done = run("curl-queries.sh", snippets["curl-queries.sh"], tmp_path)

    files = {one["name"]: one["files"]["json"] for one in json.loads(done.stdout)["queries"]}
    auth = httpx.BasicAuth("any", KEY)
    address = f"{origin}/q/{files['daily-volumes']}?days=1"
    rows = httpx.get(address, auth=auth, timeout=75, trust_env=False).json()
    assert {row["platform_key"] for row in rows} == PLATFORMS


@pytest.mark.parametrize("name", sorted(RUNNERS.keys() - COUNTED.keys() - {"curl-queries.sh"}))
def test_a_question_is_answered_by_every_platform(
    snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    done = run(name, snippets[name], tmp_path)

    assert done.returncode == 0, done.stderr
    assert {key for key in PLATFORMS if key in done.stdout} == PLATFORMS, done.stdout


@pytest.mark.parametrize(
    "name", ["curl.sh", "dlt.py", "fetch.mjs", "httpx-graphql.py", "httpx.py", "sheets.gs"]
)
def test_a_wrong_key_is_not_passed_over(
    snippets: dict[str, str], tmp_path: Path, name: str
) -> None:
    done = run(name, snippets[name], tmp_path, key="wrong")

    assert done.returncode != 0
    assert re.search("401|UNAUTHENTICATED", done.stderr)


@pytest.fixture(scope="module")
def open_origin() -> Iterator[str]:
    """A gateway that asks for no key: what it shows holds no place for one."""
    with gateway() as address:
        yield address


@pytest.mark.parametrize("name", ["curl.sh", "duckdb.sql", "fetch.mjs", "pandas.py", "polars.py"])
def test_without_keys_it_reads_every_row_too(open_origin: str, tmp_path: Path, name: str) -> None:
    question, found = COUNTED[name]
    truth = httpx.get(f"{open_origin}/v1/{question}", timeout=75, trust_env=False).json()

    done = run(name, shown_at(open_origin)[name], tmp_path)

    assert done.returncode == 0, done.stderr
    assert found(done.stdout, tmp_path) == len(truth) > 0
