"""The questions of the first page say what GraphQL says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.browser.serving import gateway

from gateway.pages.examples import example

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with gateway() as address:
        yield address


@pytest.mark.parametrize(
    ("question", "column", "key"),
    [
        ("volume-by-month", "Conversations started", "conversations_started"),
        ("agent-performance", "Conversations started", "conversations_started"),
    ],
)
def test_a_report_has_its_values_under_their_names(
    origin: str, question: str, column: str, key: str
) -> None:
    asked = {"query": example(question)}
    kept: dict[str, Any] = {"trust_env": False, "timeout": 60}
    report = httpx.post(f"{origin}/graphql", json=asked, **kept).json()["data"]["report"]
    measured = [each["name"] for each in report["columns"] if each["unit"]].index(key)
    right = [row["values"][measured] for row in report["rows"]]
    page = httpx.get(f"{origin}/questions/{question}", headers={"Accept": "text/html"}, **kept).text

    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", page)
    rows = re.findall(r"<tr>(<td.*?)</tr>", page, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in rows]
    shown = [row[heads.index(column)].replace(",", "") for row in cells]

    assert len(right) > 3
    assert shown == ["–" if value is None else f"{value:g}" for value in right]
