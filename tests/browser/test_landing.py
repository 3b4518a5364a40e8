from __future__ import annotations

import httpx
import pytest
from tests.browser.chromium import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_root_shows_the_platforms(browser: Browser, origin: str) -> None:
    about = httpx.get(origin, trust_env=False).json()
    assert len(about["platforms"]) == 4

    browser.open(origin)

    rows = [row.text for row in browser.find_all("tr:has(td)")]
    assert len(rows) == 4
    for platform, row in zip(about["platforms"], rows, strict=True):
        assert row.startswith(f"{platform['key']} {platform['title']} ")
        assert all(each.replace("_", " ") in row for each in platform["capabilities"])
    assert browser.complaints() == []
    assert browser.requested_beyond(origin) == []


def test_every_link_of_the_root_leads_somewhere(browser: Browser, origin: str) -> None:
    browser.open(origin)
    links = browser.run("return [...document.querySelectorAll('a')].map((a) => a.href)")
    assert f"{origin}/graphql" in links

    for link in links:
        response = httpx.get(link, headers={"Accept": "text/html, */*;q=0.1"}, trust_env=False)
        assert response.status_code == 200, link


def test_the_root_leads_to_graphiql(browser: Browser, origin: str) -> None:
    browser.open(origin)

    browser.find("a[href$='/graphql']").click()

    assert browser.find(".graphiql-execute-button").is_displayed()


def test_the_command_on_the_root_is_one_for_this_address(browser: Browser, origin: str) -> None:
    browser.open(origin)

    assert f"curl '{origin}/graphql'" in browser.find("pre").text
