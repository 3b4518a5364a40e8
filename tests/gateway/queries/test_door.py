"""Files of named queries: what holds for those of tables holds for them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.gateway.queries.written import STAFF, folder_of
from tests.gateway.rows.serving import ORIGIN, Files, opened

from gateway.rows.formats import FORMS
from gateway.security.keys import hash_of
from vendors.errors import PlatformUnreachableError

NEVER_KEPT = {"agents": {"fresh": 0, "refreshing": 0, "on_failure": 0}}
QUERIES = {
    "staff": STAFF,
    "agents": "# As a table is called.\n# rows: agents\nquery { agents { edges { node { id } } } }",
    "of-one": (
        "# One agent.\n# rows: nodes\nquery ($ids: [ID!]!) { nodes(ids: $ids) { id "
        "... on Agent { nativeId platform { key } } } }"
    ),
    "figures": (
        "# Figures.\n# rows: indicators.series.points\n"
        "query ($zone: String, $from: DateTime!, $to: DateTime!, $grain: Granularity! = DAY) {\n"
        "  indicators(keys: [CONVERSATIONS_STARTED], timeZone: $zone, granularity: $grain\n"
        "    period: { between: { from: $from, to: $to } }) {\n"
        "    series { key points { start value final } }\n  }\n}"
    ),
}
PATH = "/q/staff.csv"
KEYS = [
    {"name": "all", "hash": hash_of("the key of all"), "scopes": ["read"]},
    {"name": "elm", "hash": hash_of("the key of elm"), "scopes": ["read"], "platforms": ["elm"]},
    {"name": "meter", "hash": hash_of("the key of meter"), "scopes": ["metrics"]},
]


@asynccontextmanager
async def served(folder: Path, *platforms: str, **fields: Any) -> AsyncIterator[Files]:  # noqa: ANN401 (any field)
    queries = {"folder": folder_of(folder / "queries", QUERIES)}
    given = {"lifetimes": NEVER_KEPT, "queries": queries, **fields}
    async with opened(*(platforms or ("oak", "elm")), **given) as one:
        yield one


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[Files]:
    async with served(tmp_path) as one:
        yield one


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def problem_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.text)
    return told


async def test_a_query_is_read_as_a_file(files: Files) -> None:
    answer = await files.get(PATH)

    assert sorted(tuple(row.values()) for row in rows_of(answer)) == [
        ("elm", "ana", "Ana"),
        ("elm", "ben", "Ben"),
        ("oak", "ana", "Ana"),
        ("oak", "ben", "Ben"),
    ]
    assert answer.text.startswith("platform_key,nativeId,name\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="staff.csv"'
    assert "x-next-cursor" not in answer.headers
    assert answer.headers["x-sources"] == "oak=live;age=0, elm=live;age=0"


@pytest.mark.parametrize("form", FORMS)
async def test_it_is_there_in_every_form(files: Files, form: str) -> None:
    head = await files.client.head(f"/q/staff.{form}", headers={"accept-encoding": "identity"})
    get = await files.get(f"/q/staff.{form}")
    part = await files.get(f"/q/staff.{form}", range="bytes=2-5")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(get.content) > 0
    assert (part.status_code, part.content) == (206, get.content[2:6])
    assert (
        await files.get(f"/q/staff.{form}", if_none_match=get.headers["etag"])
    ).status_code == 304


async def test_it_stays_as_it_is_for_a_while(files: Files) -> None:
    first = await files.get(PATH)
    files.grove.error = PlatformUnreachableError(platform="oak")
    again = await files.get(PATH)

    assert again.headers["etag"] == first.headers["etag"]
    problem_of(await files.get(PATH, cache_control="no-cache"), 502)


async def test_a_table_of_the_same_name_is_another_file(files: Files) -> None:
    table = await files.get("/v1/agents.csv")
    query = await files.get("/q/agents.csv")

    assert query.text.splitlines()[0] == "id"
    assert table.text.splitlines()[0] != "id"


async def test_every_page_is_read(tmp_path: Path) -> None:
    async with served(tmp_path, "oak", "elm", "ash", limits={"most_per_page": 1}) as files:
        rows = rows_of(await files.get(PATH))
        few = rows_of(await files.get(f"{PATH}?limit=4"))

    assert len({tuple(row.values()) for row in rows}) == len(rows) == 6
    assert few == rows[:4]


async def test_a_cut_answer_says_where_to_go_on(tmp_path: Path) -> None:
    async with served(tmp_path, "oak", "elm", "ash", limits={"most_per_page": 2}) as files:
        whole = rows_of(await files.get(PATH))
        read, address = [], f"{PATH}?limit=1"
        while address:
            answer = await files.get(address)
            read += rows_of(answer)
            page = json.loads((await files.get(address.replace("csv?", "json?shape=page&"))).text)
            assert page["next_cursor"] == answer.headers.get("x-next-cursor", "")
            address = answer.links.get("next", {}).get("url", "").removeprefix(ORIGIN)

    assert read == whole
    assert len(read) == 6


async def test_a_cursor_is_of_one_question(files: Files) -> None:
    cursor = (await files.get(f"{PATH}?limit=3")).headers["x-next-cursor"]

    for path in (f"{PATH}?platforms=oak&cursor={cursor}", f"{PATH}?cursor=none"):
        assert problem_of(await files.get(path), 400)["parameter"] == "cursor"
    assert len(rows_of(await files.get(f"{PATH}?cursor={cursor}"))) == 1


async def test_who_fails_before_a_cursor_is_named(files: Files) -> None:
    cursor = (await files.get(f"{PATH}?limit=3")).headers["x-next-cursor"]
    files.grove.error = PlatformUnreachableError(platform="oak")

    told = problem_of(await files.get(f"{PATH}?cursor={cursor}"), 502)
    assert "oak" in {one["platform"] for one in told["platforms"]}


async def test_fewer_columns_and_rows_in_another_order(files: Files) -> None:
    answer = await files.get(f"{PATH}?fields=name,platform_key&order=-platform_key,name&limit=")
    first = await files.get(f"{PATH}?limit=1&sep=tab&bom=1")

    assert answer.text == "name,platform_key\r\nAna,oak\r\nBen,oak\r\nAna,elm\r\nBen,elm\r\n"
    assert first.text == "\ufeffplatform_key\tnativeId\tname\r\noak\tana\tAna\r\n"
    assert 'rel="next"' in first.headers["link"]


async def test_a_platform_that_fails_is_told_where_the_query_does_not_ask(files: Files) -> None:
    files.grove.error = PlatformUnreachableError(platform="oak")

    path = f"{PATH}?platforms=oak"
    told = problem_of(await files.get(path), 502)
    assert told["code"] == "ROWS_MISSING"
    assert {one["platform"] for one in told["platforms"]} == {"oak"}

    allowed = await files.get(f"{path}&partial=allow")
    assert rows_of(allowed) == []
    assert allowed.text == "platform_key,nativeId,name\r\n"
    assert allowed.headers["x-sources"] == "oak=failed"


async def test_a_platform_that_fails_without_a_place_to_tell_is_told(files: Files) -> None:
    ids = [row["id"] for row in rows_of(await files.get("/q/agents.csv"))]
    files.grove.error = PlatformUnreachableError(platform="oak")
    path = f"/q/of-one.csv?ids={','.join(ids)}"

    told = problem_of(await files.get(path), 502)
    assert {one["code"] for one in told["platforms"]} == {"PLATFORM_UNREACHABLE"}
    assert rows_of(await files.get(f"{path}&partial=allow")) == []


async def test_lists_are_told_by_commas_or_by_repetition(files: Files) -> None:
    both = rows_of(await files.get(f"{PATH}?platforms=elm,oak"))
    again = rows_of(await files.get(f"{PATH}?platforms=elm&platforms=oak"))
    one = rows_of(await files.get(f"{PATH}?platforms=oak"))

    assert both == again
    assert {row["platform_key"] for row in one} == {"oak"}


@pytest.mark.parametrize(
    ("query", "parameter", "accepts"),
    [
        ("staff.csv?nonsense=1", "nonsense", "platforms"),
        ("staff.csv?cursor=x", "cursor", "next_cursor"),
        ("staff.csv?platforms=pine", "platforms", "elm"),
        ("staff.csv?limit=0", "limit", "whole number"),
        ("staff.csv?fields=age", "fields", "nativeId"),
        ("staff.csv?order=age", "order", "nativeId"),
        ("staff.csv?partial=perhaps", "partial", "allow"),
        ("staff.csv?shape=page", "shape", "bom"),
        ("of-one.csv", "ids", "an ID"),
        ("figures.csv?from=2026-01-01", "to", "ISO 8601"),
        ("figures.csv?from=soon&to=today", "from", "ISO 8601"),
        ("figures.csv?from=-1d&from=-2d&to=today", "from", "one value"),
        ("figures.csv?from=-1d&to=today&grain=AGES", "grain", "DAY"),
        ("figures.csv?from=-1d&to=today&zone=Mars", "zone", "IANA"),
    ],
)
async def test_a_bad_parameter_is_named(
    files: Files, query: str, parameter: str, accepts: str
) -> None:
    told = problem_of(await files.get(f"/q/{query}"), 400)

    assert told["parameter"] == parameter
    assert accepts in str(told["accepts"])


async def test_what_the_schema_refuses_names_what_it_is_given_by(files: Files) -> None:
    told = problem_of(await files.get("/q/figures.csv?from=today&to=-1d"), 400)

    assert told["code"] == "BAD_USER_INPUT"
    assert "before" in str(told["accepts"])


async def test_limits_are_those_of_graphql(tmp_path: Path) -> None:
    async with served(tmp_path, limits={"most_calls": 1}) as files:
        told = problem_of(await files.get(PATH), 400)

    assert told["code"] == "QUERY_TOO_COMPLEX"


async def test_nothing_unknown_is_answered(files: Files) -> None:
    unknown = problem_of(await files.get("/q/nobody.csv"), 404)
    assert "staff.{csv,json,ndjson,parquet,arrow,xlsx}" in unknown["accepts"]
    problem_of(await files.get("/q/staff.doc"), 404)
    problem_of(await files.get("/q/nobody/schema"), 404)
    problem_of(await files.client.post(PATH), 405)


async def test_who_may_ask_and_what_is_seen(tmp_path: Path) -> None:
    async with served(tmp_path, require_api_key=True, api_keys=KEYS) as files:
        nobody = await files.get(PATH)
        everything = rows_of(await files.get(f"{PATH}?api_key=the key of all"))
        basic = await files.client.get(PATH, auth=("any", "the key of elm"))
        header = await files.get(PATH, x_api_key="the key of elm")
        meter = await files.get(PATH, x_api_key="the key of meter")

    assert problem_of(nobody, 401)["code"] == "UNAUTHENTICATED"
    assert nobody.headers["www-authenticate"].startswith("Basic")
    assert len(everything) == 4
    assert {row["platform_key"] for row in rows_of(basic)} == {"elm"}
    assert header.text == basic.text
    problem_of(meter, 403)


async def test_they_are_answered_where_only_trusted_documents_are(tmp_path: Path) -> None:
    documents = {"folder": tmp_path, "only_trusted": True}
    async with served(tmp_path, documents=documents) as files:
        refused = await files.client.post("/graphql", json={"query": "{ __typename }"})
        answer = await files.get(PATH)

    assert refused.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    assert len(rows_of(answer)) == 4


async def until_done(files: Files, place: str) -> httpx.Response:
    while True:
        told = await files.get(place)
        if told.status_code != 200:
            return told
        await asyncio.sleep(0.01)


async def test_what_takes_long_is_told_of_until_it_is_there(files: Files) -> None:
    files.grove.gate = asyncio.Event()
    path = f"{PATH}?wait=0"
    begun = await files.get(path)
    assert begun.status_code == 202
    place = begun.headers["location"]
    assert place.startswith(f"{ORIGIN}/v1/jobs/")

    await files.grove.reached.wait()
    files.grove.gate.set()
    told = await until_done(files, place)
    assert (told.status_code, told.headers["location"]) == (303, f"{ORIGIN}{path}")
    assert len(rows_of(await files.get(told.headers["location"]))) == 4


async def test_an_empty_answer_has_its_types(files: Files) -> None:
    import pyarrow.parquet  # noqa: PLC0415 (an extra)

    path = "/q/figures.parquet?from=2026-01-01&to=2026-01-02"
    schema = pyarrow.parquet.read_schema(io.BytesIO((await files.get(path)).content))

    assert [(one.name, str(one.type)) for one in schema] == [
        ("key", "string"),
        ("start", "timestamp[us, tz=UTC]"),
        ("value", "double"),
        ("final", "bool"),
    ]


async def test_the_list_tells_all_of_it(files: Files) -> None:
    told = json.loads((await files.get("/q/")).text)
    found = {one["name"]: one for one in told["queries"]}

    assert [*found] == sorted(QUERIES)
    assert set(told["forms"]) == set(FORMS)
    staff = found["staff"]
    assert staff["description"] == "Everybody who works here."
    assert staff["files"]["csv"] == "staff.csv"
    assert [one["name"] for one in staff["columns"]] == ["platform_key", "nativeId", "name"]
    (platforms, *_) = staff["parameters"]
    assert platforms == {
        "name": "platforms",
        "description": "The platforms to ask.",
        "several": True,
        "choices": [],
        "default": None,
        "type": "[String!]",
        "required": False,
        "accepts": "a text",
    }
    grain = next(one for one in found["figures"]["parameters"] if one["name"] == "grain")
    assert (grain["default"], "WEEK" in grain["choices"]) == ("DAY", True)
    for one in told["queries"]:
        assert (await files.get(f"/q/{one['schema']}")).status_code == 200


async def test_columns_are_told(files: Files) -> None:
    told = json.loads((await files.get("/q/figures/schema")).text)

    assert {one["name"]: one["type"] for one in told["columns"]} == {
        "key": "text",
        "start": "instant",
        "value": "number",
        "final": "boolean",
    }


async def test_openapi_is_valid_and_true(files: Files) -> None:
    document = json.loads((await files.get("/q/openapi.json")).text)

    OpenAPIV31SpecValidator(document).validate()
    assert set(document["paths"]) == {f"/q/{name}.{form}" for name in QUERIES for form in FORMS}
    parameters = document["paths"]["/q/figures.csv"]["get"]["parameters"]
    required = {one["name"] for one in parameters if one.get("required")}
    assert required == {"from", "to"}


async def test_without_any_file_there_is_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    async with opened("oak", queries={"folder": tmp_path / "none"}) as files:
        assert json.loads((await files.get("/q/")).text)["queries"] == []
