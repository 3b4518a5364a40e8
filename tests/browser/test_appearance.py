from __future__ import annotations

import re
from typing import Any

import pytest
from tests.browser.chromium import Browser
from tests.browser.graphiql import DOCS, EXPLORER, GraphiQL

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NARROW = 360
# What WCAG 2 asks of text, and of what is not; GraphiQL chose its colours itself.
TEXT, ANYTHING = 4.5, 3.0

COLOURS = """
const style = (node) => getComputedStyle(node);
const node = document.querySelector(arguments[0]);
let ground = node;
while (style(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
return [style(node).color, style(ground).backgroundColor];
"""
BOX = "return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()"
LINES = """
return [...document.querySelectorAll(arguments[0])].map((one) => {
  const text = document.createRange();
  text.selectNodeContents(one);
  return text.getClientRects().length;
});
"""
# A small screen shows wide pages in small rather than to let them overflow.
PAGE_WIDTH = "return document.scrollingElement.scrollWidth"


def luminance(colour: str) -> float:
    """How light a CSS colour is, from 0 to 1, as WCAG 2 reckons."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(text: str, ground: str) -> float:
    dark, light = sorted([luminance(text), luminance(ground)])
    return (light + 0.05) / (dark + 0.05)


def box(browser: Browser, selector: str) -> dict[str, Any]:
    found: dict[str, Any] = browser.run(BOX, selector)
    return found


@pytest.mark.parametrize(
    ("path", "text", "least"),
    [
        ("/", ".lead", TEXT),
        ("/connect", "pre code", TEXT),
        ("/status", "dd", TEXT),
        ("/graphql", ".graphiql-query-editor .cm-property", ANYTHING),
    ],
)
@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_a_page_takes_the_theme_of_the_system(
    browser: Browser, origin: str, path: str, text: str, least: float, scheme: str, is_dark: bool
) -> None:
    browser.prefer(scheme)
    browser.open(f"{origin}{path}")
    browser.find(text)

    colour, ground = browser.run(COLOURS, text)

    assert (luminance(ground) < 0.5) is is_dark
    assert contrast(colour, ground) >= least


class TestNarrow:
    @pytest.fixture
    def narrow(self, browser: Browser) -> Browser:
        browser.resize(NARROW, 740, mobile=True)
        return browser

    def test_the_first_page_fits(self, narrow: Browser, origin: str) -> None:
        narrow.open(origin)

        assert narrow.run(PAGE_WIDTH) == NARROW
        assert narrow.find("h1").is_displayed()

    def test_what_stands_in_a_table_is_not_broken_up(self, narrow: Browser, origin: str) -> None:
        narrow.open(f"{origin}/questions/volume-by-month")

        assert set(narrow.run(LINES, "#answer td")) == {1}

    def test_query_and_answer_stand_one_above_the_other(self, narrow: Browser, origin: str) -> None:
        page = GraphiQL(narrow, f"{origin}/graphql")

        page.click_run()

        query = box(narrow, ".graphiql-query-editor")
        answer = box(narrow, ".graphiql-response")
        run = box(narrow, ".graphiql-execute-button")
        assert narrow.run(PAGE_WIDTH) == NARROW
        assert min(query["width"], answer["width"]) > NARROW * 0.9
        assert min(query["height"], answer["height"]) > 150
        assert query["bottom"] <= answer["top"]
        assert run["right"] <= NARROW
        assert '"data"' in narrow.find(".graphiql-response").text

    @pytest.mark.parametrize("pane", [DOCS, EXPLORER])
    def test_a_pane_lies_over_all_and_can_be_put_away(
        self, narrow: Browser, origin: str, pane: str
    ) -> None:
        page = GraphiQL(narrow, f"{origin}/graphql")
        page.press(pane)
        assert page.pane()
        assert box(narrow, ".graphiql-plugin")["width"] > NARROW * 0.9
        assert narrow.run(PAGE_WIDTH) == NARROW

        page.press(pane.replace("Show", "Hide"))

        page.click_run()


def test_a_wide_page_shows_query_and_answer_side_by_side(browser: Browser, origin: str) -> None:
    GraphiQL(browser, f"{origin}/graphql").click_run()

    query, answer = box(browser, ".graphiql-query-editor"), box(browser, ".graphiql-response")

    assert query["right"] <= answer["left"]
    assert browser.run(PAGE_WIDTH) == browser.run("return innerWidth")
