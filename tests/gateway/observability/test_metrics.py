"""What is counted, as Prometheus reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.gateway.exporting import WEEK, Press, serving
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client
from tests.gateway.staffed import Staff, following, settled
from tests.gateway.staffed import serving as staffed

from gateway import __version__
from gateway.observability.metrics import Metrics
from gateway.security.keys import hash_of, new_api_key
from vendors.errors import PlatformRateLimitedError
from vendors.waits import Wait, WaitReason

AGENTS = "{agents{nodes{nativeId name}}}"
WATCHER, READER = new_api_key(), new_api_key()
KEYS: Mapping[str, Any] = {
    "require_api_key": True,
    "api_keys": [
        {"name": "watcher", "hash": hash_of(WATCHER), "scopes": ["metrics"]},
        {"name": "reader", "hash": hash_of(READER)},
    ],
}


class Counted:
    """The samples of one reading."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {one.name: one for one in text_string_to_metric_families(text)}

    def of(self, name: str, **labels: str) -> float | None:
        """Return the value of a sample, None where there is none."""
        for family in self.families.values():
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None


async def read(client: httpx.AsyncClient, **headers: str) -> Counted:
    answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"
    return Counted(answer.text)


async def ask(client: httpx.AsyncClient, query: str = AGENTS) -> None:
    assert (await client.post("/graphql", json={"query": query})).status_code == 200


async def test_requests_are_counted_by_door_and_status() -> None:
    async with open_client() as client:
        await ask(client)
        await ask(client)
        await client.get("/graphql", params={"query": "{nonsense"})
        await client.put("/graphql")
        await client.get("/wp-login.php")
        await client.get("/")
        await client.get("/healthz")
        found = await read(client)
    requests = "switchboard_requests_total"
    assert found.of(requests, door="graphql", status="405") == 1
    assert (found.of(requests, door="graphql", status="200") or 0) >= 2
    assert found.of(requests, door="other", status="404") == 1
    assert found.of(requests, door="pages", status="200") == 1
    assert found.of(requests, door="health", status="200") == 1
    assert found.of("switchboard_request_seconds_count", door="graphql") == 4
    assert found.of("switchboard_requests_in_progress", door="graphql") == 0
    assert found.of("switchboard_requests_in_progress", door="metrics") == 1
    assert "wp-login" not in found.text


async def test_behind_a_prefix_the_doors_are_the_same() -> None:
    async with open_client(root_path="/api") as client:
        await client.post("/api/graphql", json={"query": AGENTS})
        found = Counted((await client.get("/api/metrics")).text)
    assert found.of("switchboard_requests_total", door="graphql", status="200") == 1


async def test_calls_to_platforms_are_counted_and_timed() -> None:
    grove = Grove()
    async with open_client(grove) as client:
        await ask(client)
        await ask(client)
        found = await read(client)
    labels = {"platform": "birch-fr"}
    assert (
        found.of("switchboard_platform_calls_total", **labels, endpoint="staff", status="2xx") == 1
    )
    assert found.of("switchboard_platform_call_seconds_sum", **labels) == 0.125
    questions = "switchboard_platform_questions_total"
    assert found.of(questions, **labels, port="agents", outcome="OK") == 1
    assert found.of("switchboard_platform_question_seconds_count", **labels) == 1
    lookups = "switchboard_cache_lookups_total"
    tiers = {
        sample.labels["tier"]
        for sample in found.families["switchboard_cache_lookups"].samples
        if sample.labels["outcome"] == "hit"
    }
    assert len(tiers) == 1
    (tier,) = tiers
    assert found.of(lookups, tier=tier, outcome="miss") == 1
    assert found.of(lookups, tier=tier, outcome="hit") == 1
    assert found.of("switchboard_cache_written_total", tier=tier) == 1
    assert found.of("switchboard_cache_entries") == 1
    assert (found.of("switchboard_cache_bytes") or 0) > 0


async def test_a_failure_is_counted_by_its_code() -> None:
    grove = Grove()
    grove.error = PlatformRateLimitedError("slow down", platform="birch-fr")
    async with open_client(grove) as client:
        await ask(client)
        found = await read(client)
    labels = {"platform": "birch-fr"}
    code = PlatformRateLimitedError.code
    questions = "switchboard_platform_questions_total"
    assert found.of(questions, **labels, port="agents", outcome=code) == 1
    calls = "switchboard_platform_calls_total"
    assert found.of(calls, **labels, endpoint="staff", status="5xx") == 1


async def test_what_is_cut_short_is_counted_as_such() -> None:
    grove = Grove()
    grove.gate = asyncio.Event()
    async with open_client(grove) as client:
        asking = asyncio.ensure_future(ask(client))
        await grove.reached.wait()
        during = await read(client)
        asking.cancel()
        await grove.cancelled.wait()
        after = await read(client)
    assert during.of("switchboard_requests_in_progress", door="graphql") == 1
    assert during.of("switchboard_fetches_in_progress") == 1
    questions = "switchboard_platform_questions_total"
    labels = {"platform": "birch-fr", "port": "agents", "outcome": "CANCELLED"}
    assert after.of(questions, **labels) == 1


async def test_downloads_are_the_requests_of_their_door() -> None:
    press = Press()
    press.gate = asyncio.Event()
    async with serving(press) as (address, _), httpx.AsyncClient(base_url=address) as client:
        query = {**WEEK, "colour": "red"}
        async with client.stream("GET", "/exports/oak/leaves.csv", params=query) as answer:
            await press.reached.wait()
            assert (await read(client)).of("switchboard_requests_in_progress", door="exports") == 1
            press.gate.set()
            await answer.aread()
        found = await read(client)
    assert found.of("switchboard_requests_in_progress", door="exports") == 0
    calls = "switchboard_platform_calls_total"
    assert found.of(calls, platform="oak", endpoint="leaves", status="2xx") == 1


async def test_subscriptions_are_shown_while_they_last_and_distort_no_times() -> None:
    staff = Staff()
    async with staffed(staff) as house, httpx.AsyncClient(base_url=house.address) as client:
        async with following(house):
            await staff.asked.wait()
            during = await read(client)
        await settled(house)
        after = await read(client)
        headers = {"accept": "text/event-stream"}
        await client.post("/graphql", json={"query": "{__typename}"}, headers=headers)
        events = await read(client)
    assert during.of("switchboard_streams_open") == 2
    assert after.of("switchboard_streams_open") == 0
    assert events.of("switchboard_requests_total", door="graphql", status="200") == 1
    assert events.of("switchboard_request_seconds_count", door="graphql") is None


async def test_the_build_is_told_and_the_form_is_as_asked() -> None:
    async with open_client() as client:
        found = await read(client)
        told = found.families["switchboard_build_info"].samples[0]
        open_metrics = await client.get(
            "/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"}
        )
    assert (told.labels["version"], told.value) == (__version__, 1)
    assert (found.of("process_resident_memory_bytes") or 0) > 0
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")


async def test_no_label_holds_what_a_caller_sent_or_who_it_was() -> None:
    async with open_client(**KEYS) as client:
        headers = {"x-api-key": READER, "x-request-id": "id-of-mine", "user-agent": "mozilla-of-me"}
        await client.post("/graphql", json={"query": AGENTS}, headers=headers)
        await client.get("/exports/birch-of-mine/file.csv", headers=headers)
        found = await read(client, **{"x-api-key": WATCHER})
    for text in ("reader", READER, "id-of-mine", "mozilla", "birch-of-mine", "Ana", "ana"):
        assert f'"{text}' not in found.text


@asynccontextmanager
async def shown(**fields: Any) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ANN401 (any field)
    async with open_client(**{**KEYS, **fields}) as client:
        yield client


@pytest.mark.parametrize(
    ("fields", "key", "status"),
    [
        ({}, None, 401),
        ({}, READER, 403),
        ({}, WATCHER, 200),
        ({"metrics": "open"}, None, 200),
        ({"metrics": "off"}, WATCHER, 404),
        ({"require_api_key": False}, None, 200),
        ({"require_api_key": False, "metrics": "key"}, READER, 403),
        ({"require_api_key": False, "metrics": "off"}, None, 404),
    ],
    # Keys are new in each process that collects the tests.
    ids=map("case-{}".format, range(8)),
)
async def test_who_may_read_is_as_set(fields: dict[str, Any], key: str | None, status: int) -> None:
    async with shown(**fields) as client:
        headers = {} if key is None else {"x-api-key": key}
        assert (await client.get("/metrics", headers=headers)).status_code == status


async def test_a_key_for_metrics_reads_nothing_else() -> None:
    async with shown() as client:
        headers = {"x-api-key": WATCHER}
        answer = await client.post("/graphql", json={"query": AGENTS}, headers=headers)
        assert answer.status_code == 403
        assert (await client.get("/status.json", headers=headers)).status_code == 403


async def test_waits_are_counted_by_their_reason() -> None:
    metrics = Metrics()
    wait = Wait("birch-fr", WaitReason.RATE_LIMIT, 2.0)
    metrics.waiting(wait)
    metrics.waited(wait, 1.5)
    metrics.waited(wait, 0.25)
    metrics.waited(Wait("birch-fr", WaitReason.ANSWER), 0.5)
    found = Counted(metrics.page("text/plain")[0].decode())
    waited = "switchboard_platform_wait_seconds_total"
    assert found.of(waited, platform="birch-fr", reason="rate_limit") == 1.75
    assert found.of(waited, platform="birch-fr", reason="answer") == 0.5
    assert found.of(waited, platform="birch-fr", reason="queue") is None
