"""Long lists that are read page by page from each platform and shown as one, newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from resolvers.fanout import Answers
from resolvers.paging import Connection, Cursor, Stretch, goes_on, merged
from resolvers.ports import Sealer

__all__ = ["time_page"]

T = TypeVar("T")


def time_page(
    answers: Answers[Stretch[T]],
    begun: Cursor,
    first: int,
    sealer: Sealer,
    newest: Callable[[T], datetime | None],
) -> Connection[T]:
    """Return the page behind the cursor of what the platforms gave, by the time that it tells."""
    stretches = {part.platform.key: part.held.value for part in answers.parts if part.held}
    page = merged(stretches, first, newest)
    return Connection(
        items=page.items,
        steps=page.steps,
        begun=begun.moved(page.passed),
        sealer=sealer,
        has_next_page=goes_on(page.more, page.items, answers.errors),
        errors=answers.errors,
        stand_ins=answers.stand_ins,
        sources=answers.sources,
        truncated=any(one.truncated for one in stretches.values()),
    )
