from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client, real_settings

from gateway.security.keys import hash_of

BROWSER = {"Accept": "text/html"}
PAGES = ("/", "/connect", "/status", "/figures/birch-fr", "/questions/available-now")
WITH_KEY = {**BROWSER, "Authorization": "Bearer seen"}


def locked(grove: Grove, **fields: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:  # noqa: ANN401 (any field)
    """A gateway over two platforms that asks for the key `seen`."""
    key = {"name": "reader", "hash": hash_of("seen"), "scopes": ["read"], **fields}
    settings = real_settings(grove, "birch-fr", "birch-uk", require_api_key=True, api_keys=[key])
    return open_client(grove, settings)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_its_landmarks(path: str) -> None:
    async with open_client() as client:
        response = await client.get(path, headers=BROWSER)

    assert response.status_code == 200
    assert response.text.startswith('<!doctype html>\n<html lang="en">')
    assert response.text.count("<h1") == 1
    for landmark in ("<header>", "<nav ", "<main ", "<footer>", 'href="#main"'):
        assert landmark in response.text


@pytest.mark.parametrize("path", ["/connect", "/status"])
async def test_a_page_says_which_one_it_is(path: str) -> None:
    async with open_client(root_path="/gateway") as client:
        text = (await client.get(f"/gateway{path}", headers=BROWSER)).text

    assert f'<a href="/gateway{path}" aria-current="page">' in text
    assert text.count("aria-current") == 1


async def test_the_first_page_waits_for_no_platform() -> None:
    grove = Grove()
    grove.gate = asyncio.Event()
    async with open_client(grove) as client:
        text = (await client.get("/", headers=BROWSER)).text

        assert 'data-load="/figures/birch-fr"' in text
        assert "Waiting for birch-fr" in text
        assert "Not asked yet" in text
        assert not grove.reached.is_set()


async def test_a_program_is_told_where_all_is() -> None:
    async with open_client(root_path="/gateway") as client:
        about = (await client.get("/gateway/")).json()

    assert [one["key"] for one in about["platforms"]] == ["birch-fr"]
    assert about["links"]["status.json"] == "/gateway/status.json"
    assert about["links"]["odata/"] == "/gateway/odata/"


async def test_a_program_finds_every_door_by_the_links() -> None:
    async with open_client() as client:
        links = (await client.get("/")).json()["links"]
        answers = {name: await client.get(link) for name, link in links.items()}

    assert {"graphql", "v1/", "odata/", "q/", "connect", "status", "metrics"} < set(links)
    # Who asks GraphQL nothing is told how to ask.
    assert answers.pop("graphql").status_code == 400
    assert {answer.status_code for answer in answers.values()} == {200}


async def test_metrics_that_are_hidden_are_not_linked() -> None:
    async with open_client(metrics="off") as client:
        links = (await client.get("/")).json()["links"]

    assert "metrics" not in links


@pytest.mark.parametrize("path", ["/nothing", "/connect/nothing", "/static/nothing.css"])
async def test_where_nothing_is_a_browser_is_led_back(path: str) -> None:
    async with open_client(root_path="/gateway") as client:
        page = await client.get(f"/gateway{path}", headers=BROWSER)
        told = await client.get(f"/gateway{path}")

    assert (page.status_code, told.status_code) == (404, 404)
    assert "<h1>There is nothing here.</h1>" in page.text
    assert '<a href="/gateway/">To the overview</a>' in page.text
    assert told.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


class TestWithoutAKey:
    async def test_the_first_page_says_what_to_do_and_shows_no_platform(self) -> None:
        async with locked(Grove()) as client:
            response = await client.get("/", headers=BROWSER)
            about = (await client.get("/")).json()

        assert response.status_code == 200
        assert "This gateway asks for a key" in response.text
        assert "data-key-wanted" in response.text
        assert "birch" not in response.text.lower()
        assert about["platforms"] == []

    @pytest.mark.parametrize("path", [path for path in PAGES if path not in {"/", "/connect"}])
    async def test_other_pages_are_refused_and_ask_for_it(self, path: str) -> None:
        grove = Grove()
        async with locked(grove) as client:
            response = await client.get(path, headers=BROWSER)

        assert response.status_code == 401
        assert "data-key-wanted" in response.text
        assert "birch" not in response.text.replace(path, "").lower()
        # A challenge to Basic would have the browser ask, over the page that asks.
        assert response.headers["www-authenticate"] == "Bearer"
        assert not grove.reached.is_set()

    async def test_a_program_is_refused_as_everywhere(self) -> None:
        async with locked(Grove()) as client:
            response = await client.get("/figures/birch-fr")

        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    async def test_a_wrong_one_is_not_taken(self) -> None:
        async with locked(Grove()) as client:
            wrong = {**BROWSER, "Authorization": "Bearer guessed"}
            response = await client.get("/status", headers=wrong)

        assert response.status_code == 401
        assert "This key is not known here." in response.text
        assert "guessed" not in response.text

    async def test_how_to_connect_is_no_secret(self) -> None:
        async with locked(Grove()) as client:
            text = (await client.get("/connect", headers=BROWSER)).text

        assert "Authorization: Bearer YOUR-KEY" in text
        assert "birch" not in text.lower()


class TestWithAKey:
    async def test_its_platforms_are_shown_and_no_others(self) -> None:
        async with locked(Grove(), platforms=["birch-uk"]) as client:
            for path in ("/", "/status"):
                text = (await client.get(path, headers=WITH_KEY)).text
                assert "birch-uk" in text
                assert "birch-fr" not in text
            assert (await client.get("/figures/birch-uk", headers=WITH_KEY)).status_code == 200
            hidden = await client.get("/figures/birch-fr", headers=WITH_KEY)
            unknown = await client.get("/figures/elsewhere", headers=WITH_KEY)

        assert hidden.status_code == unknown.status_code == 404
        assert hidden.text == unknown.text

    async def test_no_page_holds_it(self) -> None:
        async with locked(Grove()) as client:
            for path in PAGES:
                response = await client.get(path, headers={**BROWSER, "X-API-Key": "seen"})
                assert response.status_code == 200
                assert "seen" not in response.text.replace("be seen", "")


class TestStatus:
    async def test_a_platform_that_was_not_asked_is_said_to_be_so(self) -> None:
        async with open_client() as client:
            text = (await client.get("/status", headers=BROWSER)).text

        assert "No platform has been asked yet" in text
        assert '<noscript><meta http-equiv="refresh"' in text

    async def test_no_platform_is_asked_for_it(self) -> None:
        grove = Grove()
        async with open_client(grove) as client:
            await client.get("/status", headers=BROWSER)

        assert not grove.reached.is_set()


class TestQuestions:
    async def test_an_answer_is_a_table(self) -> None:
        async with open_client() as client:
            text = (await client.get("/questions/available-now", headers=BROWSER)).text

        assert "Who can take a conversation now?" in text
        assert "birch-fr: " in text

    async def test_there_are_no_others(self) -> None:
        async with open_client() as client:
            response = await client.get("/questions/first-look", headers=BROWSER)

        assert response.status_code == 404
        assert "There is no such question here." in response.text
