"""Makes docs/graphiql.png: GraphiQL over the sandbox, one query and every platform's answer.

Run it from the root of a clone that `make dev` has prepared, with chromium installed as for the
tests, and look at what it made:

    .venv/bin/python -m scripts.screenshot

The picture is of what was really answered: the sandbox's figures of yesterday, so each day makes
another one.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.chromium import Browser, chromium
from tests.browser.graphiql import GraphiQL
from tests.browser.serving import gateway

__all__ = ["PLACE", "SIZE", "graphiql_picture"]

SIZE = (1440, 900)
PLACE = Path(__file__).resolve().parent.parent / "docs" / "graphiql.png"

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
    """Make the picture; end with a message where what it shows would be no advertisement."""
    with gateway() as origin, chromium() as browser:
        PLACE.write_bytes(graphiql_picture(browser, origin))
    print(f"{PLACE}: {PLACE.stat().st_size:,} bytes")


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


if __name__ == "__main__":
    main()
