"""What axe-core finds wrong with a page."""

from __future__ import annotations

import os
from functools import cache

import pytest
from tests.browser.chromium import Browser
from tests.node.packages import INSTALL, installed, missing

__all__ = ["GRAVE", "Finding", "findings"]

GRAVE = {"serious", "critical"}

Finding = tuple[str, str, str]
"""The rule, how grave it is, and where."""

_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then(
  (found) => done(found.violations.flatMap(
    ({ id, impact, nodes }) => nodes.map(({ target }) => [id, impact, target.join(" ")]))),
  (error) => done([["axe", "critical", String(error)]]));
"""


def findings(browser: Browser) -> list[Finding]:
    """Return what is wrong with the page that is open, by all rules of axe-core."""
    browser.run(_source())
    return [(rule, impact, place) for rule, impact, place in browser.run_until_done(_RUN)]


@cache
def _source() -> str:
    if programs := missing():
        message = f"not installed: {', '.join(programs)}; {INSTALL}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    folder = installed().folder / "node_modules" / "axe-core"
    return (folder / "axe.min.js").read_text(encoding="utf-8")
