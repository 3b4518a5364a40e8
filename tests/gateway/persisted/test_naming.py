"""Documents that are named instead of being sent, over every door that takes operations."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client, real_settings
from tests.gateway.staffed import Staff, serving, socket

from gateway.app import create_app
from gateway.configuration.complaints import ConfigurationError
from gateway.persisted.trusted import digest_of
from gateway.security.keys import hash_of

GRAPHQL_RESPONSE = "application/graphql-response+json"
TEXT = "query K($only:[String!]){platforms(only:$only){key}}"
DIGEST = digest_of(TEXT)
MUTATION = "mutation{__typename}"
Ask = Callable[..., Awaitable[httpx.Response]]
KEYS = {"data": {"platforms": [{"key": "birch-fr"}]}}
ASKED = {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as client:
        yield client


def code(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    return str(error["extensions"]["code"])


async def get(client: httpx.AsyncClient, accept: str = "*/*", **params: Any) -> httpx.Response:  # noqa: ANN401 (as sent)
    sent = {k: v if isinstance(v, str) else orjson.dumps(v).decode() for k, v in params.items()}
    return await client.get("/graphql", params=sent, headers={"Accept": accept})


async def post(client: httpx.AsyncClient, accept: str = "*/*", **body: Any) -> httpx.Response:  # noqa: ANN401 (as sent)
    return await client.post("/graphql", json=body, headers={"Accept": accept})


class TestRegistering:
    @pytest.mark.parametrize("first", [get, post])
    @pytest.mark.parametrize("then", [get, post])
    async def test_a_document_is_sent_once(
        self,
        client: httpx.AsyncClient,
        first: Ask,
        then: Ask,
    ) -> None:
        unknown = await then(client, extensions=ASKED)
        assert (unknown.status_code, code(unknown)) == (200, "PERSISTED_QUERY_NOT_FOUND")
        assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        assert unknown.headers["cache-control"] == "no-store"
        assert (await first(client, query=TEXT, extensions=ASKED)).json() == KEYS
        assert (await then(client, extensions=ASKED)).json() == KEYS
        named = await then(client, extensions=ASKED, variables={"only": []})
        assert named.json() == {"data": {"platforms": []}}

    async def test_the_status_of_graphqls_own_media_type(self, client: httpx.AsyncClient) -> None:
        unknown = await post(client, GRAPHQL_RESPONSE, extensions=ASKED)
        assert (unknown.status_code, code(unknown)) == (404, "PERSISTED_QUERY_NOT_FOUND")
        assert unknown.headers["content-type"] == GRAPHQL_RESPONSE

    async def test_digits_of_a_digest_may_be_large(self, client: httpx.AsyncClient) -> None:
        large = {"persistedQuery": {"version": 1, "sha256Hash": DIGEST.upper()}}
        assert (await post(client, query=TEXT, extensions=large)).json() == KEYS
        for extensions in (ASKED, large):
            assert (await get(client, extensions=extensions)).json() == KEYS
        assert (await get(client, documentId=f"sha256:{DIGEST.upper()}")).json() == KEYS

    async def test_what_is_registered_has_an_id(self, client: httpx.AsyncClient) -> None:
        await post(client, query=TEXT, extensions=ASKED)
        for name in (f"sha256:{DIGEST}", DIGEST):
            assert (await get(client, documentId=name)).json() == KEYS
            assert (await post(client, documentId=name)).json() == KEYS

    async def test_another_text_is_refused(self, client: httpx.AsyncClient) -> None:
        other = await post(client, query="{__typename}", extensions=ASKED)
        assert (other.status_code, code(other)) == (400, "BAD_USER_INPUT")
        assert code(await post(client, extensions=ASKED)) == "PERSISTED_QUERY_NOT_FOUND"

    @pytest.mark.parametrize("text", ["{", "{nothing}", "{a{b{c}}}", "{__typename " * 400])
    async def test_only_what_is_good_is_kept(self, client: httpx.AsyncClient, text: str) -> None:
        asked = {"persistedQuery": {"version": 1, "sha256Hash": digest_of(text)}}
        assert "errors" in (await post(client, query=text, extensions=asked)).json()
        assert code(await post(client, extensions=asked)) == "PERSISTED_QUERY_NOT_FOUND"

    async def test_a_wrong_variable_does_not_keep_it_from_being_kept(
        self, client: httpx.AsyncClient
    ) -> None:
        refused = await post(client, query=TEXT, extensions=ASKED, variables={"only": 5})
        assert code(refused) == "BAD_USER_INPUT"
        assert (await post(client, extensions=ASKED)).json() == KEYS

    @pytest.mark.parametrize(
        "said",
        [
            5,
            {},
            {"version": 2, "sha256Hash": DIGEST},
            {"version": 1},
            {"version": 1, "sha256Hash": 5},
            {"version": 1, "sha256Hash": f"{DIGEST[1:]}g"},
            {"version": 1, "sha256Hash": DIGEST[1:]},
        ],
    )
    async def test_what_cannot_be_read(self, client: httpx.AsyncClient, said: object) -> None:
        response = await post(client, query=TEXT, extensions={"persistedQuery": said})
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")

    async def test_a_key_finds_what_it_has_registered_itself(self) -> None:
        keys = [{"name": name, "hash": hash_of(f"key of {name}")} for name in ("ana", "ben")]
        async with open_client(require_api_key=True, api_keys=keys) as client:
            client.headers["x-api-key"] = "key of ana"
            await post(client, query=TEXT, extensions=ASKED)
            assert (await post(client, extensions=ASKED)).json() == KEYS
            client.headers["x-api-key"] = "key of ben"
            assert code(await post(client, extensions=ASKED)) == "PERSISTED_QUERY_NOT_FOUND"

    async def test_it_can_be_switched_off(self) -> None:
        async with open_client(documents={"registering": False}) as client:
            refused = await post(client, extensions=ASKED)
            assert refused.json()["errors"][0]["message"] == "PersistedQueryNotSupported"
            assert code(refused) == "PERSISTED_QUERY_NOT_SUPPORTED"
            assert (await post(client, query=TEXT, extensions=ASKED)).json() == KEYS


async def test_sockets_and_events_name_documents_too() -> None:
    told = {"data": {"platforms": [{"key": "oak"}]}}
    async with serving(Staff()) as house, socket(house, {}) as one:
        assert await one.hear() == {"type": "connection_ack"}
        for name, payload, answer in (
            ("1", {"extensions": ASKED}, "PERSISTED_QUERY_NOT_FOUND"),
            ("2", {"query": TEXT, "extensions": ASKED}, told),
            ("3", {"extensions": ASKED}, told),
            ("4", {"documentId": DIGEST}, told),
            ("5", {"documentId": "other"}, "PERSISTED_DOCUMENT_NOT_FOUND"),
        ):
            await one.say("subscribe", id=name, payload=payload)
            heard = await one.hear()
            if isinstance(answer, str):
                assert heard["type"] == "error"
                assert heard["payload"][0]["extensions"]["code"] == answer
            else:
                assert (heard["type"], heard["payload"]) == ("next", answer)
                assert await one.hear() == {"type": "complete", "id": name}
        async with httpx.AsyncClient(base_url=house.address) as client:
            for ask in (get, post):
                events = await ask(client, "text/event-stream", documentId=DIGEST)
                assert "event: next\ndata: " + orjson.dumps(told).decode() in events.text


class TestSafety:
    async def test_what_is_named_by_get_only_reads(self, client: httpx.AsyncClient) -> None:
        digest = digest_of(MUTATION)
        asked = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
        unknown = await get(client, query=MUTATION, extensions=asked)
        assert (unknown.status_code, unknown.headers["allow"]) == (405, "POST")
        assert (await post(client, query=MUTATION, extensions=asked)).status_code == 200
        for named in ({"extensions": asked}, {"documentId": digest}):
            refused = await get(client, **named)
            assert (refused.status_code, code(refused)) == (405, "METHOD_NOT_ALLOWED")
            assert (await post(client, **named)).json() == {"data": {"__typename": "Mutation"}}

    @pytest.mark.parametrize(
        "body",
        [
            {"documentId": DIGEST, "query": TEXT},
            {"documentId": DIGEST, "extensions": ASKED},
            {"documentId": 5},
            {"documentId": ""},
        ],
    )
    async def test_an_id_stands_alone(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        response = await post(client, **body)
        assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")

    async def test_an_unknown_id(self, client: httpx.AsyncClient) -> None:
        for ask in (get, post):
            response = await ask(client, documentId="sha256:" + "0" * 64)
            assert (response.status_code, code(response)) == (404, "PERSISTED_DOCUMENT_NOT_FOUND")

    async def test_a_browser_that_names_a_document_is_answered(
        self, client: httpx.AsyncClient
    ) -> None:
        await post(client, query=TEXT, extensions=ASKED)
        assert (await get(client, "text/html", documentId=DIGEST)).json() == KEYS
        assert (await get(client, "text/html", extensions=ASKED)).json() == KEYS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keys.graphql").write_text(f"{TEXT}\n", encoding="utf-8")
    relay = {hashlib.md5(MUTATION.encode(), usedforsecurity=False).hexdigest(): MUTATION}
    (tmp_path / "relay.json").write_bytes(orjson.dumps(relay))
    return tmp_path


class TestTrusted:
    async def test_they_are_known_by_their_ids(self, folder: Path) -> None:
        async with open_client(documents={"folder": folder}) as client:
            for name in ("keys", DIGEST, f"sha256:{DIGEST}"):
                assert (await get(client, documentId=name)).json() == KEYS
            assert (await get(client, extensions=ASKED)).json() == KEYS
            assert (await post(client, query="{__typename}")).status_code == 200

    async def test_nothing_else_is_answered_where_it_is_so_set(self, folder: Path) -> None:
        settings = {"folder": folder, "only_trusted": True}
        async with open_client(documents=settings) as client:
            assert (await get(client, documentId="keys")).json() == KEYS
            assert (await post(client, query=TEXT)).json() == KEYS
            asked = {"persistedQuery": {"version": 1, "sha256Hash": digest_of("{__typename}")}}
            for refused in (
                await post(client, query="{__typename}"),
                await post(client, query="{__schema{queryType{name}}}"),
                await post(client, query="{__typename}", extensions=asked),
                await post(client, extensions=asked),
                await get(client, documentId="other"),
                await get(client, "text/event-stream", query="{__typename}"),
            ):
                assert (refused.status_code, code(refused)) == (403, "DOCUMENT_NOT_TRUSTED")

    async def test_the_page_for_browsers_says_so(self, folder: Path) -> None:
        settings = {"folder": folder, "only_trusted": True}
        async with open_client(documents=settings) as client:
            page = await client.get("/graphql", headers={"Accept": "text/html"})
            assert page.headers["content-type"].startswith("text/html")
            assert "Only trusted documents are answered here" in page.text
        async with open_client(documents={"folder": folder}) as client:
            page = await client.get("/graphql", headers={"Accept": "text/html"})
            assert "Only trusted documents" not in page.text

    async def test_what_cannot_be_read_keeps_the_gateway_from_starting(self, folder: Path) -> None:
        (folder / "bad.graphql").write_text("{", encoding="utf-8")
        grove = Grove()
        settings = real_settings(grove, documents={"folder": folder})
        with pytest.raises(ConfigurationError, match=r"bad\.graphql"):
            create_app(settings, specs=grove.specs())

    async def test_one_that_does_not_fit_is_logged(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (folder / "old.graphql").write_text("{ forgotten }", encoding="utf-8")
        async with open_client(documents={"folder": folder}) as client:
            refused = await get(client, documentId="old")
            assert code(refused) == "GRAPHQL_VALIDATION_FAILED"
        (line,) = [one for one in caplog.records if one.name == "switchboard.documents"]
        assert vars(line)["document"] == "old"
        assert "forgotten" in vars(line)["errors"][0]

    def test_the_folder_must_be_there(self, tmp_path: Path) -> None:
        for documents in ({"only_trusted": True}, {"folder": tmp_path / "nowhere"}):
            settings = real_settings(Grove(), documents=documents)
            assert "documents.folder" in " ".join(settings.complaints())
