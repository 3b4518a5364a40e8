"""GraphiQL as a person uses it: what is to be seen, what is to be clicked."""

from __future__ import annotations

import json
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.browser.chromium import Browser

__all__ = ["DOCS", "EXPLORER", "SETTINGS", "GraphiQL"]

DOCS = "Show Documentation Explorer"
EXPLORER = "Show GraphiQL Explorer"
SETTINGS = "Open settings dialog"

_ACTIVE_TAB = ".graphiql-tab-active .graphiql-tab-button"
_QUERY = ".graphiql-query-editor .CodeMirror"
_HEADERS = ".graphiql-editor-tool[aria-label=Headers] .graphiql-editor:not(.hidden) .CodeMirror"
_ANSWER = ".graphiql-response .CodeMirror"
_RUN = ".graphiql-execute-button"
_RUNNING = ".graphiql-response .graphiql-spinner"
# The editors draw only the lines that are in view; they are asked for the whole text.
_TEXT = "return document.querySelector(arguments[0])?.CodeMirror.getValue()"
# A moment after each change GraphiQL reads the query, and only then knows which one to run.
_READ = """
const editor = document.querySelector(arguments[0]).CodeMirror;
return editor.documentAST?.loc.source.body === editor.getValue();
"""
_WRITE = "document.querySelector(arguments[0]).CodeMirror.setValue(arguments[1])"


class GraphiQL:
    """The page that a browser is given at the GraphQL endpoint."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Open the page at that address and wait until it is ready."""
        self.browser = browser
        browser.open(address)
        browser.wait(_TEXT, _QUERY)
        browser.find(_RUN)

    def tabs(self) -> list[str]:
        """Return the titles of the tabs."""
        return [tab.text for tab in self.browser.find_all(".graphiql-tab-button")]

    def active_tab(self) -> str:
        """Return the title of the tab in front."""
        return self.browser.find(_ACTIVE_TAB).text

    def choose(self, title: str) -> None:
        """Bring the tab of that title to the front."""
        tabs = self.browser.find_all(".graphiql-tab-button")
        next(tab for tab in tabs if tab.text == title).click()
        shown = "return document.querySelector(arguments[0]).textContent === arguments[1]"
        self.browser.wait(shown, _ACTIVE_TAB, title)

    def query(self) -> str:
        """Return the text in the query editor."""
        return str(self.browser.run(_TEXT, _QUERY))

    def write(self, query: str) -> None:
        """Put that text into the query editor."""
        self.browser.run(_WRITE, _QUERY, query)

    def write_headers(self, headers: str) -> None:
        """Put that text into the editor of headers."""
        tools = self.browser.find_all(".graphiql-editor-tools button")
        next(tool for tool in tools if tool.text == "Headers").click()
        self.browser.find(_HEADERS)
        self.browser.run(_WRITE, _HEADERS, headers)

    def click_run(self) -> dict[str, Any]:
        """Run the query by its button and return what is shown."""
        self.browser.wait(_READ, _QUERY)
        self.browser.find(_RUN).click()
        return self.answer()

    def type_run(self) -> dict[str, Any]:
        """Run the query by the keyboard and return what is shown."""
        self.browser.wait(_READ, _QUERY)
        self.browser.find(f"{_QUERY} .CodeMirror-code").click()
        editor = self.browser.driver.find_element(By.CSS_SELECTOR, f"{_QUERY} textarea")
        editor.send_keys(Keys.CONTROL, Keys.ENTER)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Return what is shown, once the query that runs has ended."""
        self.browser.wait(f"return !document.querySelector('{_RUNNING}')")
        answer: dict[str, Any] = json.loads(self.browser.wait(_TEXT, _ANSWER))
        return answer

    def press(self, label: str) -> None:
        """Press the button of that label."""
        self.browser.find(f"button[aria-label='{label}']").click()

    def pane(self) -> str:
        """Return the text of the pane that is open."""
        return self.browser.find(".graphiql-plugin").text
