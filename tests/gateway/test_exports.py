"""Files by GET: what is taken, what is answered, and how an answer ends."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.fakes import context_of
from tests.gateway.exporting import LEAVES, WEEK, Press, client, serving
from tests.gateway.fakes import birch_table

from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import LimitSettings
from gateway.context import Operations
from gateway.exports import ExportDoor
from gateway.security.authentication import Authenticator
from gateway.security.keys import hash_of
from resolvers.context import Scope
from vendors.errors import (
    PlatformBadResponseError,
    PlatformCircuitOpenError,
    PlatformError,
    PlatformRateLimitedError,
    PlatformTimeoutError,
    PlatformTruncatedError,
)
from vendors.measures import Dimension, Grain
from vendors.parameters import Argument
from vendors.port import Wiring

PATH = "/exports/oak/leaves.csv"
ASKED = {**WEEK, "colour": "red"}
KEYS = {
    "require_api_key": True,
    "api_keys": [
        {"name": "all", "hash": hash_of("key of all"), "scopes": ["read", "personal"]},
        {"name": "oak", "hash": hash_of("key of oak"), "platforms": ["oak"]},
        {"name": "writer", "hash": hash_of("key of writer"), "scopes": ["write"]},
    ],
}


def key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer key of {name}"}


def refusal(answer: httpx.Response) -> tuple[int, str, str, Any]:
    (error,) = answer.json()["errors"]
    told = error["extensions"]
    assert told["requestId"] == answer.headers["x-request-id"]
    return answer.status_code, told["code"], told.get("argument"), told.get("accepted")


# ---------------------------------------------------------------------------------- the file


async def test_a_file_is_handed_on_as_it_is() -> None:
    press = Press(b"\xef\xbb\xbfid,name\n", b'1,"=SUM(A1)"\n', b"2,-5\n")
    async with client(press) as http:
        answer = await http.get(PATH, params={**ASKED, "granularity": "day"})
    assert answer.status_code == 200
    assert answer.content == b'\xef\xbb\xbfid,name\n1,"=SUM(A1)"\n2,-5\n'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="oak_leaves_2026-03-01_2026-03-08.csv"'
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
    assert press.left.is_set()


async def test_what_is_asked_reaches_the_platform_in_its_words() -> None:
    press = Press()
    asked: list[tuple[str, str | int | float | bool | None]] = [
        ("from", "2026-03-01"),
        ("to", "2026-03-02T12:00:00+01:00"),
        ("time_zone", "Europe/Paris"),
        ("granularity", "DAY"),
        ("agent", "b"),
        ("agent", "a"),
        ("agent", "b"),
        ("channel", "CHAT"),
        ("colour", "red"),
        ("colour", "green"),
        ("most", "5"),
        ("vein[top]", "thin"),
        ("vein[top]", "dark"),
        ("vein[below]", "thick"),
        ("vein[rim].exists", "true"),
    ]
    async with client(press) as http:
        answer = await http.get(PATH, params=asked)
    assert answer.status_code == 200, answer.text
    (query,) = press.queries
    assert (query.start, query.end) == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 2, 11, tzinfo=UTC),
    )
    assert (query.zone, query.grain) == ("Europe/Paris", Grain.DAY)
    assert query.filters == ((Dimension.AGENT, ("b", "a")), (Dimension.CHANNEL, ("chat",)))
    assert query.arguments == (
        Argument(name="colour", values=("green", "red")),
        Argument(name="most", values=("5",)),
        Argument(name="vein", key="top", values=("dark", "thin")),
        Argument(name="vein", key="below", values=("thick",)),
        Argument(name="vein", key="rim", exists=True),
    )


async def test_a_plus_sign_that_became_a_blank_is_one() -> None:
    press = Press()
    async with client(press) as http:
        given = "from=2026-03-01T00:00:00+01:00&to=2026-03-02&colour=red"
        assert (await http.get(f"{PATH}?{given}")).status_code == 200
    assert press.queries[0].start == datetime(2026, 2, 28, 23, tzinfo=UTC)


async def test_the_head_is_answered_without_the_platform() -> None:
    press = Press()
    async with client(press) as http:
        head = await http.head(PATH, params=ASKED)
        wrong = await http.head(PATH, params={**ASKED, "to": "2027-01-01"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-disposition"].startswith("attachment; ")
    assert wrong.status_code == 400
    assert press.queries == []


# ---------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changes", "argument", "accepted"),
    [
        ({"colour": None}, "colour", "green"),
        ({"colour": "blue"}, "colour", "green"),
        ({"colour": ""}, "colour", "green"),
        ({"colour": ["red", "green", "poem"]}, "colour", "2 values"),
        ({"most": "many"}, "most", "whole numbers"),
        ({"color": "red"}, "color", "colour"),
        ({"queue": "x"}, "queue", "agent"),
        ({"from": None}, "from", "ISO 8601"),
        ({"from": "yesterday"}, "from", "ISO 8601"),
        ({"from": ["2026-03-01", "2026-03-02"]}, "from", "ISO 8601"),
        ({"from": "1969-12-31"}, "from", "1970 to 2200"),
        ({"from": "0001-01-01", "time_zone": "Europe/Paris"}, "from", "1970 to 2200"),
        ({"from": "9999-12-31T23:59:59-14:00"}, "from", "1970 to 2200"),
        ({"to": "2201-01-01"}, "to", "1970 to 2200"),
        ({"to": "2026-02-01"}, "to", "from before to"),
        ({"to": "2026-05-01"}, "to", "31 days"),
        ({"to": "2036-03-01"}, "to", "five years"),
        ({"granularity": "HOUR"}, "granularity", "DAY"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone", "IANA"),
        ({"channel": "TELEX"}, "channel", "CHAT"),
        ({"agent": ""}, "agent", "ids"),
        ({"agent[x]": "b"}, "agent[x]", "agent"),
        ({"colour[x]": "red"}, "colour", "without"),
        ({"vein": "thin"}, "vein", "A side"),
        ({"vein[top].exists": "perhaps"}, "vein", "true"),
        ({"vein[top].exists": "true", "vein[top]": "thin"}, "vein", "exists"),
        ({"vein[top]]": "thin"}, "vein[top]]", "vein"),
    ],
)
async def test_what_is_not_taken_is_named_with_what_would_be(
    changes: dict[str, Any], argument: str, accepted: str
) -> None:
    press = Press()
    asked = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    async with client(press) as http:
        answer = await http.get(PATH, params=asked)
    status, code, named, told = refusal(answer)
    assert (status, code, named) == (400, "BAD_USER_INPUT", argument)
    assert accepted in str(told)
    assert press.queries == []


@pytest.mark.parametrize(
    ("path", "argument", "meant"),
    [
        ("/exports/oak/leafs.csv", "export", "leaves.csv"),
        ("/exports/oak/leaves", "export", "leaves.csv"),
        ("/exports/ok/leaves.csv", "platform", "oak"),
        ("/exports/bare/leaves.csv", "platform", ""),
    ],
)
async def test_a_file_that_is_not_there_is_told_the_nearest(
    path: str, argument: str, meant: str
) -> None:
    async with client(Press(), "oak", "bare") as http:
        answer = await http.get(path, params=ASKED)
    status, code, named, _ = refusal(answer)
    assert (status, code, named) == (404, "NOT_FOUND", argument)
    assert meant in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_other_methods_are_not_taken(method: str) -> None:
    async with client(Press()) as http:
        answer = await http.request(method, PATH, params=ASKED)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_keys_are_those_of_graphql() -> None:
    press = Press()
    async with client(press, "oak", "elm", **KEYS) as http:

        async def status(name: str | None, path: str = PATH, **more: str) -> int:
            headers = key(name) if name else {}
            return (await http.get(path, params={**ASKED, **more}, headers=headers)).status_code

        assert await status(None) == 401
        assert await status("nobody") == 401
        assert await status("writer") == 403
        assert await status("oak") == 200
        assert await status("oak", "/exports/elm/leaves.csv") == 404
        assert await status("all", "/exports/elm/leaves.csv") == 200
        refused = await http.get("/exports/elm/leaves.csv", params=ASKED, headers=key("oak"))
        assert "elm" not in str(refused.json()["errors"][0]["extensions"])
        challenge = (await http.get(PATH, params=ASKED)).headers["www-authenticate"]
        assert challenge.startswith("Basic")


async def test_what_customers_typed_needs_its_scope() -> None:
    async with client(Press(), **KEYS) as http:
        poem = {**ASKED, "colour": "poem"}
        refused = await http.get(PATH, params=poem, headers=key("oak"))
        told = await http.get(PATH, params=poem, headers=key("all"))
    assert refusal(refused)[:2] == (403, "FORBIDDEN")
    assert refused.json()["errors"][0]["extensions"]["scope"] == "personal"
    assert told.status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (PlatformRateLimitedError("x", retry_after=12.3), 429, "13"),
        (PlatformRateLimitedError("x"), 429, None),
        (PlatformTimeoutError("x"), 504, None),
        (PlatformCircuitOpenError("x", retry_after=30.0), 503, "30"),
        (PlatformBadResponseError("the vendor's words"), 502, None),
        (TimeoutError(), 504, None),
    ],
)
async def test_a_failure_before_the_first_byte_is_an_error(
    error: Exception, status: int, wait: str | None
) -> None:
    async with client(Press(error)) as http:
        answer = await http.get(PATH, params=ASKED)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, wait)
    told = answer.json()["errors"][0]
    if isinstance(error, PlatformError):
        assert (told["extensions"]["code"], told["extensions"]["platform"]) == (error.code, "oak")
    assert "the vendor's words" not in answer.text
    assert "content-disposition" not in answer.headers


async def test_no_more_files_than_are_allowed_are_under_way() -> None:
    press = Press()
    press.gate = asyncio.Event()
    async with client(press, limits={"downloads": 1}) as http:
        first = asyncio.ensure_future(http.get(PATH, params=ASKED))
        await press.reached.wait()
        second = await http.get(PATH, params=ASKED)
        assert refusal(second)[:2] == (503, "OVERLOADED")
        assert int(second.headers["retry-after"]) > 0
        assert (await http.head(PATH, params=ASKED)).status_code == 200
        press.gate.set()
        assert (await first).status_code == 200
        assert (await http.get(PATH, params=ASKED)).status_code == 200
    assert len(press.queries) == 2


# -------------------------------------------------------------------------- how an answer ends


async def test_pieces_go_out_as_they_come() -> None:
    press = Press(b"first", b"second")
    press.gate = asyncio.Event()
    async with (
        serving(press) as (origin, _),
        httpx.AsyncClient(base_url=origin) as http,
        http.stream("GET", PATH, params=ASKED) as answer,
    ):
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"first"
        press.gate.set()
        assert [piece async for piece in pieces] == [b"second"]


@pytest.mark.parametrize(
    "error", [PlatformTruncatedError("x", platform="oak"), PlatformTimeoutError("x"), ValueError()]
)
async def test_a_failure_after_the_first_byte_breaks_the_connection(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    press = Press(b"a,b\r\n", error)
    async with serving(press) as (origin, _), httpx.AsyncClient(base_url=origin) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(PATH, params=ASKED)
        assert press.left.is_set()
        # Nobody else is hurt.
        press.pieces = (b"whole",)
        assert (await http.get(PATH, params=ASKED)).content == b"whole"
    if isinstance(error, PlatformError):
        (line,) = [one for one in caplog.records if one.name == "switchboard.exports"]
        assert (line.levelno, line.__dict__["code"]) == (logging.WARNING, error.code)


async def test_whoever_hangs_up_ends_the_call() -> None:
    press = Press(b"first", b"second")
    press.gate = asyncio.Event()
    async with serving(press, limits={"downloads": 1}) as (origin, _):
        async with (
            httpx.AsyncClient(base_url=origin) as http,
            http.stream("GET", PATH, params=ASKED) as answer,
        ):
            assert await anext(answer.aiter_raw()) == b"first"
            assert not press.left.is_set()
        await asyncio.wait_for(press.left.wait(), 10)
        # The place is free again.
        press.gate.set()
        async with httpx.AsyncClient(base_url=origin) as http:
            assert (await http.get(PATH, params=ASKED)).status_code == 200


async def test_nothing_is_fetched_ahead_of_a_slow_reader() -> None:
    block = b"x" * 65_536
    press = Press(*([block] * 2000))
    async with serving(press) as (origin, _):
        host, port = origin.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**16)
        asked = "&".join(f"{name}={value}" for name, value in ASKED.items())
        writer.write(f"GET {PATH}?{asked} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        # Held back, it is never left; else it would be soon.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(press.left.wait(), 1.0)
        assert press.given < 1000
        writer.close()
        await asyncio.wait_for(press.left.wait(), 10)


async def test_whoever_takes_nothing_is_left() -> None:
    press = Press(b"first", b"second")
    (settings,) = platform_settings(press.specs(), [birch_table("oak")])
    services = context_of(press.specs()["birch"].build(settings, Wiring())).services
    anyone = Authenticator([], required=False, anonymous=frozenset(Scope))
    operations = Operations(
        services=services, authenticator=anyone, deadline=5.0, longest_deadline=5.0
    )
    door = ExportDoor(lambda: operations, LimitSettings(), stall_seconds=0.05)
    sent: list[Any] = []

    async def receive() -> Any:  # noqa: ANN401 (a message)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:  # noqa: ANN401 (a message)
        sent.append(message)
        if message.get("body") == b"second":
            await asyncio.Event().wait()

    scope = {
        "type": "http",
        "method": "GET",
        "path": PATH,
        "path_params": {"platform": "oak", "file": "leaves.csv"},
        "query_string": str(httpx.QueryParams(ASKED)).encode(),
        "headers": [],
    }
    await door(scope, receive, send)
    assert [one.get("body") for one in sent] == [None, b"first", b"second"]
    assert sent[-1]["more_body"]
    assert press.left.is_set()


async def test_a_stop_breaks_off_what_goes_on_for_too_long() -> None:
    press = Press(b"first", b"second")
    press.gate = asyncio.Event()
    async with httpx.AsyncClient() as http:
        async with serving(press) as (origin, server):
            request = http.build_request("GET", f"{origin}{PATH}", params=ASKED)
            answer = await http.send(request, stream=True)
            pieces = answer.aiter_raw()
            assert await anext(pieces) == b"first"
            server.should_exit = True
            await asyncio.wait_for(press.left.wait(), 20)
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)
        await answer.aclose()


async def test_a_file_has_its_time(caplog: pytest.LogCaptureFixture) -> None:
    press = Press(b"first", b"second")
    press.gate = asyncio.Event()
    async with (
        serving(press, limits={"download_seconds": 0.3}) as (origin, _),
        httpx.AsyncClient(base_url=origin) as http,
    ):
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(PATH, params=ASKED)
    assert [one.__dict__["code"] for one in caplog.records if one.name == "switchboard.exports"]


async def test_a_line_is_logged_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "switchboard.requests"):
        async with client(Press(), **KEYS) as http:
            await http.get(PATH, params=ASKED, headers=key("oak"))
    (line,) = [one.__dict__ for one in caplog.records if one.name == "switchboard.requests"]
    assert (line["path"], line["status"], line["key"], line["calls"]) == (PATH, 200, "oak", 1)


# --------------------------------------------------------------------------------- the catalogue

CATALOGUE = """query ($platforms: [String!]) {
  exportCatalogue(platforms: $platforms) {
    name title description path mediaType granularities filters mostRows documented
    platform { key capabilities }
    parameters { name required choices most type }
  }
}"""


async def test_the_catalogue_tells_what_can_be_had() -> None:
    press = Press()
    async with client(press, "oak", "elm", "bare", **KEYS) as http:

        async def told(name: str) -> list[dict[str, Any]]:
            body = {"query": CATALOGUE}
            answer = await http.post("/graphql", json=body, headers=key(name))
            found: list[dict[str, Any]] = answer.json()["data"]["exportCatalogue"]
            return found

        assert [one["path"] for one in await told("all")] == [PATH, "/exports/elm/leaves.csv"]
        (one,) = await told("oak")
    assert "EXPORTS" in one["platform"].pop("capabilities")
    assert one == {
        "name": "leaves",
        "title": "Leaves",
        "description": LEAVES.description,
        "path": PATH,
        "mediaType": "text/csv",
        "granularities": ["TOTAL", "DAY"],
        "filters": ["AGENT", "CHANNEL"],
        "mostRows": 1000,
        "documented": True,
        "platform": {"key": "oak"},
        "parameters": [
            {
                "name": "colour",
                "required": True,
                "choices": ["green", "red", "poem"],
                "most": 2,
                "type": "TEXT",
            },
            {"name": "most", "required": False, "choices": [], "most": 1, "type": "INTEGER"},
            {"name": "vein", "required": False, "choices": [], "most": None, "type": "TEXT"},
        ],
    }
    assert press.queries == []
