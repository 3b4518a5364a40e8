"""Short lists that are read whole and shown in pages: platform by platform, by label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from resolvers.fanout import Answers
from resolvers.paging import Connection, Cursor, goes_on
from resolvers.ports import Sealer

__all__ = ["label_page", "shares"]


class Labelled(Protocol):
    """What has a label for people, and an id on its platform."""

    @property
    def platform(self) -> str:
        """Return the key of the platform."""
        ...

    @property
    def native_id(self) -> str:
        """Return the platform's own id."""
        ...

    @property
    def label(self) -> str:
        """Return what to show people."""
        ...


L = TypeVar("L", bound=Labelled)


def label_page(
    answers: Answers[tuple[L, ...]], begun: Cursor, first: int, sealer: Sealer
) -> Connection[L]:
    """Return the page behind the cursor of what the platforms told, which is all that there is."""
    behind = [
        (key, one)
        for part in answers.parts
        if part.held
        for key, one in _behind(part.held.value, begun.positions.get(part.platform.key))
    ]
    page = behind[:first]
    return Connection(
        items=tuple(one for _, one in page),
        steps=tuple((one.platform, key) for key, one in page),
        begun=begun,
        sealer=sealer,
        has_next_page=goes_on(len(behind) > first, page, answers.errors),
        errors=answers.errors,
        stand_ins=answers.stand_ins,
        sources=answers.sources,
    )


def _behind(listed: Sequence[L], position: str | None) -> list[tuple[str, L]]:
    """Return what is listed in order, each with its sort key, from behind that position on."""
    keyed = sorted(((_sort_key(one), one) for one in listed), key=lambda pair: pair[0])
    return keyed if position is None else [pair for pair in keyed if pair[0] > position]


def _sort_key(one: Labelled) -> str:
    return f"{one.label.casefold()}\x00{one.native_id}"


def shares(wanted: Sequence[str], has: Sequence[str] | None) -> bool:
    """Return whether it has one of what is wanted; nothing wanted means all."""
    return not wanted or any(one in wanted for one in has or ())
