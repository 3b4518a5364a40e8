from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.browser.chromium import Browser
from tests.browser.graphiql import DOCS, EXPLORER, SETTINGS, GraphiQL

from gateway.pages import EXAMPLES, example

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLES = [
    re.findall(r"^(?:query|mutation) (\w+)", example(name), re.MULTILINE)[0] for name in EXAMPLES
]

KEPT = "JSON.stringify(localStorage)"

# The explorer says so of an argument that is a list of enum values, and takes it as it is.
LIST_ARGUMENT = "arg mismatch between arg and selection"
# gateway/static/graphiql/README.md tells of it.
DIALOG_STYLE = "Applying inline style violates"


@pytest.fixture
def address(origin: str) -> str:
    return f"{origin}/graphql"


@pytest.fixture
def page(browser: Browser, address: str) -> GraphiQL:
    return GraphiQL(browser, address)


def asked(address: str, query: str) -> dict[str, Any]:
    answer = httpx.post(address, json={"query": query}, trust_env=False, timeout=60).json()
    assert "errors" not in answer
    data: dict[str, Any] = answer["data"]
    return data


def test_a_browser_gets_graphiql(page: GraphiQL) -> None:
    assert page.browser.driver.title == "Switchboard: GraphiQL"


@pytest.mark.parametrize("accept", [{}, {"Accept": "*/*"}])
def test_a_program_gets_no_page(address: str, accept: dict[str, str]) -> None:
    response = httpx.get(address, headers=accept, trust_env=False)

    assert response.headers["content-type"] == "application/json"
    assert response.json()["errors"]


class TestWithoutANetwork:
    def test_nothing_is_asked_of_anyone_else(self, page: GraphiQL, origin: str) -> None:
        page.click_run()
        page.press(DOCS)
        page.press(EXPLORER)
        page.press(SETTINGS)
        page.browser.find(".graphiql-dialog")

        assert len(page.browser.requested()) > len(EXAMPLES)
        assert page.browser.requested_beyond(origin) == []

    def test_what_leaves_would_be_seen(self, browser: Browser, origin: str) -> None:
        browser.open("data:text/html,<img src='http://elsewhere.test/a.png'>")

        assert browser.requested_beyond(origin) == ["http://elsewhere.test/a.png"]

    def test_nobody_else_can_be_reached(self, browser: Browser) -> None:
        browser.open("data:text/html,<img src='http://elsewhere.test/a.png'>")

        (complaint,) = browser.complaints()
        assert "net::ERR_NAME_NOT_RESOLVED" in complaint


class TestConsole:
    def test_it_stays_empty(self, page: GraphiQL) -> None:
        page.click_run()
        page.press(DOCS)

        assert page.browser.complaints() == []

    def test_a_dialog_brings_the_one_style_that_is_known(self, page: GraphiQL) -> None:
        page.press(SETTINGS)
        page.browser.find(".graphiql-dialog")

        (complaint,) = page.browser.complaints()
        assert DIALOG_STYLE in complaint

    def test_the_explorer_tells_of_lists_only(self, page: GraphiQL) -> None:
        page.press(EXPLORER)
        page.browser.find(".graphiql-explorer-root")

        assert [one for one in page.browser.complaints() if LIST_ARGUMENT not in one] == []


class TestAsking:
    @pytest.mark.parametrize("run", [GraphiQL.click_run, GraphiQL.type_run])
    def test_the_first_query_is_answered_by_every_platform(
        self, page: GraphiQL, address: str, run: Callable[[GraphiQL], dict[str, Any]]
    ) -> None:
        keys = {each["key"] for each in asked(address, "{platforms{key}}")["platforms"]}
        assert len(keys) == 4

        answer = run(page)

        assert "errors" not in answer
        started = answer["data"]["started"]
        alone = [each for each in started["series"] if len(each["platforms"]) == 1]
        assert {each["platforms"][0] for each in alone} == keys
        assert all(each["value"] > 0 for each in alone)
        assert started["failures"] == []

    def test_the_answer_is_there_to_be_read(self, page: GraphiQL) -> None:
        page.click_run()

        assert '"value"' in page.browser.find(".graphiql-response").text

    def test_every_example_has_a_tab_and_an_answer(self, page: GraphiQL) -> None:
        assert page.tabs() == TITLES
        assert page.active_tab() == TITLES[0]

        for title in TITLES:
            page.choose(title)
            answer = page.click_run()
            assert "errors" not in answer, title
            assert answer["data"], title

    def test_a_subscription_is_told_over_a_socket(self, page: GraphiQL) -> None:
        page.write("subscription { platformHealth { platform { key } health { state } } }")

        answer = page.click_run()

        assert answer["data"]["platformHealth"]["platform"]["key"]
        assert page.browser.complaints() == []

    def test_a_mistake_is_shown(self, page: GraphiQL) -> None:
        page.write("{ platforms { colour } }")

        answer = page.click_run()

        assert "data" not in answer
        assert "colour" in answer["errors"][0]["message"]


class TestPanes:
    def test_the_documentation_describes_the_fields(self, page: GraphiQL, address: str) -> None:
        query = asked(address, '{__type(name:"Query"){description fields{name description}}}')
        page.press(DOCS)
        page.browser.find("a.graphiql-doc-explorer-type-name[href='#']").click()

        shown = " ".join(page.pane().split())

        for described in [query["__type"], *query["__type"]["fields"]]:
            assert described["description"].replace("`", "") in shown

    def test_the_explorer_builds_a_query(self, page: GraphiQL, address: str) -> None:
        page.write("{ platforms { key } }")
        page.press(EXPLORER)
        fields = asked(address, '{__type(name:"Query"){fields{name}}}')["__type"]["fields"]
        page.browser.find(".graphiql-explorer-root")
        shown = page.pane()
        assert all(field["name"] in shown for field in fields)
        assert page.query() == "{ platforms { key } }"

        page.browser.find("[data-field-name=title]").click()

        (answer,) = page.click_run()["data"].values()
        assert all(set(platform) == {"key", "title"} for platform in answer)


class TestReturning:
    def test_queries_are_kept_and_headers_are_not(self, page: GraphiQL, address: str) -> None:
        page.write_headers('{"Authorization": "Bearer do-not-keep"}')
        page.write("{ platforms { key } }")
        page.browser.wait(f"return {KEPT}.includes('platforms {{ key }}')")

        again = GraphiQL(page.browser, address)

        assert again.query() == "{ platforms { key } }"
        assert "do-not-keep" not in str(page.browser.run(f"return {KEPT}"))

    @pytest.mark.parametrize("before", [False, True], ids=["first-visit", "later-visit"])
    def test_an_address_leads_to_an_example(
        self, browser: Browser, address: str, before: bool
    ) -> None:
        if before:
            GraphiQL(browser, address).choose(TITLES[1])
            browser.wait(f"return {KEPT}.includes('activeTabIndex')")

        page = GraphiQL(browser, f"{address}?example=2")

        assert page.active_tab() == TITLES[2]
        assert page.query() == example(EXAMPLES[2])
        assert sorted(page.tabs()) == sorted(TITLES)

    def test_it_leads_home(self, page: GraphiQL, origin: str) -> None:
        page.browser.find(".graphiql-logo-link").click()

        page.browser.wait("return document.title === 'Overview – Switchboard'")
        assert page.browser.driver.current_url == f"{origin}/"
