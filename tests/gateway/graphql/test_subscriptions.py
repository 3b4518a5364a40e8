"""What is told as it happens, over real sockets."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial

import httpx
import pytest
from tests.gateway.staffed import FOLLOW, Staff, events, following, serving, settled, socket, until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway.security.keys import hash_of
from vendors.errors import PlatformAuthError, PlatformError, PlatformUnreachableError
from vendors.records import PresenceStatus

HEALTH = "subscription { platformHealth { platform { key } health { state } } }"
KEYS = {
    "require_api_key": True,
    "api_keys": [
        {"name": "all", "hash": hash_of("key of all")},
        {"name": "oak", "hash": hash_of("key of oak"), "platforms": ["oak"]},
        {"name": "writer", "hash": hash_of("key of writer"), "scopes": ["write"]},
    ],
}


def states(event: dict[str, object]) -> dict[str, str]:
    agents = event["agents"]
    assert isinstance(agents, list)
    return {one["nativeId"]: one["live"]["status"] for one in agents}


async def test_all_followers_share_one_question() -> None:
    staff = Staff()
    async with serving(staff) as house, AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(following(house)) for _ in range(5)]
        streams = [await stack.enter_async_context(events(house)) for _ in range(5)]
        staff.let()
        told = [await one.next_of() for one in sockets]
        told += [(await anext(one))["data"]["agentAvailability"] for one in streams]
        for event in told:
            assert event["snapshot"]
            assert states(event) == {"ana": "AVAILABLE", "ben": "AWAY"}
        assert len(staff.calls) == 1

        staff.states["ben"] = PresenceStatus.AVAILABLE
        staff.let()
        told = [await one.next_of() for one in sockets]
        told += [(await anext(one))["data"]["agentAvailability"] for one in streams]
        for event in told:
            assert not event["snapshot"]
            assert states(event) == {"ben": "AVAILABLE"}
        assert len(staff.calls) == 2


async def test_what_has_not_changed_is_not_told() -> None:
    staff = Staff()
    async with serving(staff) as house, following(house) as one:
        staff.let(4)
        await one.next_of()
        await until(lambda: len(staff.calls) == 4)
        staff.states["ana"] = PresenceStatus.OFFLINE
        staff.let()
        assert states(await one.next_of()) == {"ana": "OFFLINE"}


@pytest.mark.parametrize("kind", [PlatformUnreachableError, PlatformAuthError])
async def test_a_failure_is_told_once_and_so_is_its_end(kind: type[PlatformError]) -> None:
    staff = Staff()
    async with serving(staff) as house, following(house) as one:
        staff.let()
        assert (await one.next_of())["failure"] is None
        staff.error = kind("the network is gone", platform="oak")
        staff.let(3)
        failed = await one.next_of()
        assert failed["failure"] == {"code": kind.code}
        assert (failed["agents"], failed["snapshot"]) == ([], False)
        await until(lambda: len(staff.calls) == 4)
        staff.error = None
        staff.states["ana"] = PresenceStatus.BUSY
        staff.let()
        over = await one.next_of()
        assert over["failure"] is None
        assert states(over) == {"ana": "BUSY"}


async def test_who_fails_first_is_told_whole_later() -> None:
    staff = Staff()
    staff.error = PlatformUnreachableError("the network is gone", platform="oak")
    async with serving(staff) as house, following(house) as one:
        staff.let()
        assert (await one.next_of())["source"] == {"freshness": "FAILED"}
        staff.error = None
        staff.let()
        whole = await one.next_of()
        assert whole["snapshot"]
        assert len(whole["agents"]) == 2


async def test_a_slow_caller_is_told_the_latest_state_and_not_what_was_between() -> None:
    staff = Staff()
    staff.states = {f"{one}-{4000 * 'x'}": PresenceStatus.AWAY for one in range(60)}
    kinds = [PresenceStatus.AVAILABLE, PresenceStatus.BUSY]
    async with serving(staff) as house, events(house) as slow:
        for turn in range(60):
            staff.states = dict.fromkeys(staff.states, kinds[turn % 2])
            staff.let()
            await until(partial(staff.has_answered, turn + 1))
        staff.states = dict.fromkeys(staff.states, PresenceStatus.OFFLINE)
        staff.let(2)
        heard = 0
        async for event in slow:
            heard += 1
            if set(states(event["data"]["agentAvailability"]).values()) == {"OFFLINE"}:
                break
        assert heard < 60


@pytest.mark.parametrize("how", ["complete", "leave", "stream"])
async def test_the_last_who_leaves_ends_the_question(how: str) -> None:
    staff = Staff()
    async with serving(staff) as house:
        if how == "stream":
            async with events(house):
                await staff.asked.wait()
        else:
            async with following(house) as one:
                await staff.asked.wait()
                if how == "complete":
                    await one.say("complete", id="1")
                    await until(lambda: not staff.waiting)
                    await one.follow("1")
                    staff.let()
                    assert (await one.next_of())["snapshot"]
        await settled(house)
        await until(lambda: not staff.waiting)


async def test_a_stop_ends_all_and_says_so() -> None:
    staff = Staff()
    async with serving(staff) as house, following(house) as one, events(house) as stream:
        staff.let()
        await one.next_of()
        await anext(stream)
        house.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await one.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert [event async for event in stream] == []


async def test_none_is_served_for_longer_than_the_setting() -> None:
    staff = Staff()
    staff.let()
    async with serving(staff, subscriptions={"longest": 0.3}) as house:
        async with events(house) as stream:
            assert len([event async for event in stream]) == 1
        async with socket(house, {}) as one:
            await one.hear()
            with pytest.raises(ConnectionClosed) as closed:
                await one.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001


class TestKeys:
    async def test_a_key_is_told_of_its_platforms_alone(self) -> None:
        staff = Staff()
        staff.let(4)
        async with serving(staff, "oak", "elm", **KEYS) as house:
            headers = {"x-api-key": "key of oak"}
            async with events(house, headers=headers) as stream:
                event = await anext(stream)
                assert event["data"]["agentAvailability"]["platform"] == {"key": "oak"}
            async with events(house, headers=headers, platforms=["elm"]) as stream:
                (refused,) = [event async for event in stream]
                assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
            async with socket(house, {"Authorization": "Bearer key of all"}) as one:
                assert (await one.hear())["type"] == "connection_ack"
                await one.follow()
                seen = {(await one.next_of())["platform"]["key"] for _ in range(2)}
                assert seen == {"oak", "elm"}

    async def test_a_socket_takes_a_key_by_header(self) -> None:
        async with (
            serving(Staff(), **KEYS) as house,
            socket(house, {}, **{"X-API-Key": "key of oak"}) as one,
        ):
            assert (await one.hear())["type"] == "connection_ack"

    @pytest.mark.parametrize(
        "init",
        [
            {},
            {"x-api-key": "wrong"},
            {"x-api-key": "\u2603"},
            {"authorization": "Bearer x"},
            {"x-api-key": "key of writer"},
        ],
        ids=["none", "wrong", "snowman", "bearer", "writer"],
    )
    async def test_without_a_good_key_a_socket_is_closed(self, init: dict[str, str]) -> None:
        async with serving(Staff(), **KEYS) as house, socket(house, init) as one:
            with pytest.raises(ConnectionClosed) as closed:
                await one.hear()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403

    async def test_without_a_good_key_there_are_no_events(self) -> None:
        async with serving(Staff(), **KEYS) as house, httpx.AsyncClient() as client:
            answer = await client.post(
                f"{house.address}/graphql",
                json={"query": FOLLOW},
                headers={"accept": "text/event-stream"},
            )
        assert answer.status_code == 401

    async def test_a_key_that_was_withdrawn_begins_nothing_more_on_an_open_socket(self) -> None:
        staff = Staff()
        async with (
            serving(staff, "oak", **KEYS) as house,
            socket(house, {"Authorization": "Bearer key of all"}) as one,
        ):
            await one.hear()
            await one.follow("1")
            staff.let()
            await one.next_of("1")
            house.app.state.authenticator.know([])
            await one.follow("2", "{platforms{key}}")
            refused = await one.hear()
            assert (refused["type"], refused["id"]) == ("error", "2")
            assert refused["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            # What has begun goes on.
            staff.states["ana"] = PresenceStatus.AWAY
            staff.let()
            assert (await one.next_of("1"))["agents"]

    async def test_a_key_has_so_many_and_no_more(self) -> None:
        staff = Staff()
        async with (
            serving(staff, subscriptions={"most_per_key": 1}) as house,
            following(house) as one,
            httpx.AsyncClient() as client,
        ):
            await staff.asked.wait()
            await one.follow("2")
            refused = await one.hear()
            assert (refused["type"], refused["id"]) == ("error", "2")
            assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
            answer = await client.post(
                f"{house.address}/graphql",
                json={"query": FOLLOW},
                headers={"accept": "text/event-stream"},
            )
            assert answer.status_code == 429


class TestProtocols:
    @pytest.mark.parametrize(
        ("messages", "code"),
        [
            ([{"type": "subscribe", "id": "1"}], 4401),
            ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
            ([{"type": "connection_init", "payload": 3}], 4400),
            ([{"type": "connection_init"}, {"type": "nonsense"}], 4400),
            ([{"type": "connection_init"}, {"type": "subscribe"}], 4400),
            (
                [{"type": "connection_init"}]
                + [{"type": "subscribe", "id": "1", "payload": {"query": FOLLOW}}] * 2,
                4409,
            ),
        ],
        ids=["early", "twice", "payload", "type", "id", "same-id"],
    )
    async def test_who_breaks_the_protocol_is_told_how(
        self, messages: list[dict[str, object]], code: int
    ) -> None:
        async with serving(Staff()) as house, socket(house) as one:
            for message in messages:
                await one.tell(message)
            with pytest.raises(ConnectionClosed) as closed:
                await one.hear_out()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code

    async def test_another_protocol_is_not_spoken(self) -> None:
        async with serving(Staff()) as house:
            address = house.address.replace("http", "ws") + "/graphql"
            async with connect(address) as connection:
                with pytest.raises(ConnectionClosed) as closed:
                    await connection.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4406

    async def test_pages_of_other_origins_are_refused(self) -> None:
        async with serving(Staff(), cors_origins="https://good.test") as house:
            for origin in (house.address, "https://good.test"):
                async with socket(house, {}, Origin=origin) as one:
                    assert (await one.hear())["type"] == "connection_ack"
            with pytest.raises(InvalidStatus) as refused:
                async with socket(house, {}, Origin="https://evil.test"):
                    pass
        assert refused.value.response.status_code == 403

    async def test_ping_and_queries_are_answered_on_a_socket(self) -> None:
        async with serving(Staff()) as house, socket(house, {}) as one:
            await one.hear()
            await one.say("ping")
            assert await one.hear() == {"type": "pong"}
            for _ in range(3):
                await one.follow("q", "{platforms{key}}")
                assert (await one.hear())["payload"] == {"data": {"platforms": [{"key": "oak"}]}}
                assert await one.hear() == {"type": "complete", "id": "q"}

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("subscription {", "GRAPHQL_PARSE_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { platformHealth { platform { a: key b: key } } }", "QUERY_TOO_COMPLEX"),
        ],
    )
    async def test_limits_and_faults_are_those_of_queries(self, query: str, code: str) -> None:
        async with serving(Staff(), limits={"aliases": 1}) as house:
            async with socket(house, {}) as one:
                await one.hear()
                await one.follow("1", query)
                error = await one.hear()
            async with events(house, query) as stream:
                (event,) = [event async for event in stream]
        assert error["type"] == "error"
        told = [one[0]["extensions"]["code"] for one in (error["payload"], event["errors"])]
        assert told == [code] * 2
        assert "data" not in event

    async def test_a_plain_request_is_told_how_to_subscribe(self) -> None:
        async with serving(Staff()) as house, httpx.AsyncClient() as client:
            answer = await client.post(f"{house.address}/graphql", json={"query": FOLLOW})
        assert answer.status_code == 406
        assert "text/event-stream" in answer.json()["errors"][0]["message"]

    async def test_events_are_had_by_get_too(self) -> None:
        async with (
            serving(Staff()) as house,
            httpx.AsyncClient() as client,
        ):
            answer = await client.get(
                f"{house.address}/graphql",
                params={"query": "{platforms{key}}"},
                headers={"accept": "text/event-stream"},
            )
        assert answer.text.endswith(
            'event: next\ndata: {"data":{"platforms":[{"key":"oak"}]}}\n\n'
            "event: complete\ndata:\n\n"
        )


async def test_queries_and_followers_share_what_was_told() -> None:
    staff = Staff()
    staff.let(5)
    async with (
        serving(staff, lifetimes={"presence": {"fresh": 60}}, deadline_seconds=30) as house,
        following(house) as one,
        httpx.AsyncClient() as client,
    ):
        await one.next_of()
        query = {"query": "{agents{nodes{nativeId live{status}}}}"}
        answer = await client.post(f"{house.address}/graphql", json=query)
        assert len(answer.json()["data"]["agents"]["nodes"]) == 2
        assert len(staff.calls) == 1
