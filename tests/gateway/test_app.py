from __future__ import annotations

import base64
import logging
import re

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_app, open_client, real_settings

from gateway.configuration.settings import Settings
from gateway.observability.request_log import RequestLog
from gateway.security.keys import hash_of, new_api_key

KEY, OTHER, UNREADING = new_api_key(), new_api_key(), new_api_key()
QUERY = {"query": "{platforms{key}}"}


def guarded(grove: Grove) -> Settings:
    return real_settings(
        grove,
        "birch-fr",
        "birch-uk",
        require_api_key=True,
        api_keys=[
            {"name": "all", "hash": hash_of(KEY)},
            {"name": "one", "hash": hash_of(OTHER), "platforms": ["birch-uk"]},
            {"name": "none", "hash": hash_of(UNREADING), "scopes": ["write", "personal"]},
        ],
    )


class TestKeys:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Authorization": f"Bearer {KEY}"},
            {"X-API-Key": KEY},
            {"Authorization": "Basic " + base64.b64encode(f"bi:{KEY}".encode()).decode()},
        ],
    )
    async def test_the_same_key_works_in_every_place(self, headers: dict[str, str]) -> None:
        grove = Grove()
        async with open_client(grove, guarded(grove)) as client:
            posted = await client.post("/graphql", json=QUERY, headers=headers)
            got = await client.get("/graphql", params=QUERY, headers=headers)
        both = {"data": {"platforms": [{"key": "birch-fr"}, {"key": "birch-uk"}]}}
        assert posted.json() == got.json() == both

    @pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Bearer x"}])
    async def test_without_a_good_key_there_is_a_challenge(self, headers: dict[str, str]) -> None:
        grove = Grove()
        async with open_client(grove, guarded(grove)) as client:
            response = await client.post("/graphql", json=QUERY, headers=headers)
        assert response.status_code == 401
        assert re.match(
            r'Basic realm="Switchboard".*, Bearer', response.headers["www-authenticate"]
        )
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    async def test_a_key_sees_its_platforms_alone(self) -> None:
        grove = Grove()
        async with open_client(grove, guarded(grove)) as client:
            headers = {"X-API-Key": OTHER}
            response = await client.post("/graphql", json=QUERY, headers=headers)
            root = await client.get("/", headers=headers)
        assert response.json() == {"data": {"platforms": [{"key": "birch-uk"}]}}
        assert [platform["key"] for platform in root.json()["platforms"]] == ["birch-uk"]

    async def test_a_key_that_may_not_read_reads_nothing(self) -> None:
        grove = Grove()
        async with open_client(grove, guarded(grove)) as client:
            headers = {"X-API-Key": UNREADING}
            response = await client.post("/graphql", json=QUERY, headers=headers)
            root = await client.get("/", headers=headers)
        assert response.status_code == 403
        assert response.json()["errors"][0]["extensions"].items() >= {
            ("code", "FORBIDDEN"),
            ("scope", "read"),
        }
        assert root.json()["platforms"] == []

    async def test_strangers_learn_of_no_platform(self) -> None:
        grove = Grove()
        async with open_client(grove, guarded(grove)) as client:
            for accept in ("application/json", "text/html"):
                root = await client.get("/", headers={"Accept": accept})
                assert root.status_code == 200
                assert "birch" not in root.text
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 200


class TestCors:
    ORIGIN = "https://desk.example"
    PREFLIGHT = {  # noqa: RUF012 (a constant)
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-switchboard-trace",
    }

    async def test_a_listed_origin_may_ask(self) -> None:
        async with open_client(cors_origins=[self.ORIGIN]) as client:
            preflight = await client.options("/graphql", headers=self.PREFLIGHT)
            headers = {"Origin": self.ORIGIN}
            answer = await client.post("/graphql", json=QUERY, headers=headers)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == self.ORIGIN
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"x-request-id", "retry-after", "allow"} <= set(exposed)
        assert "Origin" in answer.headers["vary"]
        assert "Accept" in answer.headers["vary"]

    async def test_what_answers_tell_in_headers_can_be_read_there(self) -> None:
        """Pages read files in parts, and by links."""
        asked = {"Origin": self.ORIGIN}
        async with open_client(cors_origins=[self.ORIGIN]) as client:
            file = await client.get("/v1/agents.csv?limit=1", headers=asked)
            part = await client.get("/v1/agents.csv", headers={**asked, "Range": "bytes=0-9"})
            begun = await client.get("/v1/agents.json?wait=0", headers=asked)
            rows = await client.get("/odata/agents", headers={**asked, "Prefer": "maxpagesize=1"})
        assert [one.status_code for one in (file, part, rows)] == [200, 206, 200]
        told = {name for one in (file, part, begun, rows) for name in one.headers}
        wanted = {"etag", "content-range", "link", "x-next-cursor", "x-sources", "x-request-id"}
        wanted |= {"content-disposition", "odata-version", "preference-applied"}
        assert wanted <= told
        exposed = file.headers["access-control-expose-headers"].split(", ")
        assert {*wanted, "location", "retry-after"} <= set(exposed)

    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
    async def test_a_page_may_ask_as_tools_do(self, method: str) -> None:
        sent = "authorization,if-none-match,if-match,if-range,range,cache-control,prefer,x-api-key"
        asked = {
            "Origin": self.ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": sent,
        }
        async with open_client(cors_origins=[self.ORIGIN]) as client:
            preflight = await client.options("/v1/agents.csv", headers=asked)
        assert preflight.status_code == 200, preflight.text
        assert method in preflight.headers["access-control-allow-methods"].split(", ")

    async def test_refusals_can_be_read_there_too(self) -> None:
        grove = Grove()
        settings = guarded(grove).model_copy(update={"cors_origins": (self.ORIGIN,)})
        async with open_client(grove, settings) as client:
            answer = await client.post("/graphql", json=QUERY, headers={"Origin": self.ORIGIN})
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == self.ORIGIN

    async def test_other_origins_may_not(self) -> None:
        async with open_client(cors_origins=["https://other.example"]) as client:
            preflight = await client.options("/graphql", headers=self.PREFLIGHT)
            headers = {"Origin": self.ORIGIN}
            answer = await client.post("/graphql", json=QUERY, headers=headers)
        assert preflight.status_code == 400
        assert "access-control-allow-origin" not in preflight.headers
        assert "access-control-allow-origin" not in answer.headers


class TestDoors:
    async def test_health(self) -> None:
        grove = Grove()
        async with open_client(grove, real_settings(grove, "a", "b")) as client:
            health = await client.get("/healthz")
            ready = await client.get("/readyz")
        assert health.json() == {"status": "ok"}
        assert ready.json() == {"status": "ready", "platforms": 2}
        assert ready.headers["cache-control"] == "no-store"

    async def test_before_the_platforms_are_open_it_is_not_ready(self) -> None:
        grove = Grove()
        async with open_app(grove, real_settings(grove)) as app:
            pass
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://g.test") as client:
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503

    async def test_the_root_tells_programs_what_there_is(self) -> None:
        async with open_client() as client:
            for headers in ({"Accept": "*/*"}, {"Accept": "application/json"}):
                answer = (await client.get("/", headers=headers)).json()
                assert answer["name"] == "Switchboard"
                assert answer["platforms"] == [
                    {
                        "key": "birch-fr",
                        "title": "birch-fr",
                        "vendor": "birch",
                        "capabilities": ["agents"],
                    }
                ]
                for link in answer["links"].values():
                    assert (await client.get(link)).status_code in {200, 400}

    @pytest.mark.parametrize("path", ["/nothing", "/static/nothing.js", "/static/"])
    async def test_what_is_not_there_is_404_and_json(self, path: str) -> None:
        async with open_client() as client:
            response = await client.get(path)
        assert response.status_code == 404
        assert response.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"

    async def test_other_methods_are_405_and_json(self) -> None:
        async with open_client() as client:
            response = await client.post("/healthz")
        assert response.status_code == 405
        assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
        assert "GET" in response.headers["allow"]

    async def test_files_do_not_lead_out_of_their_folder(self) -> None:
        async with open_client() as client:
            for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
                assert (await client.get(path)).status_code == 404

    async def test_hosts_can_be_restricted(self) -> None:
        async with open_client(trusted_hosts=["gateway.test"]) as client:
            assert (await client.get("/healthz")).status_code == 200
            wrong = await client.get("/healthz", headers={"Host": "evil.example"})
        assert wrong.status_code == 400

    @pytest.mark.parametrize("path", ["/", "/graphql?query={__typename}", "/healthz", "/nothing"])
    async def test_every_answer_is_kept_from_doing_harm(self, path: str) -> None:
        async with open_client() as client:
            headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-request-id"]


class TestLifespan:
    async def test_platforms_are_opened_once_and_closed(self) -> None:
        grove = Grove()
        async with open_app(grove, real_settings(grove, "a", "b")):
            assert (grove.opened, grove.closed) == (["a", "b"], [])
        assert sorted(grove.closed) == ["a", "b"]

    async def test_those_that_were_opened_are_closed_when_another_cannot_be(self) -> None:
        grove = Grove()
        grove.refuses_to_build = {"b"}
        with pytest.raises(ValueError, match="cannot be built"):
            async with open_app(grove, real_settings(grove, "a", "b")):
                pass
        assert grove.closed == ["a"]

    async def test_one_that_cannot_be_closed_does_not_keep_the_others(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        grove = Grove()
        grove.refuses_to_close = {"b"}
        async with open_app(grove, real_settings(grove, "a", "b", "c")):
            pass
        assert sorted(grove.closed) == ["a", "b", "c"]
        assert [vars(record)["platform"] for record in caplog.records] == ["b"]


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """The lines that were logged of requests."""
    records = [one for one in caplog.records if one.name == "switchboard.requests"]
    return [vars(record) for record in records]


class TestRequestLog:
    async def test_each_request_has_one_line(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        async with open_client() as client:
            query = {"query": "{agents{nodes{id}}}"}
            await client.get("/graphql?api_key=hunter2", params=query)
            await client.get("/nothing")
        first, second = lines(caplog)
        assert (first["method"], first["path"], first["status"]) == ("GET", "/graphql", 200)
        assert (first["key"], first["calls"]) == ("anonymous", 1)
        assert isinstance(first["milliseconds"], float)
        assert (second["path"], second["status"]) == ("/nothing", 404)
        assert "hunter2" not in str(first)

    @pytest.mark.parametrize("given", ["abc", "a" * 64, "0af7-651916cd43dd8448eb211c80319c:1.2"])
    async def test_a_sane_id_is_kept(self, given: str) -> None:
        async with open_client() as client:
            response = await client.get("/healthz", headers={"X-Request-Id": given})
        assert response.headers["x-request-id"] == given

    @pytest.mark.parametrize("given", ["", "a" * 65, "a b", "<script>", "ä"])
    async def test_another_is_replaced(self, given: str) -> None:
        async with open_client() as client:
            headers = [(b"x-request-id", given.encode())]
            answers = [await client.get("/healthz", headers=headers) for _ in range(2)]
        ids = {answer.headers["x-request-id"] for answer in answers}
        assert len(ids) == 2
        assert given not in ids

    async def test_what_breaks_is_answered_and_logged_once(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
            raise ValueError("secret of ours")

        transport = httpx.ASGITransport(RequestLog(broken))
        async with httpx.AsyncClient(transport=transport, base_url="http://g.test") as client:
            response = await client.get("/")
        assert response.status_code == 500
        (error,) = response.json()["errors"]
        assert error["message"] == "Something went wrong on our side."
        assert error["extensions"] == {
            "code": "INTERNAL_SERVER_ERROR",
            "requestId": response.headers["x-request-id"],
        }
        (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert record.exc_info is not None

    async def test_half_an_answer_is_not_made_to_look_whole(self) -> None:
        async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise ValueError("too late")

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request"}

        scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        with pytest.raises(ValueError, match="too late"):
            await RequestLog(broken)(scope, receive, send)
        assert [message["type"] for message in sent] == ["http.response.start"]


@pytest.mark.parametrize(("sandbox", "may"), [(False, False), (True, True)])
async def test_who_sends_no_key_changes_simulated_platforms_alone(sandbox: bool, may: bool) -> None:
    query = {"query": 'mutation { deleteTeam(ids: ["none"]) { results { __typename } } }'}
    async with open_client(sandbox=sandbox) as client:
        response = await client.post("/graphql", json=query)
    codes = [one["extensions"]["code"] for one in response.json().get("errors", ())]
    assert ("FORBIDDEN" in codes) is not may
