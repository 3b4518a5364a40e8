"""Days that are long over, as callers write them, and answers put in order for comparing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import httpx
from tests.e2e.running import Gateway, Table

__all__ = [
    "WEEK",
    "by_platform",
    "calls_made",
    "capable",
    "day_before",
    "days",
    "is_newest_first",
    "month_edges",
    "rows_of",
]


WEEK = 7
"""Days in which every platform is at work: on a Sunday hardly anybody is, on some."""


def day_before(days_ago: int) -> date:
    """Return the day that is so many days back, by UTC."""
    return (datetime.now(UTC) - timedelta(days=days_ago)).date()


def days(first: date, count: int = 1) -> Table:
    """Return the period of so many local days, whatever the zone of the field."""
    stop = first + timedelta(days=count)
    return {"between": {"from": f"{first}T00:00:00", "to": f"{stop}T00:00:00"}}


def month_edges(count: int) -> tuple[date, date]:
    """Return the first days of so many whole months, and of the month behind them.

    They are over everywhere on earth.
    """
    stop = day_before(2).replace(day=1)
    first = stop
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, stop


def by_platform(parts: Iterable[Table]) -> dict[str, Table]:
    """Return the parts of an answer by platform; combined ones are left out."""
    return {
        one["platform"] if isinstance(one["platform"], str) else one["platform"]["key"]: one
        for one in parts
        if one["platform"] is not None
    }


def capable(gateway: Gateway, capability: str) -> set[str]:
    """Return the keys of the platforms that can do this."""
    platforms = gateway.ask("{ platforms { key capabilities } }").data["platforms"]
    return {one["key"] for one in platforms if capability in one["capabilities"]}


def calls_made(gateway: Gateway) -> float:
    """Return how many requests have been sent to platforms, as the gateway counts them."""
    text = httpx.get(f"{gateway.origin}/metrics", timeout=20, trust_env=False).text
    lines = (one for one in text.splitlines() if one.startswith("switchboard_platform_calls_total"))
    return sum(float(one.rpartition(" ")[2]) for one in lines)


def is_newest_first(nodes: Iterable[Table]) -> bool:
    """Return whether conversations are in order of time, the newest first."""
    times = [datetime.fromisoformat(node["startedAt"]) for node in nodes]
    return all(newer >= older for newer, older in pairwise(times))


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a CSV file that is there."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))
