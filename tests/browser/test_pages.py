"""The pages about tools and status, and what they do with a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from tests.browser.chromium import Browser
from tests.browser.serving import gateway

from gateway.security.keys import hash_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEY = "a-key-of-the-tests"
KEPT = "return sessionStorage.getItem('switchboard-key')"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("locked")
    settings = folder / "switchboard.toml"
    settings.write_text(
        f'require_api_key = true\n[[api_keys]]\nname = "a"\nhash = "{hash_of(KEY)}"\n'
    )
    with gateway("--config", str(settings)) as address:
        yield address


class TestStatus:
    def test_it_is_renewed_and_what_is_open_stays_open(self, browser: Browser, origin: str) -> None:
        browser.open(f"{origin}/status")
        browser.run(
            "document.querySelector('details').open = true;"
            "document.querySelector('#at').dataset.old = 'yes'"
        )

        browser.wait("return !document.querySelector('#at').dataset.old")

        assert browser.run("return document.querySelector('details').open")
        assert len(browser.find_all(".statuses article")) == 4
        assert browser.complaints() == []

    def test_it_can_be_stopped(self, browser: Browser, origin: str) -> None:
        browser.open(f"{origin}/status")

        browser.find("#pause").click()

        assert browser.find("#pause").text == "Refresh again"

    def test_a_state_is_a_shape_and_a_word_too(self, browser: Browser, origin: str) -> None:
        browser.open(f"{origin}/status")

        for state in browser.find_all(".state"):
            assert state.text
            assert state.find_elements(By.CSS_SELECTOR, "svg > *")


class TestConnect:
    def test_a_snippet_is_copied_whole(self, browser: Browser, origin: str) -> None:
        browser.open(f"{origin}/connect")
        browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")

        browser.find("#curl .copy").click()

        assert browser.run("return window.copied").startswith("curl -fsS -o indicators.csv")
        browser.wait("return document.querySelector('#curl .copy').textContent === 'Copied'")

    def test_the_list_leads_to_each_tool(self, browser: Browser, origin: str) -> None:
        browser.open(f"{origin}/connect")
        links = browser.find_all(".contents a")
        assert len(links) > 10

        for link in links:
            place = str(link.get_attribute("href")).partition("#")[2]
            assert browser.find(f"#{place} h2").text == link.text

    def test_power_bi_is_given_a_file(self, browser: Browser, origin: str) -> None:
        browser.open(f"{origin}/connect")

        link = browser.find("#powerbi a[download]")

        assert link.get_attribute("href") == f"{origin}/connect/switchboard.pbids"
        assert link.text == "switchboard.pbids"


class TestKey:
    @pytest.fixture
    def page(self, browser: Browser, locked: str) -> Browser:
        browser.forget(locked)
        browser.open(locked)
        return browser

    def enter(self, page: Browser, key: str) -> None:
        field = page.find("#key")
        field.clear()
        field.send_keys(key)
        page.find("#key-form button").click()

    def test_without_one_nothing_is_shown_and_nothing_asked(self, page: Browser) -> None:
        assert page.find("h1").text == "This gateway asks for a key"
        assert page.driver.find_elements(By.CSS_SELECTOR, ".platform") == []

    def test_with_it_all_is_shown_and_it_stays_in_the_tab(self, page: Browser, locked: str) -> None:
        self.enter(page, KEY)
        page.wait("return document.querySelectorAll('.chart').length > 7")
        assert page.run(KEPT) == KEY
        assert page.run("return JSON.stringify(localStorage) + document.cookie") == "{}"
        assert KEY not in page.driver.page_source

        page.open(f"{locked}/status")
        assert len(page.find_all(".statuses article")) == 4

        page.find("#forget").click()
        assert page.find("h1").text == "This gateway asks for a key"
        assert page.run(KEPT) is None

    def test_a_wrong_one_is_refused_and_not_kept(self, page: Browser) -> None:
        self.enter(page, "guessed")

        page.wait("return document.querySelector('#key-problem').textContent")
        assert page.find("#key-problem").text.startswith("This key is not known here.")
        assert page.run(KEPT) is None

    def test_graphiql_takes_it_too(self, page: Browser, locked: str) -> None:
        self.enter(page, KEY)
        page.wait("return document.querySelectorAll('.chart').length > 7")

        page.open(f"{locked}/graphql")

        page.find(".graphiql-execute-button")
        page.wait(
            "return [...document.querySelectorAll('.CodeMirror')]"
            ".some((one) => one.CodeMirror.getValue().includes(arguments[0]))",
            KEY,
        )
        assert KEY not in page.run("return JSON.stringify(localStorage)")
