"""A month of conversations in March, asked for page by page."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.vendors.iadvize.upstream import conversation, utc

from vendors.calls import Call
from vendors.iadvize.client import IadvizeClient
from vendors.port import ConversationQuery, Page
from vendors.records import Conversation

START, END = utc("2017-03-01 00:00"), utc("2017-04-01 00:00")


def query(limit: int = 20, **changes: Any) -> ConversationQuery:  # noqa: ANN401 (any field)
    return msgspec.structs.replace(ConversationQuery(start=START, end=END, limit=limit), **changes)


def rows_at(*times: str) -> list[dict[str, Any]]:
    return [conversation(number, at) for number, at in enumerate(times, 1)]


def ids(page: Page[Conversation]) -> list[str]:
    return [one.native_id for one in page.items]


async def read_on(
    client: IadvizeClient, first: ConversationQuery, call: Call
) -> list[Page[Conversation]]:
    """Return every page, each from the position of the last item of the one before."""
    pages = [await client.conversations(first, call)]
    while pages[-1].has_more:
        after = pages[-1].positions[-1]
        following = msgspec.structs.replace(first, after=after)
        pages.append(await client.conversations(following, call))
        assert len(pages) < 1000
    return pages
