from __future__ import annotations

import httpx
import pytest
from selenium.webdriver.common.keys import Keys
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ALL_THERE = "return !document.querySelector('[data-load]')"
FOCUSED = "return document.activeElement.textContent.trim().split('\\n')[0]"


@pytest.fixture
def page(browser: Browser, origin: str) -> Browser:
    browser.open(origin)
    browser.wait(ALL_THERE)
    return browser


def test_the_root_shows_how_each_platform_fares(page: Browser, origin: str) -> None:
    about = httpx.get(origin, trust_env=False).json()
    assert len(about["platforms"]) == 4

    rows = page.find_all(".platform")

    assert len(rows) == 4
    for platform, row in zip(about["platforms"], rows, strict=True):
        title, state, *_ = row.text.splitlines()
        assert title == platform["title"]
        # A busy machine makes its simulators slow.
        assert state in {"Answering", "Slow"}
        assert row.get_attribute("aria-busy") is None
        assert "Conversations started" in row.text
    assert page.complaints() == []
    assert page.requested_beyond(origin) == []


def test_each_chart_is_told_in_words_and_as_a_table(page: Browser) -> None:
    words = page.run("return [...document.querySelectorAll('.chart')].map((c) => c.ariaLabel)")
    tables = page.run("return [...document.querySelectorAll('.platform table')].length")

    assert len(words) >= 8
    assert all(" a day, " in each and ": from " in each for each in words)
    assert tables == 4


def test_every_link_of_the_root_leads_somewhere(page: Browser, origin: str) -> None:
    links = set(page.run("return [...document.querySelectorAll('a')].map((a) => a.href)"))
    assert {f"{origin}/graphql", f"{origin}/connect", f"{origin}/status"} < links

    for link in links:
        response = httpx.get(
            link, headers={"Accept": "text/html, */*;q=0.1"}, trust_env=False, timeout=60
        )
        assert response.status_code == 200, link


def test_the_root_leads_to_graphiql(page: Browser) -> None:
    page.find("a[href$='/graphql']").click()

    assert page.find(".graphiql-execute-button").is_displayed()


def test_the_keyboard_comes_to_the_content_first(page: Browser) -> None:
    page.find("body").send_keys(Keys.TAB)
    assert page.run(FOCUSED) == "Skip to the content"

    page.driver.switch_to.active_element.send_keys(Keys.ENTER)

    assert page.run("return document.activeElement.id") == "main"


class TestQuestions:
    def test_each_is_answered_in_its_place_by_one_click(self, page: Browser, origin: str) -> None:
        links = page.find_all("a[data-run]")
        assert len(links) == 6

        for link in links:
            words = str(page.run("return arguments[0].textContent", link)).partition(": ")[2]
            link.click()
            page.wait(
                "return document.querySelector('#answer h2')?.textContent === arguments[0]", words
            )
            # At night nobody is available: then the answer says so, and names its sources.
            assert page.find_all("#answer tbody tr, #answer > p + .quiet")
            assert page.run(FOCUSED) == words
        assert page.driver.current_url == f"{origin}/"
        assert page.complaints() == []

    def test_each_opens_in_graphiql(self, page: Browser) -> None:
        link = page.find("a[href*='example=agent-performance']")
        link.click()

        page.find(".graphiql-execute-button")
        page.wait(
            "return document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror"
            ".getValue().includes('query AgentPerformance')"
        )

    def test_the_gateway_may_be_gone(self, page: Browser) -> None:
        page.run("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))")

        page.find("a[data-run]").click()

        page.wait("return document.querySelector('#answer .problem')")
        assert page.find("#answer").text == "No answer now: Failed to fetch"


def test_a_platform_that_cannot_be_asked_says_so_in_its_own_place(
    browser: Browser, origin: str
) -> None:
    # Before any script of the page runs, one of its requests is made to fail.
    source = """
        const fetched = window.fetch;
        const breaks = (address) =>
          address.endsWith(document.querySelector("[data-load]")?.dataset.load);
        window.fetch = (address, ...rest) => breaks(address)
          ? Promise.reject(new TypeError("it broke")) : fetched(address, ...rest);
    """
    script = browser.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument", {"source": source}
    )
    try:
        browser.open(origin)
        browser.wait("return document.querySelectorAll('[aria-busy]').length === 0")
    finally:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    assert [one.text for one in browser.find_all(".problem .wait-words")] == [
        "No figures now: it broke"
    ]
    assert len(browser.find_all(".platform")) == 4
    assert len(browser.find_all(".chart")) >= 6
