"""Connections by the Relay specification, forward only, over several platforms."""

from typing import Generic, TypeVar

import strawberry
from strawberry import Parent

from resolvers import paging
from schema.failures import PlatformFailure, SourceStatus

__all__ = ["AFTER", "FIRST", "Connection", "Edge", "PageInfo"]

T = TypeVar("T")

FIRST = strawberry.argument(description="How many items to give at most.")
AFTER = strawberry.argument(description="Go on behind this cursor, of the same question.")


@strawberry.type(description="Where a page stands in the whole.")
class PageInfo:
    """Relay's page info."""

    has_next_page: bool = strawberry.field(
        description=(
            "Whether more items follow, or may: where a platform failed, the next page asks it "
            "again. An empty page on which it fails once more is the last one."
        )
    )
    has_previous_page: bool = strawberry.field(
        description="Always false: pages are read forward only."
    )
    start_cursor: str | None = strawberry.field(description="The first item's cursor.")
    end_cursor: str | None = strawberry.field(
        description=(
            "The last item's cursor: `after` for the next page. An empty page has one as well if "
            "more may follow: what is wanted was not among what was read."
        )
    )


def _page_info(root: Parent[paging.Connection[object]]) -> PageInfo:
    return PageInfo(
        has_next_page=root.has_next_page,
        has_previous_page=False,
        start_cursor=root.start_cursor,
        end_cursor=root.end_cursor,
    )


@strawberry.type(description="One item of a connection.")
class Edge(Generic[T]):
    """An item, and the cursor behind it."""

    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="Where reading goes on behind this item.")


@strawberry.type(description="One page of items from all platforms that could be asked.")
class Connection(Generic[T]):
    """A page, and what became of each platform."""

    edges: list[Edge[T]] = strawberry.field(description="The items, with their cursors.")
    nodes: list[T] = strawberry.field(
        description="The items alone.", resolver=lambda root: list(root.items)
    )
    page_info: PageInfo = strawberry.field(
        description="Where the page stands.", resolver=_page_info
    )
    failures: list[PlatformFailure] = strawberry.field(
        description="The platforms whose part is missing, and why."
    )
    sources: list[SourceStatus] = strawberry.field(
        description="Each platform's share: fresh, cached, stale, failed or not offered."
    )
    truncated: bool = strawberry.field(
        description="Whether a platform holds more in the period than it can be made to list."
    )
