"""A list of things and a table of rows are read on in the same way, as Relay's client does it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.running import Gateway, Table, running_gateway

FIRST = 3
QUERY = """
query Page($first: Int!, $after: String) {
  page: %s(first: $first, after: $after) {
    edges { cursor node { %s } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SHOWN = {"agents": "nativeId", "agentRows": "agentId"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("connections"), "--sandbox") as running:
        yield running


def page(gateway: Gateway, field: str, after: str | None) -> Table:
    variables = {"first": FIRST, "after": after}
    found: Table = gateway.ask(QUERY % (field, SHOWN[field]), variables).data["page"]
    return found


@pytest.mark.parametrize("field", SHOWN)
def test_the_last_cursor_of_a_page_is_where_the_next_begins(gateway: Gateway, field: str) -> None:
    seen: list[Table] = []
    after = None
    for _ in range(50):
        one = page(gateway, field, after)
        seen += [edge["node"] for edge in one["edges"]]
        if not one["pageInfo"]["hasNextPage"]:
            break
        assert len(one["edges"]) == FIRST
        after = one["edges"][-1]["cursor"]
        assert after == one["pageInfo"]["endCursor"]

    whole = gateway.ask(f"{{ page: {field}(first: 100) {{ nodes {{ {SHOWN[field]} }} }} }}")
    # Pages of rows take from every platform in turn; their order is no part of the promise.
    assert sorted(map(str, seen)) == sorted(map(str, whole.data["page"]["nodes"]))
    assert len(seen) > 2 * FIRST
