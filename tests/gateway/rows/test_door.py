"""Files of tables: the same bytes for a while, whole or in ranges, and never short in silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from tests.gateway.rows.serving import ORIGIN, Files, opened, problem_of, table_of

from gateway.rows.formats import FORMS
from resolvers.rows.registry import STANDARD
from vendors.errors import PlatformUnreachableError

AGENTS = "/v1/agents.csv"
ALWAYS = {"agents": {"fresh": 0, "refreshing": 0, "on_failure": 0}}


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    async with opened("oak", "elm", lifetimes=ALWAYS) as one:
        yield one


async def test_a_table_is_read_as_a_file(files: Files) -> None:
    answer = await files.get(AGENTS)

    rows = table_of(answer)
    assert [*rows[0]] == [*STANDARD["agents"].names]
    assert sorted((row["platform"], row["agent_id"]) for row in rows) == [
        ("elm", "ana"),
        ("elm", "ben"),
        ("oak", "ana"),
        ("oak", "ben"),
    ]
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "x-next-cursor" not in answer.headers
    assert "link" not in answer.headers
    assert answer.headers["x-sources"] == "oak=live;age=0, elm=live;age=0"


@pytest.mark.parametrize("form", FORMS)
async def test_head_tells_what_get_gives(files: Files, form: str) -> None:
    head = await files.client.head(f"/v1/agents.{form}", headers={"accept-encoding": "gzip"})
    get = await files.get(f"/v1/agents.{form}")

    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "etag", "content-type", "accept-ranges", "x-sources"):
        assert head.headers[name] == get.headers[name]
    assert int(head.headers["content-length"]) == len(get.content) > 0


async def test_the_zone_that_grafana_writes_is_known(files: Files) -> None:
    dates = "/v1/conversations.csv?fields=started_at,started_at_date"
    told = [await files.get(f"{dates}&tz={name}") for name in ("utc", "UTC")]

    assert [answer.status_code for answer in told] == [200, 200]
    assert told[0].content == told[1].content


async def test_who_has_it_already_is_told_so(files: Files) -> None:
    first = await files.get(AGENTS)
    etag = first.headers["etag"]

    for told in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await files.get(AGENTS, if_none_match=told)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    assert (await files.get(AGENTS, if_none_match='"other"')).status_code == 200


@pytest.mark.parametrize(
    ("asked", "bounds"),
    [
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, None)),
        ("bytes=-7", (-7, None)),
        ("bytes=10-99999999", (10, None)),
        ("Bytes= 0 - 0", (0, 1)),
    ],
    ids=["first", "behind", "last", "beyond", "one"],
)
async def test_ranges_are_parts_of_the_same_bytes(
    files: Files, asked: str, bounds: tuple[int, int | None]
) -> None:
    whole = await files.get(AGENTS)
    part = await files.get(AGENTS, range=asked, accept_encoding="gzip")

    assert part.status_code == 206
    assert part.content == whole.content[slice(*bounds)]
    assert "content-encoding" not in part.headers
    begin = bounds[0] % len(whole.content)
    last = begin + len(part.content) - 1
    assert part.headers["content-range"] == f"bytes {begin}-{last}/{len(whole.content)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "rows=0-1", "bytes=9-5", "bytes=-", "bytes=a-"])
async def test_what_is_no_range_is_the_whole(files: Files, asked: str) -> None:
    answer = await files.get(AGENTS, range=asked)

    assert (answer.status_code, len(table_of(answer))) == (200, 4)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
async def test_a_range_behind_the_end_is_refused(files: Files, asked: str) -> None:
    size = len((await files.get(AGENTS)).content)
    answer = await files.get(AGENTS, range=asked)

    problem_of(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{size}"


async def test_a_range_of_other_bytes_is_the_whole(files: Files) -> None:
    etag = (await files.get(AGENTS)).headers["etag"]

    assert (await files.get(AGENTS, range="bytes=0-1", if_range=etag)).status_code == 206
    assert (await files.get(AGENTS, range="bytes=0-1", if_range='"old"')).status_code == 200


async def test_one_load_of_many_requests_asks_platforms_once(files: Files) -> None:
    first = await files.get(AGENTS)
    files.grove.error = PlatformUnreachableError(platform="oak")

    parts = [await files.get(AGENTS, range=f"bytes={at}-{at + 99}") for at in range(0, 300, 100)]
    assert b"".join(one.content for one in parts) == first.content[:300]
    assert (await files.get("/v1/agents.csv?tz=")).content == first.content


async def test_it_is_made_anew_when_its_time_is_over_or_on_demand(files: Files) -> None:
    first = await files.get(AGENTS)
    files.grove.error = PlatformUnreachableError(platform="oak")

    assert (await files.get(AGENTS, cache_control="max-age=0")).content == first.content
    problem_of(await files.get(AGENTS, cache_control="no-cache"), 502)
    # A file that could not be made takes the place of none.
    assert (await files.get(AGENTS)).content == first.content
    files.clock.pass_(minutes=5)
    problem_of(await files.get(AGENTS), 502)


async def test_who_asks_for_what_is_being_made_waits_for_it(files: Files) -> None:
    files.grove.gate = asyncio.Event()
    asking = [asyncio.create_task(files.get(AGENTS)) for _ in range(3)]
    await files.grove.reached.wait()
    files.grove.gate.set()

    answers = await asyncio.gather(*asking)
    assert len({one.headers["etag"] for one in answers}) == 1
    assert {one.headers["x-sources"] for one in answers} == {"oak=live;age=0, elm=live;age=0"}


async def test_nothing_is_made_for_who_has_gone(files: Files) -> None:
    files.grove.gate = asyncio.Event()
    asking = asyncio.create_task(files.get(AGENTS))
    await files.grove.reached.wait()
    asking.cancel()

    await files.grove.cancelled.wait()


async def test_so_many_are_made_at_a_time() -> None:
    async with opened("oak", lifetimes=ALWAYS, files={"at_a_time": 1}) as files:
        files.grove.gate = asyncio.Event()
        first = asyncio.create_task(files.get(AGENTS))
        await files.grove.reached.wait()

        busy = await files.get("/v1/agents.json")
        problem_of(busy, 503)
        assert busy.headers["retry-after"]
        files.grove.gate.set()
        assert (await first).status_code == 200
        assert (await files.get("/v1/agents.json")).status_code == 200


async def test_a_file_that_takes_too_long_is_told_of() -> None:
    async with opened("oak", lifetimes=ALWAYS, files={"seconds": 0.05}) as files:
        files.grove.gate = asyncio.Event()
        told = problem_of(await files.get(AGENTS), 504)

    assert told["code"] == "DEADLINE_EXCEEDED"


async def test_a_file_that_is_too_large_is_refused() -> None:
    async with opened("oak", files={"most_bytes": 150}) as files:
        told = problem_of(await files.get(AGENTS), 400)

        assert told["code"] == "QUERY_TOO_COMPLEX"
        assert (await files.get("/v1/agents.csv?fields=agent_id")).status_code == 200


@pytest.mark.parametrize("bound", [{"kept": 1}, {"kept_bytes": 300}])
async def test_the_least_used_goes_first(bound: dict[str, int]) -> None:
    async with opened("oak", lifetimes=ALWAYS, files=bound) as files:
        first = await files.get(AGENTS)
        await files.get("/v1/agents.json")
        files.grove.error = PlatformUnreachableError(platform="oak")

        assert first.status_code == 200
        assert (await files.get("/v1/agents.json")).status_code == 200
        problem_of(await files.get(AGENTS), 502)


async def test_a_platform_that_fails_fails_the_file_unless_that_is_allowed(files: Files) -> None:
    files.grove.error = PlatformUnreachableError(platform="oak")

    told = problem_of(await files.get(AGENTS), 502)
    assert told["code"] == "ROWS_MISSING"
    platforms = told["platforms"]
    assert isinstance(platforms, list)
    assert {one["platform"] for one in platforms} <= {"oak", "elm"}
    assert {one["code"] for one in platforms} == {"PLATFORM_UNREACHABLE"}

    allowed = await files.get("/v1/agents.csv?partial=allow")
    assert table_of(allowed) == []
    assert "oak=failed" in allowed.headers["x-sources"]


async def test_an_empty_table_has_its_header(files: Files) -> None:
    answer = await files.get("/v1/conversations.csv?from=2020-01-01&to=2020-01-02")

    assert answer.text == ",".join(STANDARD["conversations"].names) + "\r\n"
    told = await files.get("/v1/conversations.json?shape=page")
    assert json.loads(told.text)["rows"] == []
    assert json.loads(told.text)["next_cursor"] == ""


async def test_pages_lead_to_one_another(files: Files) -> None:
    seen, path, links = [], "/v1/agents.json?limit=1&shape=page&fields=agent_id,platform", 0
    while True:
        answer = await files.get(path)
        page = json.loads(answer.text)
        seen += page["rows"]
        assert answer.headers.get("x-next-cursor", "") == page["next_cursor"]
        if not page["next_cursor"]:
            assert {"link", "x-next-cursor"}.isdisjoint(answer.headers)
            break
        links += 1
        path = str(answer.links["next"]["url"])
        assert path.startswith(f"{ORIGIN}/v1/agents.json?limit=1&shape=page&fields=")

    assert links == 3
    assert [[*row] for row in seen] == [["agent_id", "platform"]] * 4
    assert len({(row["platform"], row["agent_id"]) for row in seen}) == 4


async def test_the_next_page_is_where_the_proxy_is_seen(files: Files) -> None:
    answer = await files.get("/v1/agents.csv?limit=1&api_key=secret", host="data.example:8443")
    assert answer.status_code == 401

    answer = await files.get("/v1/agents.csv?limit=1", host="data.example:8443")
    assert str(answer.links["next"]["url"]).startswith("http://data.example:8443/v1/agents.csv?")


async def test_rows_are_sorted_where_that_is_asked(files: Files) -> None:
    answer = await files.get("/v1/agents.csv?order=-agent_id,platform&fields=platform")

    assert [row["platform"] for row in table_of(answer)] == ["elm", "oak", "elm", "oak"]
    turned = table_of(await files.get("/v1/agents.csv?order=agent_id,-platform"))
    assert [(row["agent_id"], row["platform"]) for row in turned] == [
        ("ana", "oak"),
        ("ana", "elm"),
        ("ben", "oak"),
        ("ben", "elm"),
    ]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("colour=red", "colour"),
        ("fields=nope", "fields"),
        ("platform=ash", "platform"),
        ("tz=Mars/Base", "tz"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=abc", "cursor"),
        ("order=nope", "order"),
        ("order=agent_id&limit=3", "order"),
        ("partial=maybe", "partial"),
        ("bom=yes", "bom"),
        ("sep=|", "sep"),
        ("dates=us", "dates"),
        ("shape=page", "shape"),
        ("from=-7d", "from"),
    ],
)
async def test_what_is_not_understood_is_named(files: Files, query: str, parameter: str) -> None:
    told = problem_of(await files.get(f"{AGENTS}?{query}"), 400)

    assert told["parameter"] == parameter
    assert told["accepts"]


async def test_what_stands_there_twice_is_a_list(files: Files) -> None:
    both = await files.get("/v1/agents.csv?platform=oak&platform=elm&fields=platform")

    assert {row["platform"] for row in table_of(both)} == {"oak", "elm"}


@pytest.mark.parametrize("path", ["/v1/poems.csv", "/v1/agents.doc", "/v1/agents", "/v1/a/b/c"])
async def test_what_is_not_there_is_told_with_what_is(files: Files, path: str) -> None:
    told = problem_of(await files.get(path), 404)

    assert told["accepts"]


async def test_nothing_is_changed_here(files: Files) -> None:
    answer = await files.client.post(AGENTS)

    problem_of(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


async def test_the_tables_and_their_columns_are_told(files: Files) -> None:
    told = json.loads((await files.get("/v1/")).text)
    by_name = {one["name"]: one for one in told["tables"]}
    assert set(STANDARD) <= set(by_name)
    for one in told["tables"]:
        assert set(one["files"]) == set(told["forms"]) == set(FORMS)
    taken = {one["name"] for one in by_name["indicators"]["parameters"]}
    assert {"from", "to", "tz", "keys", "group", "limit", "order", "partial"} <= taken

    schema = json.loads((await files.get("/v1/customers/schema")).text)
    personal = {one["name"] for one in schema["columns"] if one["personal"]}
    assert personal == STANDARD["customers"].personal


async def test_it_is_packed_for_who_takes_that() -> None:
    async with opened(*(f"oak-{number}" for number in range(40))) as files:
        plain = await files.get(AGENTS)
        packed = await files.get(AGENTS, accept_encoding="br, gzip;q=0.5")
        refused = await files.get(AGENTS, accept_encoding="gzip;q=0, identity")
        etag = packed.headers["etag"]
        known = await files.get(AGENTS, if_none_match=etag, accept_encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert "accept-encoding" in packed.headers["vary"]
    assert "content-encoding" not in refused.headers
    assert packed.content == refused.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert known.status_code == 304
