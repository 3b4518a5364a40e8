"""What real tools trip over, each done as the tool does it, at every door that it comes through.

The traps that lie in types (2, 9, 13, 14) are in test_traps_of_types.
"""

from __future__ import annotations

import base64
import csv
import gzip
import io
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import httpx
import orjson
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet
from tests.e2e.accounts import written
from tests.e2e.asked import day_before, rows_of
from tests.e2e.running import Gateway, running_gateway, running_sandbox
from tests.gateway.fakes import Grove
from tests.gateway.serving import real_settings

from gateway.app import create_app
from gateway.rows.formats import FORMS
from gateway.security.keys import hash_of
from resolvers.rows.registry import STANDARD

KEY = "key of reader"
WEEK = {"from": f"{day_before(9)}", "to": f"{day_before(2)}", "tz": "Europe/Paris"}
NEVER = {"from": "2020-01-01", "to": "2020-01-02"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a gateway that asks for a key, and keeps one file at a time."""
    keys = [{"name": "reader", "hash": hash_of(KEY), "scopes": ["read"]}]
    folder: Path = tmp_path_factory.mktemp("guarded")
    with running_sandbox(folder) as tables:
        file = written(
            tables,
            folder / "settings.toml",
            require_api_key=True,
            api_keys=keys,
            files={"kept": 1},
        )
        with (
            running_gateway(folder, "--config", str(file)) as gateway,
            httpx.Client(base_url=gateway.origin, timeout=75.0, trust_env=False) as one,
        ):
            one.headers = httpx.Headers({"accept": "*/*", "accept-encoding": "identity"})
            yield one


def test_1_whoever_asks_for_so_many_rows_has_them_in_one_page(
    gateway: Gateway, client: httpx.Client
) -> None:
    every = len(rows_of(client.get("/v1/conversations.csv", params=WEEK)))
    assert 500 < every < 10_000

    for top in (501, every, 10_000):
        answer = client.get("/odata/conversations", params={**WEEK, "$top": str(top)}).json()
        assert len(answer["value"]) == min(top, every)
        assert "@odata.nextLink" not in answer
        limited = rows_of(client.get("/v1/conversations.csv", params={**WEEK, "limit": str(top)}))
        assert len(limited) == min(top, every)
    page = gateway.ask(
        """query Week($from: String, $to: String, $tz: String) {
          page: conversationRows(from: $from, to: $to, tz: $tz, first: 10000) {
            edges { node { platform } } pageInfo { hasNextPage } } }""",
        WEEK,
    ).data["page"]
    assert (len(page["edges"]), page["pageInfo"]["hasNextPage"]) == (every, False)


@pytest.mark.parametrize("asked", [{}, {"limit": "10000"}, NEVER], ids=["all", "limited", "empty"])
@pytest.mark.parametrize("name", ["conversations", "indicators", "report_volume"])
def test_3_the_last_page_has_the_key_of_the_next_cursor(
    client: httpx.Client, name: str, asked: dict[str, str]
) -> None:
    answer = client.get(f"/v1/{name}.json", params={"shape": "page", **asked})

    assert answer.json()["next_cursor"] == ""
    assert {"link", "x-next-cursor"}.isdisjoint(answer.headers)


GOT = {
    "/": "/",
    "/connect": "/connect",
    "/connect/switchboard.pbids": "/connect/switchboard.pbids",
    "/figures/{platform}": "/figures/PLATFORM",
    "/questions/{name}": "/questions/by-channel",
    "/status": "/status",
    "/status.json": "/status.json",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/metrics": "/metrics",
    "/static": "/static/page.css",
    "/graphql": "/graphql?query={__typename}",
    "/v1/": "/v1/",
    "/v1/openapi.json": "/v1/openapi.json",
    "/v1/{table}/schema": "/v1/agents/schema",
    "/v1/{table}.{form}": "/v1/agents.csv",
    "/odata": "/odata",
    "/odata/{path:path}": "/odata/agents",
    "/q/": "/q/",
    "/q/openapi.json": "/q/openapi.json",
    "/q/{query}/schema": "/q/agents-now/schema",
    "/q/{query}.{form}": "/q/agents-now.csv",
}
ASKED_OTHERWISE = {
    # Told of below, where one is made.
    "/v1/jobs/{job}",
    # What it gives is named by an operation; nobody asks for its length first.
    "/exports/{platform}/{file}",
    "/v1/{rest:path}",
    "/q/{rest:path}",
}


def test_4_every_place_that_is_got_is_asked_by_head(client: httpx.Client) -> None:
    grove = Grove()
    app = create_app(real_settings(grove), specs=grove.specs())
    routes = {str(getattr(route, "path", "")) for route in app.routes}
    assert routes == set(GOT) | ASKED_OTHERWISE, "add a new place above"

    platform = client.get("/v1/platforms.json").json()[0]["platform"]
    for path in [*GOT.values(), "/odata/$metadata", "/odata/"]:
        place = path.replace("PLATFORM", platform)
        answer, head = client.get(place), client.head(place)
        assert (answer.status_code, head.status_code, head.content) == (200, 200, b""), path
        assert head.headers["content-type"] == answer.headers["content-type"]
        assert int(head.headers["content-length"]) > 0, path
    for form in FORMS:
        head = client.head(f"/v1/agents.{form}")
        assert (head.status_code, head.headers["accept-ranges"]) == (200, "bytes")


def test_4_a_file_that_is_being_made_is_asked_for_by_head(client: httpx.Client) -> None:
    path = f"/v1/conversations.parquet?from={day_before(40)}&to={day_before(20)}&wait=0"
    begun = client.get(path)
    assert (begun.status_code, begun.headers["content-type"]) == (202, "application/json")

    place = begun.headers["location"]
    head = client.head(place)
    assert head.status_code in {200, 303}
    assert head.content == b""
    while (told := client.get(place)).status_code == 200:
        assert told.json()["state"] == "running"
    assert told.status_code == 303
    assert client.head(told.headers["location"]).status_code == 200


@pytest.mark.parametrize("encoding", ["identity", "gzip", "gzip, deflate, br, zstd"])
def test_5_a_file_tells_its_length_packed_or_not(client: httpx.Client, encoding: str) -> None:
    path = "/v1/conversations.csv"
    plain = client.get(path, params=WEEK).content
    headers = {"accept-encoding": encoding}
    with client.stream("GET", path, params=WEEK, headers=headers) as answer:
        sent = b"".join(answer.iter_raw())

    assert int(answer.headers["content-length"]) == len(sent)
    assert "transfer-encoding" not in answer.headers
    packed = answer.headers.get("content-encoding") == "gzip"
    assert packed == (encoding != "identity")
    assert (gzip.decompress(sent) if packed else sent) == plain


DOORS = [
    "/v1/",
    "/v1/openapi.json",
    "/v1/agents/schema",
    "/v1/agents.csv",
    "/v1/agents.xlsx",
    "/v1/jobs/none",
    "/v1/nothing.csv",
    "/odata/",
    "/odata/$metadata",
    "/odata/agents",
    "/q/",
    "/graphql?query={__typename}",
    "/status.json",
]


@pytest.mark.parametrize("path", DOORS)
def test_6_whoever_has_no_key_is_asked_for_a_password(guarded: httpx.Client, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = guarded.request(method, path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith('Basic realm="')
    wrong = guarded.get(path, auth=("anybody", "not a key"))
    assert (wrong.status_code, "www-authenticate" in wrong.headers) == (401, True)


@pytest.mark.parametrize("path", ["/v1/agents.csv", "/odata/agents", "/q/", "/graphql"])
def test_6_one_key_is_taken_in_four_places(guarded: httpx.Client, path: str) -> None:
    asked = {"query": "{__typename}"} if path == "/graphql" else {}
    for user in ("anybody", ""):
        basic = base64.b64encode(f"{user}:{KEY}".encode()).decode()
        headers = {"authorization": f"Basic {basic}"}
        assert guarded.get(path, params=asked, headers=headers).status_code == 200
    for headers in ({"authorization": f"Bearer {KEY}"}, {"x-api-key": KEY}):
        assert guarded.get(path, params=asked, headers=headers).status_code == 200
    in_address = guarded.get(path, params={**asked, "api_key": KEY})
    # What a browser can be led to must not carry a key.
    assert in_address.status_code == (401 if path == "/graphql" else 200)
    assert KEY not in in_address.text + str(in_address.headers)
    assert in_address.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_7_what_follows_is_found_where_the_proxy_was_asked(
    client: httpx.Client, scheme: str
) -> None:
    seen = {
        "host": "bi.example",
        "x-forwarded-proto": scheme,
        # Anybody can send these, and none of our proxies is known to take them away.
        "x-forwarded-host": "evil.example",
        "x-forwarded-port": "666",
        "forwarded": "host=evil.example;proto=gopher",
        "x-original-host": "evil.example",
    }
    file = client.get("/v1/agents.csv?limit=2", headers=seen)
    assert file.links["next"]["url"].startswith(f"{scheme}://bi.example/v1/agents.csv?")

    page = client.get("/odata/agents", headers={**seen, "prefer": "odata.maxpagesize=2"})
    assert page.json()["@odata.nextLink"].startswith(f"{scheme}://bi.example/odata/agents?")
    told = client.get("/v1/openapi.json", headers=seen).json()
    assert told["servers"] == [{"url": f"{scheme}://bi.example"}]
    for answer in (file, page, client.get("/v1/", headers=seen), client.get("/odata/")):
        assert "evil" not in answer.text + str(answer.headers)


def test_8_parts_of_one_load_are_of_one_file_or_it_is_told(guarded: httpx.Client) -> None:
    auth = ("duckdb", KEY)
    path = f"/v1/conversations.csv?from={day_before(4)}&to={day_before(3)}"
    head = guarded.head(path, auth=auth)
    size, etag = int(head.headers["content-length"]), head.headers["etag"]
    half = size // 2
    first = guarded.get(path, auth=auth, headers={"range": f"bytes=0-{half - 1}"})
    assert (first.status_code, first.headers["etag"]) == (206, etag)

    # No other file is kept beside this one: the load goes on with one that is made anew.
    assert guarded.get("/v1/agents.csv", auth=auth).status_code == 200
    rest = {"range": f"bytes={half}-"}
    held = guarded.get(path, auth=auth, headers={**rest, "if-range": etag})
    whole = guarded.get(path, auth=auth)
    if held.status_code == 206:
        assert held.headers["etag"] == etag
        assert first.content + held.content == whole.content
    else:
        assert (held.status_code, held.content) == (200, whole.content)
    other = guarded.get(path, auth=auth, headers={**rest, "if-range": '"what it was"'})
    assert (other.status_code, other.content) == (200, whole.content)
    refused = guarded.get(path, auth=auth, headers={**rest, "if-match": '"what it was"'})
    assert refused.status_code == 412


def header_of(form: str, content: bytes, count: int) -> list[str]:
    """Return the columns that a file has, as a reader of such files finds them."""
    if form == "csv":
        return next(csv.reader(io.StringIO(content.decode())))
    if form == "parquet":
        return list(parquet.read_schema(pa.BufferReader(content)).names)
    if form == "arrow":
        return list(ipc.open_file(content).schema.names)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        texts = ET.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 (our own)
    # The first line stands first, whatever there is below it.
    return ["".join(one.itertext()) for one in texts][:count]


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow", "xlsx"])
@pytest.mark.parametrize("name", ["conversations", "report_volume"])
def test_10_an_empty_period_has_its_columns(client: httpx.Client, name: str, form: str) -> None:
    answer = client.get(f"/v1/{name}.{form}", params=NEVER)

    assert answer.status_code == 200
    names = [*STANDARD[name].names]
    assert header_of(form, answer.content, len(names)) == names


def test_10_an_empty_period_is_empty_where_rows_name_their_columns(client: httpx.Client) -> None:
    assert client.get("/v1/conversations.json", params=NEVER).json() == []
    page = client.get("/v1/conversations.json", params={**NEVER, "shape": "page"}).json()
    assert page["rows"] == []
    lines = client.get("/v1/conversations.ndjson", params=NEVER)
    assert (lines.status_code, lines.content) == (200, b"")
    assert client.get("/odata/conversations", params=NEVER).json()["value"] == []
    schema = client.get("/v1/conversations/schema").json()
    assert [one["name"] for one in schema["columns"]] == [*STANDARD["conversations"].names]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/graphql", b'{"query":"{__typename}"}', b"200 OK"),
        ("POST", "/odata/agents", b"{}", b"405 Method Not Allowed"),
        ("POST", "/v1/agents.csv", b"{}", b"405 Method Not Allowed"),
        ("GET", "/v1/platforms.csv", b"", b"200 OK"),
        ("GET", "/odata/platforms", b"", b"200 OK"),
    ],
)
def test_11_whoever_waits_to_be_told_to_go_on_is_answered(
    gateway: Gateway, method: str, path: str, body: bytes, status: bytes
) -> None:
    where = urlsplit(gateway.origin)
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\n"
        f"{length}Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536)
        if body and answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\n"):
            connection.sendall(body)
        while piece := connection.recv(65536):
            answer += piece

    assert b"HTTP/1.1 " + status in answer


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/plain, */*;q=0.1", None])
@pytest.mark.parametrize("path", ["/graphql", "/", "/v1/", "/odata/"])
def test_12_whoever_does_not_ask_for_a_page_is_given_none(
    client: httpx.Client, path: str, accept: str | None
) -> None:
    request = client.build_request("GET", path)
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    answer = client.send(request)

    assert answer.headers["content-type"].startswith("application/json")
    assert answer.status_code == (400 if path == "/graphql" else 200)
    assert orjson.loads(answer.content)
