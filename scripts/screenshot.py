"""Makes the pictures in docs/: GraphiQL and the pages, over the sandbox.

Run it from the root of a clone that `make dev` has prepared, with chromium installed as for the
tests, and look at what it made:

    .venv/bin/python -m scripts.screenshot

They are of what was really answered: the sandbox's figures of the last days, so each day makes
others.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from selenium.webdriver.common.by import By

from tests.browser.chromium import Browser, chromium
from tests.browser.graphiql import GraphiQL
from tests.browser.serving import gateway

__all__ = ["DOCS", "PICTURES", "PLACE", "SIZE", "graphiql_picture", "page_picture"]

SIZE = (1440, 900)
DOCS = Path(__file__).resolve().parent.parent / "docs"
PLACE = DOCS / "graphiql.png"


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it is to be seen."""

    file: str
    path: str
    scheme: str
    size: tuple[int, int]


PICTURES = (
    Picture("overview.png", "/", "light", (1280, 1000)),
    Picture("overview-dark.png", "/", "dark", (1280, 1000)),
    Picture("overview-narrow.png", "/", "light", (360, 780)),
    Picture("status.png", "/status", "light", (1280, 900)),
    Picture("connect.png", "/connect", "light", (1280, 900)),
)

_NARROW = 500

# The first example's figures in as few lines as there are on one screen.
QUERY = """\
# One query, every platform: yesterday's conversations
# and response times, side by side and combined.
query Yesterday {
  started: indicators(
    keys: [CONVERSATIONS_STARTED]
    period: { calendar: YESTERDAY }
    combined: true
  ) {
    series {
      platforms
      value
    }
  }
  firstResponse: indicators(
    keys: [FIRST_RESPONSE_TIME]
    period: { calendar: YESTERDAY }
    combined: true
  ) {
    series {
      platforms
      value
      weight
    }
  }
  conversations(first: 9) {
    nodes {
      startedAt
      channel
    }
  }
}
"""


def main() -> None:
    """Make the pictures; end with a message where what one shows would be no advertisement."""
    # By the port that the documents name.
    with gateway("--port", "8000") as origin, chromium() as browser:
        made = {PLACE: graphiql_picture(browser, origin)}
        for picture in PICTURES:
            made[DOCS / picture.file] = page_picture(browser, origin, picture)
            if browser.driver.find_elements(By.CSS_SELECTOR, ".state:not(.ok)"):
                sys.exit("a platform is slow, as simulators are on a busy machine: take them later")
    for place, content in made.items():
        place.write_bytes(content)
        print(f"{place}: {len(content):,} bytes")


def graphiql_picture(browser: Browser, origin: str) -> bytes:
    """Return a picture, as PNG, of GraphiQL with a query and its answer."""
    browser.prefer("light")
    browser.resize(*SIZE)
    page = GraphiQL(browser, f"{origin}/graphql")
    page.write(QUERY.rstrip())
    answer = page.click_run()
    if "errors" in answer:
        sys.exit(f"it was not answered: {answer['errors']}")
    # No caret, and nothing that looks different under the pointer.
    browser.run("document.activeElement.blur()")
    return browser.picture()


def page_picture(browser: Browser, origin: str, picture: Picture) -> bytes:
    """Return a picture, as PNG, of a page with all that it loads."""
    browser.prefer(picture.scheme)
    browser.resize(*picture.size, mobile=picture.size[0] < _NARROW)
    browser.hide_scroll_bars()
    browser.open(f"{origin}{picture.path}")
    browser.wait("return !document.querySelector('[data-load]')")
    return browser.picture()


if __name__ == "__main__":
    main()
