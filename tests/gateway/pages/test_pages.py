from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest
from graphql import parse, validate
from tests.gateway.fakes import Grove
from tests.gateway.serving import open_client, real_settings

from gateway.configuration.settings import LimitSettings
from gateway.graphql.negotiation import prefers_html
from gateway.pages import EXAMPLES, example
from gateway.pages.examples import QUESTIONS
from gateway.security.limits import document_limits
from schema import build_schema

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ROOT = Path(__file__).parents[3]


class Page(HTMLParser):
    """What a browser would load, and run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: dict[str, str | None] = {}
        self.data: dict[str, str | None] = {}
        self.inline: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._script = tag == "script"
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" else []
        if address := found.get("src") or (tag == "link" and found.get("href")):
            self.loaded[address] = found.get("integrity")
        self.data.update({name: value for name, value in found.items() if name[:5] == "data-"})

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._script = self._script and tag != "script"


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("text/html, application/json", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/json, text/html;q=0.9", False),
        ("application/graphql-response+json, text/html;q=0.5", False),
        ("text/html;q=0", False),
        ("text/*", False),
        ("text/html;q=x", False),
    ],
)
def test_a_page_is_for_those_who_ask_for_one(accept: str, html: bool) -> None:
    assert prefers_html(accept) is html


@pytest.mark.parametrize("path", ["/graphql", "/", "/connect", "/status", "/figures/birch-fr"])
@pytest.mark.parametrize("root_path", ["", "/gateway"])
async def test_a_page_needs_this_server_alone(path: str, root_path: str) -> None:
    async with open_client(root_path=root_path) as client:
        response = await client.get(f"{root_path}{path}", headers=BROWSER)
        page = Page(response.text)
        assert response.headers["content-type"].startswith("text/html")
        assert response.headers["content-security-policy"].startswith("default-src 'self'")
        assert "unsafe" not in response.headers["content-security-policy"]
        assert page.loaded
        assert page.inline == []
        assert not re.search(r"\{\{|\{%|Undefined", response.text)
        for address, integrity in page.loaded.items():
            assert address.startswith(f"{root_path}/static/")
            file = await client.get(address)
            assert file.status_code == 200
            digest = base64.b64encode(hashlib.sha384(file.content).digest()).decode()
            assert integrity in {None, f"sha384-{digest}"}
            assert (integrity is None) == ("/graphiql/" not in address)


async def test_graphiql_opens_on_the_examples() -> None:
    async with open_client() as client:
        page = Page((await client.get("/graphql", headers=BROWSER)).text)
    assert page.data["data-endpoint"] == "/graphql"
    examples = page.data["data-examples"]
    assert examples is not None
    assert examples.startswith('["')
    assert page.data["data-headers"] == ""
    variables = orjson.loads(page.data["data-variables"] or "")
    assert len(variables) == len(orjson.loads(examples)) == len(EXAMPLES)
    assert variables[EXAMPLES.index("rehearse-a-new-team")].startswith("{")


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("available-now", "available-now"),
        ("agent-performance", "agent-performance"),
        ("2", EXAMPLES[2]),
        ("../secret", EXAMPLES[0]),
        ("99", EXAMPLES[0]),
        # More digits than Python makes a number of.
        pytest.param("9" * 5000, EXAMPLES[0], id="endless"),
    ],
)
async def test_an_address_brings_an_example_to_the_front(asked: str, first: str) -> None:
    async with open_client() as client:
        response = await client.get("/graphql", params={"example": asked}, headers=BROWSER)
    page = Page(response.text)
    assert orjson.loads(page.data["data-examples"] or "")[0] == example(first)
    assert bool(page.data["data-asked"]) is (first != EXAMPLES[0])


async def test_graphiql_needs_no_key_but_leaves_room_for_one() -> None:
    grove = Grove()
    settings = real_settings(
        grove, require_api_key=True, api_keys=[{"name": "a", "hash": "0" * 64}]
    )
    async with open_client(grove, settings) as client:
        response = await client.get("/graphql", headers=BROWSER)
    assert response.status_code == 200
    headers = Page(response.text).data["data-headers"]
    assert headers is not None
    assert "Bearer" in headers


async def test_graphiql_can_be_switched_off() -> None:
    async with open_client(graphiql=False) as client:
        response = await client.get("/graphql", headers=BROWSER)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"


async def test_what_settings_say_is_text_on_the_page() -> None:
    grove = Grove()
    (account,) = real_settings(grove).platforms
    hostile = account.model_copy(update={"title": "<script>alert(1)</script>"})
    settings = real_settings(grove).model_copy(update={"platforms": (hostile,)})
    async with open_client(grove, settings) as client:
        response = await client.get("/", headers={**BROWSER, "Host": "g.test'\"><b>"})
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;" in response.text
    assert "<b>" not in response.text


@pytest.mark.parametrize("name", sorted({*EXAMPLES, *(one.name for one in QUESTIONS)}))
def test_examples_that_are_shown_fit_the_schema_and_the_limits(name: str) -> None:
    limits = LimitSettings()
    schema = build_schema(
        document_limits(
            depth=limits.depth,
            aliases=limits.aliases,
            tokens=limits.tokens,
            introspection=True,
        )
    )
    document = parse(example(name), max_tokens=limits.tokens)
    assert validate(schema._schema, document) == []  # noqa: SLF001 (the library's way to it)
