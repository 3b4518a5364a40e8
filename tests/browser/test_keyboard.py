"""The pages by keyboard alone: all that can be used is come to, in order, and seen to be so."""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = ("/connect", "/status", "/questions/volume-by-month")
USABLE = """
const all = document.querySelectorAll("a[href], button, summary, input, [tabindex='0']");
return [...all].filter((one) => one.checkVisibility());
"""
FOCUSED = """
const one = document.activeElement;
const box = one.getBoundingClientRect();
const style = getComputedStyle(one);
return {
  one,
  in_view: box.width > 0 && box.top < innerHeight && box.bottom > 0
    && box.left < innerWidth && box.right > 0,
  outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
};
"""


@pytest.fixture(params=PAGES)
def page(browser: Browser, origin: str, request: pytest.FixtureRequest) -> Browser:
    browser.open(f"{origin}{request.param}")
    if browser.driver.find_elements("id", "pause"):
        # Nothing is to be renewed while it is looked at.
        browser.find("#pause").click()
        browser.run("document.activeElement.blur(); getSelection().removeAllRanges()")
        browser.run("document.body.tabIndex = -1; document.body.focus()")
    return browser


def pressed(page: Browser, key: str) -> dict[str, Any]:
    """Press the key where the focus is, and return where it is then."""
    page.driver.switch_to.active_element.send_keys(key)
    focused: dict[str, Any] = page.run(FOCUSED)
    return focused


def test_the_content_comes_first(page: Browser) -> None:
    first = pressed(page, Keys.TAB)
    assert first["one"].text == "Skip to the content"
    assert first["in_view"]

    assert pressed(page, Keys.ENTER)["one"].get_attribute("id") == "main"

    (_skip, *usable) = page.run(USABLE)
    inside = [one for one in usable if page.run("return !!arguments[0].closest('main')", one)]
    assert pressed(page, Keys.TAB)["one"] == inside[0]


def test_all_is_come_to_in_order_and_is_seen_to_be(page: Browser) -> None:
    usable = page.run(USABLE)
    assert len(usable) > 8

    for one in usable:
        focused = pressed(page, Keys.TAB)
        told = one.get_attribute("outerHTML")
        assert focused["one"] == one, told
        assert focused["in_view"], told
        assert focused["outline"] >= 2, told


def test_what_is_folded_opens(browser: Browser, origin: str) -> None:
    browser.open(f"{origin}/status")
    summary = browser.find("summary")

    summary.send_keys(Keys.ENTER)

    assert browser.find("details dl").is_displayed()
