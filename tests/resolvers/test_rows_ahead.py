"""Rows that lie ahead of now: a period without an end does not end today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from tests.fakes import NOW, FakeClock, context_of, platform_of

from resolvers.rows.asking import read_request
from resolvers.rows.registry import STANDARD
from resolvers.rows.table import read_all
from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.port import HistoryQuery, Page
from vendors.records import CallMeeting, Dated

MEETINGS = STANDARD["call_meetings"]
DAYS = (-20, -5, 0, 0.9, 3, 40, 300, 500)
"""When the appointments are, in days from now: it is half past ten in the morning."""


class Diary:
    """A platform's appointments."""

    history_filters: Mapping[type[Dated], frozenset[str]] = {CallMeeting: frozenset()}

    def __init__(self) -> None:
        self.queries: list[HistoryQuery] = []
        self.items = [
            CallMeeting(platform="oak", native_id=f"{day}", at=NOW + timedelta(days=day))
            for day in reversed(DAYS)
        ]

    async def history(self, _kind: type[Dated], query: HistoryQuery, _: Call) -> Page[CallMeeting]:
        self.queries.append(query)
        found = [one for one in self.items if _within(one.at, query)]
        begin = int(query.after or 0)
        kept = found[begin : begin + query.limit]
        places = tuple(str(begin + number) for number in range(1, len(kept) + 1))
        return Page(tuple(kept), places, has_more=begin + len(kept) < len(found))


def _within(at: datetime | None, query: HistoryQuery) -> bool:
    assert at is not None
    assert query.start is not None
    assert query.end is not None
    return query.start <= at < query.end


def after_days(days: float) -> str:
    return f"{NOW + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


async def found(asked: Mapping[str, str], size: int = 2) -> list[float]:
    context = context_of(platform_of("oak", histories=Diary()), clock=FakeClock(NOW))
    request = read_request(context, MEETINGS, asked)
    place = MEETINGS.names.index("call_meeting_id")
    pages = [page async for page in read_all(MEETINGS, context, request, size=size)]
    return sorted(float(str(row[place])) for page in pages for row in page.rows)


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({}, [-5, 0]),
        ({"from": "today"}, [0, 0.9, 3, 40, 300]),
        ({"from": "-7d"}, [-5, 0, 0.9, 3, 40, 300]),
        ({"from": after_days(1)}, [3, 40, 300]),
        ({"from": after_days(200)}, [300, 500]),
        ({"updated_since": "today"}, [0, 0.9, 3, 40, 300]),
        ({"updated_since": after_days(200)}, [300, 500]),
        ({"to": after_days(41)}, [-5, 0, 0.9, 3, 40]),
        ({"to": after_days(-4)}, [-5]),
        ({"from": "-30d", "to": "today"}, [-20, -5]),
        ({"from": after_days(2), "to": after_days(41)}, [3, 40]),
    ],
)
async def test_what_lies_ahead_is_found(asked: dict[str, str], days: list[float]) -> None:
    assert await found(asked) == days


@pytest.mark.parametrize("start", ["2199-06-01", "9999-12-31"])
async def test_a_beginning_too_far_ahead_is_refused(start: str) -> None:
    with pytest.raises(BadInputError) as refused:
        await found({"from": start})
    assert refused.value.extensions["argument"] == "from"


async def test_other_tables_end_today() -> None:
    context = context_of(clock=FakeClock(NOW))
    request = read_request(context, STANDARD["transactions"], {"from": "today"})

    assert request.period.end - request.period.start == timedelta(days=1)
