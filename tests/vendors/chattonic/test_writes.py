from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import msgspec
import pytest
from tests.fakes import FakeClock
from tests.vendors.chattonic.conftest import Open
from tests.vendors.chattonic.simulated import ORIGIN, Vendor
from tests.vendors.chattonic.upstream import NOW, Upstream, logged_in, saying, settings_of
from tests.vendors.http.faulty import Faulty, hang_up, ok, stall

from vendors.calls import Call
from vendors.chattonic import SPEC
from vendors.chattonic.sandbox.profile import CODENAME, PASSWORD, USERNAME
from vendors.errors import (
    PlatformAuthError,
    PlatformError,
    PlatformForbiddenError,
    PlatformRateLimitedError,
    PlatformServerError,
    PlatformTimeoutError,
    PlatformUnreachableError,
)
from vendors.port import Platform, Wiring
from vendors.writes import (
    DeleteTeam,
    Made,
    NpsGroup,
    Refusal,
    RefusalCode,
    RequestNpsExport,
    WriteRefusedError,
    WritesPort,
)

DAY = timedelta(days=1)
WEEK = RequestNpsExport(start=NOW - 7 * DAY, end=NOW, group=NpsGroup.DETRACTOR)
EAGER = {"pacing": {"attempts": 3}}


def writing(platform: Platform) -> WritesPort:
    assert platform.writes is not None
    return platform.writes


async def test_the_answers_of_a_window_are_asked_for_by_one_request(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(lambda _: httpx.Response(204))

    assert await writing(opened(upstream)).make(WEEK, call) == Made()

    assert upstream.request.method == "GET"
    assert upstream.request.url.raw_path == (
        b"/api/v1/acme/stats/nps/export?typeUser=detractor"
        b"&startDate=2021-11-24T10%3A42%3A30.000Z&endDate=2021-12-01T10%3A42%3A30.000Z"
    )
    assert upstream.request.headers["authorization"] == "Bearer t0ken"
    assert upstream.request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("group", NpsGroup)
async def test_every_group_has_the_vendors_word(opened: Open, call: Call, group: NpsGroup) -> None:
    upstream = Upstream(saying({}))

    await writing(opened(upstream)).make(msgspec.structs.replace(WEEK, group=group), call)

    assert upstream.request.url.params["typeUser"] == group.value
    assert group.value in {"all", "promoter", "passive", "detractor"}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"status": true}', b"Sent", b'{"cut', b"<html>Sent</html>"],
)
async def test_any_success_is_one_whatever_it_says(
    opened: Open, call: Call, status: int, body: bytes
) -> None:
    upstream = Upstream(lambda _: httpx.Response(status, content=body))

    assert await writing(opened(upstream)).make(WEEK, call) == Made()

    assert len(upstream.requests) == 1


async def test_what_calls_itself_a_failure_is_none_and_is_not_asked_for_again(
    opened: Open, call: Call
) -> None:
    upstream = Upstream(saying({"status": False}))

    with pytest.raises(PlatformServerError) as raised:
        await writing(opened(upstream, **EAGER)).make(WEEK, call)

    assert raised.value.sent
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
async def test_what_the_vendor_refuses_is_a_refusal(opened: Open, call: Call, status: int) -> None:
    upstream = Upstream(saying({"message": "no, ana@acme.test"}, status))

    with pytest.raises(WriteRefusedError) as raised:
        await writing(opened(upstream)).make(WEEK, call)

    assert raised.value.refusals == (Refusal(RefusalCode.REFUSED),)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, PlatformForbiddenError),
        (408, PlatformTimeoutError),
        (429, PlatformRateLimitedError),
        (500, PlatformServerError),
        (502, PlatformServerError),
        (503, PlatformServerError),
    ],
)
async def test_what_fails_is_not_tried_again(
    opened: Open, call: Call, status: int, error: type[PlatformError]
) -> None:
    upstream = Upstream(lambda _: httpx.Response(status, headers={"Retry-After": "0"}))

    with pytest.raises(error) as raised:
        await writing(opened(upstream, **EAGER)).make(WEEK, call)

    assert raised.value.attempts == 1
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("fault", "error", "sent"),
    [
        (httpx.ReadTimeout("late"), PlatformTimeoutError, True),
        (httpx.ReadError("gone"), PlatformUnreachableError, True),
        (httpx.RemoteProtocolError("broken"), PlatformUnreachableError, True),
        (httpx.ConnectError("nobody there"), PlatformUnreachableError, False),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
async def test_a_fault_on_the_wire_says_whether_the_mail_may_be_out(
    opened: Open, call: Call, fault: Exception, error: type[PlatformError], sent: bool
) -> None:
    def lost(_: httpx.Request) -> httpx.Response:
        raise fault

    upstream = Upstream(lost)

    with pytest.raises(error) as raised:
        await writing(opened(upstream, **EAGER)).make(WEEK, call)

    assert (raised.value.sent, raised.value.attempts) == (sent, 1)
    assert len(upstream.requests) == 1


async def test_a_refused_token_is_renewed_and_the_request_repeated_once(
    opened: Open, call: Call
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401 if request.headers["authorization"] == "Bearer old" else 200)

    tokens = iter(("old", "new"))
    upstream = Upstream(answer, login=lambda _: logged_in(next(tokens)))

    assert await writing(opened(upstream)).make(WEEK, call) == Made()

    assert (len(upstream.logins), len(upstream.requests)) == (2, 2)


async def test_a_token_that_is_refused_again_ends_it(opened: Open, call: Call) -> None:
    upstream = Upstream(saying({}, 401))

    with pytest.raises(PlatformAuthError):
        await writing(opened(upstream, **EAGER)).make(WEEK, call)

    assert (len(upstream.logins), len(upstream.requests)) == (2, 2)


@pytest.mark.parametrize("end", [WEEK.start, WEEK.start - DAY])
async def test_a_window_that_holds_no_time_is_refused_unsent(
    opened: Open, call: Call, end: datetime
) -> None:
    upstream = Upstream(saying({}))
    port = writing(opened(upstream))
    empty = msgspec.structs.replace(WEEK, end=end)

    assert port.refusals(WEEK) == ()
    assert port.refusals(empty) == (Refusal(RefusalCode.INVALID, "end"),)
    with pytest.raises(WriteRefusedError):
        await port.make(empty, call)
    assert (upstream.logins, upstream.requests) == ([], [])


async def test_it_takes_nothing_else(opened: Open, call: Call) -> None:
    upstream = Upstream(saying({}))
    port = writing(opened(upstream))

    assert port.changes == {RequestNpsExport}
    with pytest.raises(TypeError):
        await port.make(DeleteTeam(native_id="1"), call)
    assert upstream.requests == []


async def test_several_mails_are_several_requests(opened: Open, call: Call) -> None:
    upstream = Upstream(saying({}))
    promoters = msgspec.structs.replace(WEEK, group=NpsGroup.PROMOTER)

    found = await writing(opened(upstream)).make_together([WEEK, promoters], call)

    assert found == (Made(), Made())
    groups = [request.url.params["typeUser"] for request in upstream.requests]
    assert groups == ["detractor", "promoter"]


async def test_the_simulator_writes_exactly_one_mail(call: Call) -> None:
    vendor = Vendor()
    settings = settings_of(base_url=ORIGIN, codename=CODENAME, username=USERNAME, password=PASSWORD)
    wiring = Wiring(clock=FakeClock(vendor.now), transport=httpx.ASGITransport(vendor.app))
    platform = SPEC.build(settings, wiring)
    start, end = (vendor.now - count * DAY for count in (9, 2))

    try:
        await writing(platform).make(RequestNpsExport(start=start, end=end), call)
    finally:
        await platform.close()

    (mail,) = vendor.mails
    assert (mail.to, mail.type_user, mail.window) == (USERNAME, "all", (start, end))
    assert mail.answers > 0


LOGIN = ok(b'{"token": "t0ken"}')


def on_sockets(platform: Faulty, **pacing: float) -> Platform:
    settings = settings_of(base_url=platform.origin, pacing={"attempts": 3, **pacing})
    return SPEC.build(settings, Wiring())


async def test_a_late_answer_leaves_one_request_on_the_socket(call: Call) -> None:
    async with Faulty(LOGIN, stall()) as vendor:
        platform = on_sockets(vendor, call_seconds=0.3)
        with pytest.raises(PlatformTimeoutError) as raised:
            await writing(platform).make(WEEK, call)
        await platform.close()

    assert (raised.value.sent, raised.value.attempts) == (True, 1)
    assert [one.target.partition("?")[0] for one in vendor.requests] == [
        "/api/v1/user/login",
        "/api/v1/acme/stats/nps/export",
    ]


async def test_a_kept_connection_that_breaks_leaves_one_request_on_the_socket(call: Call) -> None:
    async with Faulty(LOGIN, ok(b'{"operators": []}'), hang_up) as vendor:
        platform = on_sockets(vendor)
        assert platform.agents is not None
        await platform.agents.agents(call)
        with pytest.raises(PlatformUnreachableError) as raised:
            await writing(platform).make(WEEK, call)
        await platform.close()

    # On a connection that had been used before: aiohttp by itself would repeat a GET there.
    assert {one.connection for one in vendor.requests} == {1}
    assert raised.value.sent
    assert sum("export" in one.target for one in vendor.requests) == 1
