from __future__ import annotations

import pytest
from tests.browser.axe import GRAVE, findings
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = ("/", "/connect", "/status", "/questions/volume-by-month", "/figures/none")
PAGE_WIDTH = "return document.scrollingElement.scrollWidth"
# What React draws for GraphiQL's tabs and its editors' scrolling is GraphiQL's own.
OF_GRAPHIQL = {"aria-required-children", "nested-interactive", "scrollable-region-focusable"}

screens = pytest.mark.parametrize("width", [1280, 360])
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


def opened(browser: Browser, address: str, scheme: str, width: int) -> None:
    browser.prefer(scheme)
    browser.resize(width, 800, mobile=width < 500)
    browser.open(address)
    browser.wait("return !document.querySelector('[data-load]')")


@screens
@schemes
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody(
    browser: Browser, origin: str, path: str, scheme: str, width: int
) -> None:
    opened(browser, f"{origin}{path}", scheme, width)
    if path == "/":
        browser.find("a[data-run]").click()
        browser.find("#answer table")
        browser.run("document.querySelectorAll('details').forEach((one) => (one.open = true))")

    assert findings(browser) == []
    assert browser.run(PAGE_WIDTH) <= width
    assert [one for one in browser.complaints() if "404" not in one] == []


@schemes
def test_graphiql_is_so_as_far_as_it_is_ours(browser: Browser, origin: str, scheme: str) -> None:
    opened(browser, f"{origin}/graphql", scheme, 1280)
    browser.find(".graphiql-execute-button")
    browser.wait("return document.querySelectorAll('textarea:not([aria-label])').length === 0")

    grave = {(rule, place) for rule, impact, place in findings(browser) if impact in GRAVE}

    assert {one for one in grave if one[0] not in OF_GRAPHIQL} == set()


def test_what_is_wrong_would_be_found(browser: Browser, origin: str) -> None:
    browser.open(f"{origin}/status")
    browser.run("document.querySelector('h1').innerHTML = '<img src=x>'")

    assert ("image-alt", "critical") in {(rule, impact) for rule, impact, _ in findings(browser)}
