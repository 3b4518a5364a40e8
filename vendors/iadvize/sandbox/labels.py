"""The tags as they are: those of the account, which every website has, and those made later."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox.profile import TAG_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable


class Tag(NamedTuple):
    """A label of conversations; without a website it is of all of them."""

    id: int
    name: str
    site_id: int | None = None


class Labels:
    """All tags of one account."""

    def __init__(self) -> None:
        self._tags = {number: Tag(number, name) for name, number in TAG_IDS.items()}

    def get(self, number: int | None) -> Tag | None:
        """Return the tag of that id."""
        return None if number is None else self._tags.get(number)

    def of(self, site_id: int | None) -> list[Tag]:
        """Return the tags of a website, or all of them."""
        return [
            one for one in self._tags.values() if site_id is None or one.site_id in {None, site_id}
        ]

    def create(self, named: Iterable[tuple[str, int]]) -> list[Tag]:
        """Make tags of these names and websites."""
        made = [Tag(max(self._tags) + at, *one) for at, one in enumerate(named, 1)]
        self._tags |= {one.id: one for one in made}
        return made
