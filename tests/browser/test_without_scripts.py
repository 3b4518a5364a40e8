"""The pages in a browser that runs no scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def plain(browser: Browser) -> Iterator[Browser]:
    browser.allow_scripts(allowed=False)
    yield browser
    browser.allow_scripts(allowed=True)


def test_what_each_platform_does_is_a_link_away(plain: Browser, origin: str) -> None:
    plain.open(origin)
    links = plain.find_all(".platform .waiting a")
    assert len(links) == 4

    links[0].click()

    assert plain.find_all(".platform .chart")


def test_a_question_is_answered_on_a_page_of_its_own(plain: Browser, origin: str) -> None:
    plain.open(origin)

    plain.find("a[data-run]").click()

    assert plain.find_all("#answer tbody tr")
    assert "/questions/" in plain.driver.current_url


def test_every_snippet_can_be_read(plain: Browser, origin: str) -> None:
    plain.open(f"{origin}/connect")

    assert len(plain.find_all("pre code")) > 15
    assert all(one.text for one in plain.find_all("pre code"))
    assert plain.find("#powerbi a[download]").is_displayed()
    # What would do nothing is not there.
    assert plain.driver.find_elements(By.CSS_SELECTOR, "main button") == []


def test_the_status_renews_itself_and_folds(plain: Browser, origin: str) -> None:
    plain.open(f"{origin}/status")

    renewed = plain.driver.find_element(By.CSS_SELECTOR, "noscript meta[http-equiv=refresh]")
    assert renewed.get_attribute("content") == "15"
    assert [one.text for one in plain.find_all("button, summary") if "refresh" in one.text] == []
    plain.find("summary").click()
    assert plain.find("details dl").is_displayed()
