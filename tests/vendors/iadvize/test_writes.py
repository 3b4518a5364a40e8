from __future__ import annotations

from urllib.parse import parse_qsl

import httpx
import pytest
from tests.vendors.iadvize.conftest import Open
from tests.vendors.iadvize.upstream import Upstream, failure, success

from vendors.calls import Call
from vendors.errors import PlatformServerError, PlatformUnreachableError
from vendors.port import Platform
from vendors.writes import (
    Change,
    CreateSkill,
    CreateTeam,
    DeleteSkill,
    DeleteTeam,
    Made,
    Refusal,
    RefusalCode,
    UpdateSkill,
    UpdateTeam,
    WriteRefusedError,
    WritesPort,
)

FEW = {"pacing": {"attempts": 3}}


def writing(platform: Platform) -> WritesPort:
    assert platform.writes is not None
    return platform.writes


def done(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"meta": {"status": "success"}})


@pytest.mark.parametrize(
    ("change", "line", "form"),
    [
        (CreateTeam(name="Été & Co"), "POST /group", {"name": "Été & Co"}),
        (
            CreateSkill(name="Returns", parent_id="4", position=2),
            "POST /skill",
            {"name": "Returns", "parent_id": "4", "order": "2"},
        ),
        (UpdateTeam(native_id="7", name="North"), "PUT /group/7", {"name": "North"}),
        (UpdateSkill(native_id="7", position=0), "PUT /skill/7", {"order": "0"}),
        (DeleteTeam(native_id="7"), "DELETE /group/7", {}),
        (DeleteSkill(native_id="7"), "DELETE /skill/7", {}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_a_change_is_sent_as_a_form(
    opened: Open, change: Change, line: str, form: dict[str, str]
) -> None:
    upstream = Upstream(lambda _: success({"id": "7", "_link": "/group/7"}))

    assert await writing(opened(upstream)).make(change, Call.within(5)) == Made("7")

    sent = upstream.request
    assert f"{sent.method} {sent.url.path.removeprefix('/api/2')}" == line
    assert dict(parse_qsl(sent.content.decode())) == form
    kind = "application/x-www-form-urlencoded" if form else None
    assert sent.headers.get("content-type") == kind
    assert sent.url.query == b""


async def test_deleting_answers_without_data(opened: Open) -> None:
    port = writing(opened(Upstream(done)))

    assert await port.make(DeleteTeam(native_id="12"), Call.within(5)) == Made("12")


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ("Field 'name' is missing.", Refusal(RefusalCode.MISSING, "name")),
        ("Value of field 'order' is not valid.", Refusal(RefusalCode.INVALID, "position")),
        ("Value of field 'colour' is not valid.", Refusal(RefusalCode.INVALID)),
        ("Unknown 'skill' with 'id' 9.", Refusal(RefusalCode.NOT_FOUND, "parent_id")),
        ("Anything else, with somebody@example.com in it.", Refusal(RefusalCode.REFUSED)),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 409, 422])
async def test_refusals_name_the_field(
    opened: Open, message: str, refusal: Refusal, status: int
) -> None:
    upstream = Upstream(lambda _: failure(message, status=status))
    change = CreateSkill(name="Returns", parent_id="9", position=-1)

    with pytest.raises(WriteRefusedError) as raised:
        await writing(opened(upstream)).make(change, Call.within(5))

    assert raised.value.refusals == (refusal,)
    assert "example.com" not in str(raised.value)


async def test_which_of_two_ids_is_unknown_is_not_guessed(opened: Open) -> None:
    upstream = Upstream(lambda _: failure("Unknown 'group' with 'id' 9", status=404))

    with pytest.raises(WriteRefusedError) as raised:
        await writing(opened(upstream)).make(
            UpdateTeam(native_id="7", parent_id="9"), Call.within(5)
        )

    assert raised.value.refusals == (Refusal(RefusalCode.NOT_FOUND),)


async def test_what_creates_is_never_sent_twice(opened: Open) -> None:
    def lost(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    upstream = Upstream(lost)

    with pytest.raises(PlatformUnreachableError) as raised:
        await writing(opened(upstream, **FEW)).make(CreateTeam(name="North"), Call.within(5))

    assert len(upstream.requests) == 1
    assert raised.value.sent


async def test_what_fails_before_it_is_sent_says_so(opened: Open) -> None:
    def refused(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    with pytest.raises(PlatformUnreachableError) as raised:
        await writing(opened(Upstream(refused))).make(CreateTeam(name="North"), Call.within(5))

    assert not raised.value.sent


async def test_what_a_lost_try_has_deleted_is_deleted(opened: Open) -> None:
    answers = [httpx.Response(503), failure("Unknown 'group' with 'id' 7", status=404)]
    upstream = Upstream(lambda _: answers.pop(0))

    port = writing(opened(upstream, **FEW))
    assert await port.make(DeleteTeam(native_id="7"), Call.within(5)) == Made("7")
    assert answers == []


async def test_what_was_never_there_is_not_deleted(opened: Open) -> None:
    upstream = Upstream(lambda _: failure("Unknown 'group' with 'id' 7", status=404))

    with pytest.raises(WriteRefusedError) as raised:
        await writing(opened(upstream, **FEW)).make(DeleteTeam(native_id="7"), Call.within(5))

    assert raised.value.refusals == (Refusal(RefusalCode.NOT_FOUND, "native_id"),)


async def test_the_vendors_own_fault_is_no_refusal(opened: Open) -> None:
    upstream = Upstream(lambda _: httpx.Response(500))

    with pytest.raises(PlatformServerError):
        await writing(opened(upstream)).make(CreateTeam(name="North"), Call.within(5))


@pytest.mark.parametrize(
    ("change", "refusals"),
    [
        (CreateTeam(name="North"), ()),
        (CreateTeam(name=" "), (Refusal(RefusalCode.MISSING, "name"),)),
        (CreateTeam(name="a", parent_id="4/5"), (Refusal(RefusalCode.INVALID, "parent_id"),)),
        (UpdateTeam(native_id="x", name=""), None),
        (DeleteTeam(native_id="../operator/1"), (Refusal(RefusalCode.INVALID, "native_id"),)),
    ],
    ids=str,
)
async def test_what_is_known_to_be_refused_is_not_sent(
    opened: Open, change: Change, refusals: tuple[Refusal, ...] | None
) -> None:
    upstream = Upstream(done)
    found = writing(opened(upstream)).refusals(change)

    assert found == refusals or (refusals is None and len(found) == 2)
    assert upstream.requests == []
