"""Tables as files over real sockets, as tools read them: by HEAD, in ranges, and page by page."""

from __future__ import annotations

import socket
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from tests.e2e.asked import day_before, rows_of
from tests.e2e.running import Gateway, Table

from resolvers.rows.registry import STANDARD

LONG = {"customers"}
"""Tables of so many rows that the first ones tell enough."""
"""What no platform can be made to list whole."""
DAY = f"from={day_before(3)}&to={day_before(3) + timedelta(days=1)}&tz=Europe/Paris"


def ids(rows: list[Table] | list[dict[str, str]]) -> list[tuple[str, ...]]:
    keys = STANDARD["conversations"].key
    return sorted(tuple(str(row[key] or "") for key in keys) for row in rows)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_every_table_is_a_file(client: httpx.Client, name: str) -> None:
    some = "?limit=200" if name in LONG else ""
    answer = client.get(f"/v1/{name}.csv{some}")

    rows = rows_of(answer)
    assert rows
    assert [*rows[0]] == [*STANDARD[name].names]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_list_that_takes_many_calls_is_not_cut(client: httpx.Client) -> None:
    whole = client.get("/v1/customers.csv?platform=iadvize")
    first = client.get("/v1/customers.csv?limit=10000")

    assert len({row["customer_id"] for row in rows_of(whole)}) > 2_000
    assert len(rows_of(first)) == 10_000
    assert "truncated" not in f"{whole.headers['x-sources']} {first.headers['x-sources']}"


def test_a_day_is_the_same_in_all_forms_and_pages(client: httpx.Client) -> None:
    lines = rows_of(client.get(f"/v1/conversations.csv?{DAY}"))
    array = client.get(f"/v1/conversations.json?{DAY}").json()
    each = client.get(f"/v1/conversations.ndjson?{DAY}").text.splitlines()
    paged: list[Table] = []
    path = f"/v1/conversations.json?{DAY}&limit=37&shape=page"
    while path:
        answer = client.get(path)
        page = answer.json()
        paged += page["rows"]
        path = answer.links["next"]["url"] if page["next_cursor"] else ""

    assert len(array) > 100
    assert ids(lines) == ids(array) == ids(paged) == ids([orjson.loads(line) for line in each])


def test_head_and_then_ranges_make_the_file(client: httpx.Client) -> None:
    path = f"/v1/conversations.csv?{DAY}&order=started_at"
    head = client.head(path)
    size = int(head.headers["content-length"])
    parts = [
        client.get(path, headers={"range": f"bytes={at}-{min(at + 9999, size - 1)}"})
        for at in range(0, size, 10_000)
    ]

    assert {one.status_code for one in parts} == {206}
    assert {one.headers["etag"] for one in parts} == {head.headers["etag"]}
    assert b"".join(one.content for one in parts) == client.get(path).content


def test_who_waits_to_be_told_to_go_on_is_answered(gateway: Gateway) -> None:
    """Power BI sends `Expect: 100-continue`, be there a body or not."""
    parts = urlsplit(gateway.origin)
    request = (
        f"GET /v1/platforms.csv HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as one:
        one.sendall(request.encode())
        answer = b"".join(iter(lambda: one.recv(65536), b""))

    assert b"HTTP/1.1 200 OK" in answer
    assert b"\r\nplatform," in answer
    assert b"\r\nplatform,title," in answer


def test_the_next_page_has_the_scheme_that_the_proxy_tells(client: httpx.Client) -> None:
    told = {"host": "data.example", "x-forwarded-proto": "https"}
    answer = client.get("/v1/conversations.csv?limit=3", headers=told)

    assert answer.links["next"]["url"].startswith("https://data.example/v1/conversations.csv?")


def test_no_key_of_an_address_is_told_again(gateway: Gateway, client: httpx.Client) -> None:
    answer = client.get("/v1/platforms.csv?api_key=secretive")

    assert answer.status_code == 401
    assert "secretive" not in answer.text + str(answer.headers) + gateway.log
