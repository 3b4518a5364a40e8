from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import strawberry
from tests.fakes import context_of
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client, real_settings

from gateway.app import create_app
from gateway.configuration.settings import SubscriptionSettings
from gateway.context import Operations
from gateway.graphql.endpoint import GraphQLDoor
from gateway.graphql.streams import Streams
from gateway.observability.request_log import RequestLog
from gateway.security.authentication import Authenticator
from resolvers.context import Scope
from vendors.errors import PlatformRateLimitedError

AGENTS = "{agents{nodes{nativeId platform{key}} sources{platform freshness calls}}}"
GRAPHQL_RESPONSE = "application/graphql-response+json"


@pytest.fixture
def grove() -> Grove:
    return Grove()


@pytest.fixture
async def client(grove: Grove) -> AsyncIterator[httpx.AsyncClient]:
    settings = real_settings(grove, "birch-fr", "birch-uk")
    async with open_client(grove, settings) as client:
        yield client


async def ask(client: httpx.AsyncClient, query: str, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers=headers)


def code(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    return str(error["extensions"]["code"])


class TestAnswers:
    async def test_one_query_asks_every_platform(self, client: httpx.AsyncClient) -> None:
        response = await ask(client, AGENTS)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        answer = response.json()
        assert set(answer) == {"data"}
        sources = {each["platform"]: each for each in answer["data"]["agents"]["sources"]}
        assert set(sources) == {"birch-fr", "birch-uk"}
        assert {each["calls"] for each in sources.values()} == {1}
        found = {(e["nativeId"], e["platform"]["key"]) for e in answer["data"]["agents"]["nodes"]}
        assert len(found) == 4

    async def test_a_get_with_variables(self, client: httpx.AsyncClient) -> None:
        query = "query A($only:[String!]){platforms(only:$only){key}} query B{platforms{title}}"
        params = {"query": query, "operationName": "A", "variables": '{"only":["birch-uk"]}'}
        for accept in ("*/*", "application/json", "text/html"):
            response = await client.get("/graphql", params=params, headers={"Accept": accept})
            assert response.json() == {"data": {"platforms": [{"key": "birch-uk"}]}}

    async def test_a_post_with_everything(self, client: httpx.AsyncClient) -> None:
        body = {
            "query": "query A($k:[String!]){platforms(only:$k){key}}",
            "operationName": "A",
            "variables": {"k": ["birch-fr"]},
            "extensions": {"a": 1},
        }
        response = await client.post("/graphql", json=body)
        assert response.json() == {"data": {"platforms": [{"key": "birch-fr"}]}}

    async def test_null_members_are_as_if_absent(self, client: httpx.AsyncClient) -> None:
        body = {"query": "{__typename}", "variables": None, "operationName": "", "extensions": None}
        response = await client.post("/graphql", json=body)
        assert response.json() == {"data": {"__typename": "Query"}}

    async def test_a_failed_platform_is_data(self, grove: Grove, client: httpx.AsyncClient) -> None:
        grove.error = PlatformRateLimitedError("hunter2", platform="birch-fr", retry_after=3)
        response = await ask(client, "{agents{nodes{id} failures{platform code}}}")
        assert response.status_code == 200
        agents = response.json()["data"]["agents"]
        assert agents["nodes"] == []
        assert {each["code"] for each in agents["failures"]} == {"PLATFORM_RATE_LIMITED"}
        assert "hunter2" not in response.text

    async def test_ids_lead_back(self, client: httpx.AsyncClient) -> None:
        listed = await ask(client, "{platforms{id key}}")
        for platform in listed.json()["data"]["platforms"]:
            query = f'{{node(id:"{platform["id"]}"){{... on Platform{{key}}}}}}'
            found = await ask(client, query)
            assert found.json()["data"]["node"] == {"key": platform["key"]}


class TestStatuses:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [("{", "GRAPHQL_PARSE_FAILED"), ("{nothing}", "GRAPHQL_VALIDATION_FAILED")],
    )
    async def test_what_is_refused_has_no_data(
        self, client: httpx.AsyncClient, query: str, expected: str
    ) -> None:
        plain = await ask(client, query)
        own = await ask(client, query, Accept=GRAPHQL_RESPONSE)
        assert (plain.status_code, own.status_code) == (200, 400)
        assert plain.headers["content-type"] == "application/json"
        assert own.headers["content-type"] == GRAPHQL_RESPONSE
        for response in (plain, own):
            assert code(response) == expected
            assert "data" not in response.json()

    async def test_refused_variables_are_a_refusal_too(self, client: httpx.AsyncClient) -> None:
        body = {"query": "query($n:Int!){agents(first:$n){nodes{id}}}", "variables": {"n": "x"}}
        headers = {"Accept": GRAPHQL_RESPONSE}
        response = await client.post("/graphql", json=body, headers=headers)
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
        assert "data" not in response.json()

    async def test_a_wrong_argument_fails_its_field_alone(self, client: httpx.AsyncClient) -> None:
        query = '{__typename platforms(only:["nobody"]){key}}'
        response = await ask(client, query, Accept=GRAPHQL_RESPONSE)
        assert (response.status_code, code(response)) == (200, "BAD_USER_INPUT")
        assert response.json()["data"]["platforms"] is None

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            ("*/*", "application/json"),
            ("application/json", "application/json"),
            (f"{GRAPHQL_RESPONSE}, application/json;q=0.9", GRAPHQL_RESPONSE),
            (f"{GRAPHQL_RESPONSE};q=0.5, application/json", "application/json"),
            (f"{GRAPHQL_RESPONSE}; charset=utf-8, application/json", GRAPHQL_RESPONSE),
            (f"{GRAPHQL_RESPONSE};q=nonsense", "application/json"),
            ("", "application/json"),
        ],
    )
    async def test_the_media_type_is_the_one_asked_for(
        self, client: httpx.AsyncClient, accept: str, media_type: str
    ) -> None:
        response = await ask(client, "{__typename}", Accept=accept)
        assert response.headers["content-type"] == media_type
        assert "Accept" in response.headers["vary"]

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
    async def test_other_methods(self, client: httpx.AsyncClient, method: str) -> None:
        response = await client.request(method, "/graphql")
        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD, POST"
        assert response.headers["content-type"] == "application/json"

    async def test_a_get_only_reads(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/graphql", params={"query": "mutation{__typename}"})
        assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == "POST"

    async def test_an_operation_that_is_not_there(self, client: httpx.AsyncClient) -> None:
        body = {"query": "query A{__typename}", "operationName": "B"}
        response = await client.post("/graphql", json=body)
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
        assert '"B"' in response.json()["errors"][0]["message"]

    async def test_a_document_without_operation(self, client: httpx.AsyncClient) -> None:
        response = await ask(client, "fragment a on Query{__typename}")
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
        assert "no operation" in response.json()["errors"][0]["message"]

    async def test_one_of_several_operations_has_to_be_named(
        self, client: httpx.AsyncClient
    ) -> None:
        query = "query A{__typename} query B{agents{sources{platform}}}"
        unnamed = await ask(client, query)
        assert (unnamed.status_code, code(unnamed)) == (400, "BAD_USER_INPUT")
        assert "`operationName`" in unnamed.json()["errors"][0]["message"]
        named = await client.post("/graphql", json={"query": query, "operationName": "B"})
        assert set(named.json()["data"]) == {"agents"}

    async def test_nothing_without_a_name_stands_beside_others(
        self, client: httpx.AsyncClient
    ) -> None:
        response = await ask(client, "query A{__typename} {__typename}")
        assert code(response) == "GRAPHQL_VALIDATION_FAILED"
        assert "anonymous" in response.json()["errors"][0]["message"]


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"null",
            b"5",
            b'"text"',
            b"{}",
            b'{"query":null}',
            b'{"query":""}',
            b'{"query":5}',
            b'{"query":"{__typename}","variables":[]}',
            b'{"query":"{__typename}","variables":"{}"}',
            b'{"query":"{__typename}","operationName":5}',
            b'{"query":"{__typename}","extensions":1}',
            b'[{"query":"{__typename}"}]',
            b"[]",
            b'{"query":"\xff"}',
            b'{"query":"\\ud800"}',
            b'{"query":NaN}',
            b"[" * 5000,
        ],
    )
    async def test_bad_ones_are_400_and_json(self, client: httpx.AsyncClient, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        response = await client.post("/graphql", content=body, headers=headers)
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
        assert response.headers["content-type"] == "application/json"

    @pytest.mark.parametrize("params", [{}, {"query": ""}, {"variables": "{}"}])
    async def test_a_get_without_a_query(
        self, client: httpx.AsyncClient, params: dict[str, str]
    ) -> None:
        response = await client.get("/graphql", params=params)
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")

    @pytest.mark.parametrize("name", ["variables", "extensions"])
    async def test_a_get_with_what_is_no_json(self, client: httpx.AsyncClient, name: str) -> None:
        params = {"query": "{__typename}", name: "{"}
        response = await client.get("/graphql", params=params)
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")
        assert f"`{name}`" in response.json()["errors"][0]["message"]

    @pytest.mark.parametrize(
        "media_type",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"],
    )
    async def test_other_media_types_are_415(
        self, client: httpx.AsyncClient, media_type: str
    ) -> None:
        body = orjson.dumps({"query": "{__typename}"})
        headers = {"Content-Type": media_type}
        response = await client.post("/graphql", content=body, headers=headers)
        assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")

    @pytest.mark.parametrize(
        "media_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;"]
    )
    async def test_json_by_any_spelling(self, client: httpx.AsyncClient, media_type: str) -> None:
        body = orjson.dumps({"query": "{__typename}"})
        headers = {"Content-Type": media_type}
        response = await client.post("/graphql", content=body, headers=headers)
        assert response.status_code == 200

    async def test_too_large_ones_are_413(self) -> None:
        async with open_client(limits={"body_bytes": 200}) as client:
            response = await ask(client, "{__typename}" + " " * 300)
            assert (response.status_code, code(response)) == (413, "REQUEST_TOO_LARGE")
            assert (await ask(client, "{__typename}")).status_code == 200


class TestLimits:
    async def test_they_are_those_of_the_settings(self) -> None:
        limits = {"depth": 2, "aliases": 1, "tokens": 30, "most_per_page": 7}
        async with open_client(limits=limits) as client:
            assert code(await ask(client, "{agents{nodes{id}}}")) == "QUERY_TOO_COMPLEX"
            assert code(await ask(client, "{a:__typename b:platforms{key} c:platforms{key}}"))
            assert code(await ask(client, "{__typename " * 30)) == "GRAPHQL_PARSE_FAILED"
        async with open_client(limits={"most_per_page": 7}) as client:
            response = await ask(client, "{agents(first:8){nodes{id}}}")
            assert response.json()["errors"][0]["extensions"]["accepted"] == "1 to 7"

    async def test_very_deep_documents_are_refused(self, client: httpx.AsyncClient) -> None:
        for depth in (30, 150, 400):
            response = await ask(client, "{a" * depth + "}" * depth)
            assert response.status_code == 200
            for error in response.json()["errors"]:
                assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"

    async def test_introspection_can_be_switched_off(self, client: httpx.AsyncClient) -> None:
        query = "{__schema{__typename}}"
        assert "errors" not in (await ask(client, query)).json()
        async with open_client(introspection=False) as closed:
            assert code(await ask(closed, query)) == "GRAPHQL_VALIDATION_FAILED"


class TestTrace:
    async def test_it_is_given_when_asked_for(self, client: httpx.AsyncClient) -> None:
        response = await ask(client, AGENTS, **{"X-Switchboard-Trace": "1", "X-Request-Id": "r1"})
        trace = response.json()["extensions"]["switchboard"]
        assert trace["requestId"] == "r1"
        assert trace["milliseconds"] >= 0
        assert sorted(trace["calls"], key=lambda call: str(call["platform"])) == [
            {
                "platform": key,
                "endpoint": "staff",
                "status": 200,
                "milliseconds": 125.0,
                "attempt": 1,
                "credential": False,
            }
            for key in ("birch-fr", "birch-uk")
        ]
        platforms = sorted(trace["platforms"], key=lambda each: str(each["platform"]))
        assert platforms[0] == {"platform": "birch-fr", "calls": 1, "seconds": 0.125}
        assert trace["cache"] == {"hits": 0, "misses": 2}

    async def test_a_second_answer_comes_from_the_cache(self, client: httpx.AsyncClient) -> None:
        await ask(client, AGENTS)
        response = await ask(client, AGENTS, **{"X-Switchboard-Trace": "1"})
        trace = response.json()["extensions"]["switchboard"]
        assert trace["calls"] == trace["platforms"] == []
        assert trace["cache"] == {"hits": 2, "misses": 0}

    @pytest.mark.parametrize("setting", [{"development": True}, {"sandbox": True}])
    async def test_some_settings_always_give_it(self, setting: dict[str, Any]) -> None:
        async with open_client(**setting) as client:
            assert "extensions" in (await ask(client, "{__typename}")).json()

    async def test_it_is_not_given_otherwise(self, client: httpx.AsyncClient) -> None:
        response = await ask(client, AGENTS, **{"X-Switchboard-Trace": "0"})
        assert "extensions" not in response.json()


class TestDeadline:
    async def test_a_request_may_shorten_it(self, grove: Grove, client: httpx.AsyncClient) -> None:
        grove.gate = asyncio.Event()
        query = "{agents{failures{platform code retryable}}}"
        response = await ask(client, query, **{"X-Request-Timeout": "0.05"})
        assert response.status_code == 200
        failures = response.json()["data"]["agents"]["failures"]
        assert {each["code"] for each in failures} == {"PLATFORM_TIMEOUT"}
        assert len(failures) == 2

    @pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", ""])
    async def test_it_must_make_sense(self, client: httpx.AsyncClient, value: str) -> None:
        response = await ask(client, "{__typename}", **{"X-Request-Timeout": value})
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")

    @pytest.mark.parametrize("value", ["0.5", "5", "1e9", "inf"])
    async def test_it_may_be_anything_else(self, client: httpx.AsyncClient, value: str) -> None:
        response = await ask(client, "{__typename}", **{"X-Request-Timeout": value})
        assert response.status_code == 200


@strawberry.type
class Endless:
    @strawberry.field
    async def wait(self) -> str | None:
        await asyncio.Event().wait()
        return None


async def test_an_operation_without_end_is_given_up() -> None:
    operations = Operations(
        services=context_of().services,
        authenticator=Authenticator([], required=False, anonymous=frozenset(Scope)),
        deadline=0.01,
        longest_deadline=1,
    )
    streams = Streams(SubscriptionSettings())
    door = GraphQLDoor(strawberry.Schema(Endless), lambda: operations, None, streams)
    transport = httpx.ASGITransport(RequestLog(door))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        response = await ask(client, "{wait}")
    assert (response.status_code, code(response)) == (504, "DEADLINE_EXCEEDED")


async def test_before_the_start_and_after_the_end_nothing_is_answered() -> None:
    grove = Grove()
    app = create_app(real_settings(grove), specs=grove.specs())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        response = await ask(client, "{__typename}")
        assert (response.status_code, code(response)) == (503, "OVERLOADED")
        assert response.headers["retry-after"] == "1"
