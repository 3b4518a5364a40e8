"""The page of examples/typescript, in a browser, over a gateway one of whose platforms breaks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.browser.chromium import INSTALL, Browser, chromium, missing
from tests.clients.example_page import PERSISTED, Page, built, built_without, free_port, served
from tests.e2e.accounts import origin_of, through, written
from tests.e2e.faulty import Fault, FaultProxy, running_proxies
from tests.e2e.running import Gateway, running_gateway, running_sandbox
from tests.node import packages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ASKED_AGAIN = {"presence": {"fresh": 0}}
FOLLOWED = {"every": 1}
DAYS = 14
WHOLE = {"indicator": "CONVERSATIONS_STARTED", "days": DAYS, "timeZone": "UTC"}


@dataclass(frozen=True)
class Running:
    """What the page is opened with."""

    gateway: Gateway
    address: str
    proxies: dict[str, FaultProxy]

    def ask(self, name: str, **variables: object) -> dict[str, Any]:
        """Ask one of the page's own documents: this gateway answers no others."""
        documents: dict[str, str] = orjson.loads(PERSISTED.read_bytes())
        (text,) = (text for text in documents.values() if text.startswith(f"query {name}"))
        return self.gateway.ask(text, variables).data


@pytest.fixture(scope="module")
def build() -> str:
    if programs := [*packages.missing(), *missing()]:
        message = f"not installed: {', '.join(programs)}; {packages.INSTALL}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    return built()


@pytest.fixture(scope="module")
def running(build: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    assert build
    folder = tmp_path_factory.mktemp
    port = free_port()
    with (
        served(port) as address,
        running_sandbox(folder("sandbox")) as tables,
        running_proxies() as proxies,
    ):
        fronts = {table["key"]: proxies.open(origin_of(table)) for table in tables}
        moved = [through(table, fronts[table["key"]].origin, table["key"]) for table in tables]
        file = written(
            moved,
            folder("page") / "settings.toml",
            cors_origins=[address],
            documents={"folder": str(PERSISTED.parent), "only_trusted": True},
            subscriptions=FOLLOWED,
            lifetimes=ASKED_AGAIN,
        )
        with running_gateway(file.parent, "--config", str(file)) as gateway:
            found = Running(gateway, address, fronts)
            # The simulators invent their past when they are first asked about it.
            assert found.ask("Daily", **WHOLE)["indicators"]["failures"] == []
            yield found


@pytest.fixture(scope="module")
def one_browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(running: Running, one_browser: Browser) -> Page:
    one_browser.forget(running.address)
    return Page(one_browser, running.address, running.gateway.origin)


def number(text: str) -> float | None:
    """Return the number that a cell shows; a dash is none."""
    return None if text == "–" else float(re.sub(r"[^\d.]", "", text))


def titles(running: Running) -> dict[str, str]:
    return {one["key"]: one["title"] for one in running.ask("Platforms")["platforms"]}


def observed(running: Running) -> str:
    """Return a platform that tells who is available."""
    platforms = running.ask("Platforms")["platforms"]
    return next(str(one["key"]) for one in platforms if "PRESENCE" in one["capabilities"])


def test_every_document_of_the_page_is_generated_with_its_digest(build: str) -> None:
    assert "tsc --noEmit" in build
    documents: dict[str, str] = orjson.loads(PERSISTED.read_bytes())

    assert sorted(text.split("(")[0].split(" {")[0] for text in documents.values()) == [
        "query Daily",
        "query Platforms",
        "subscription Availability",
    ]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in documents)


def test_what_is_no_longer_asked_for_is_a_mistake_to_the_types(build: str, tmp_path: Path) -> None:
    assert build

    done = built_without("        final\n", "daily.graphql", tmp_path)

    assert done.returncode != 0
    assert re.search(r"src/series\.ts.* error TS\d+: .*'final'", done.stdout)


def test_the_figures_are_those_of_the_gateway(page: Page, running: Running) -> None:
    rows = page.rows()
    zone = page.browser.run("return Intl.DateTimeFormat().resolvedOptions().timeZone")
    answer = running.ask("Daily", **{**WHOLE, "timeZone": zone})["indicators"]

    shown = {(one["platform"] or {"title": None})["title"]: one for one in answer["series"]}
    combined = shown.pop(None)
    assert rows.keys() == {*shown, f"All ({len(combined['platforms'])})"}
    for title, one in shown.items():
        assert len(rows[title]) == DAYS + 1
        # The last day is still under way.
        closed = [point["value"] for point in one["points"] if point["final"]]
        assert [number(cell) for cell in rows[title]][: len(closed)] == closed
        assert sum(closed) > 0


def test_agents_are_told_as_things_change(page: Page, running: Running) -> None:
    key = observed(running)
    proxy = running.proxies[key]
    healthy = page.await_card(key, failing=False)
    assert re.search(r"\d+ of [1-9]\d* available", healthy)
    page.browser.wait("return document.querySelector('#stream').textContent === 'live'")

    proxy.break_(Fault.REFUSED)
    try:
        broken = page.await_card(key, failing=True)
    finally:
        proxy.mend()

    assert "PLATFORM_" in broken
    others = {other: text for other, text in page.cards().items() if other != key}
    assert len(others) == 3
    assert not any("⚠" in text for text in others.values())
    assert "⚠" not in page.await_card(key, failing=False)


def test_a_platform_that_fails_is_named_and_costs_its_own_row(page: Page, running: Running) -> None:
    key = observed(running)
    title = titles(running)[key]
    assert title in page.rows()

    running.proxies[key].break_(Fault.UNAUTHORIZED)
    try:
        page.choose("Handling time")
        (trouble,) = page.troubles()
        rows = page.rows()
    finally:
        running.proxies[key].mend()

    assert trouble.startswith(f"⚠ {key}: its part is missing (PLATFORM_")
    measured = [name for name, cells in rows.items() if any(number(cell) for cell in cells)]
    assert title not in measured
    assert len(measured) >= 2


def test_what_is_not_chosen_is_not_asked(page: Page, running: Running) -> None:
    key, *others = titles(running).items()
    page.rows()

    page.platform(key[0])

    page.browser.wait(
        "return document.querySelector('#series').ariaBusy === 'false'"
        " && !document.querySelector('#series').textContent.includes(arguments[0])",
        key[1],
    )
    assert set(page.rows()) == {*(title for _, title in others), f"All ({len(others)})"}
    assert key[0] not in page.cards()


def test_nothing_but_the_page_and_the_gateway_is_asked(page: Page, running: Running) -> None:
    page.rows()

    allowed = (running.address, f"{running.gateway.origin}/graphql")
    asked = page.browser.requested()
    assert [one for one in asked if not one.startswith(allowed)] == []
    assert any(one.startswith(allowed[1]) for one in asked)
    assert page.browser.complaints() == []


def test_a_gateway_that_cannot_be_reached_is_said_to_be(
    running: Running, one_browser: Browser
) -> None:
    Page(one_browser, running.address, f"http://127.0.0.1:{free_port()}")

    assert one_browser.find("#trouble").text.startswith("⚠ ")


def test_a_gateway_that_knows_no_documents_is_sent_their_texts(
    running: Running, one_browser: Browser, tmp_path: Path
) -> None:
    file = written([], tmp_path / "settings.toml", cors_origins=[running.address])
    with running_gateway(tmp_path, "--sandbox", "--config", str(file)) as gateway:
        page = Page(one_browser, running.address, gateway.origin)

        assert len(page.rows()) >= 2
