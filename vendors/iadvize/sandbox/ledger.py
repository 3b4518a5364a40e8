"""The one place that turns a slice of the account and a window into figures.

Totals, buckets and rows of a resource are all made here: a window is cut into pieces of local
days, every piece is added up once, and what is over is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.iadvize.sandbox.book import Book
from vendors.iadvize.sandbox.contacts import ContactSums
from vendors.iadvize.sandbox.desks import DeskSums, add_up_desks
from vendors.iadvize.sandbox.facts import Key, Scope, Sums, add_up, columns
from vendors.iadvize.sandbox.invitations import (
    InvitationSums,
    MissedSums,
    add_up_invitations,
    add_up_missed,
)
from vendors.iadvize.sandbox.resources import RESOURCES
from vendors.iadvize.sandbox.sales import SaleSums, ShopSums, add_up_shop
from vendors.iadvize.sandbox.window import Piece, day_window, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    from vendors.iadvize.sandbox.office import Office

# The present belongs to what is told: times are whole seconds.
_INSTANT = timedelta(seconds=1)
_BOOKS_KEPT = 800
_OPEN_BOOKS_KEPT = 8
_PIECES_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that can be added up over a window, for one member or for all."""

    contacts: ContactSums = field(default_factory=ContactSums)
    sales: SaleSums = field(default_factory=SaleSums)
    shop: ShopSums = field(default_factory=ShopSums)
    invitations: InvitationSums = field(default_factory=InvitationSums)
    missed: MissedSums = field(default_factory=MissedSums)
    desks: DeskSums = field(default_factory=DeskSums)


class Family(NamedTuple):
    """Sums of one kind, and what adds them up over a piece of a day by a resource."""

    shape: Callable[..., Any]
    add_up: Callable[[Office, Book, Piece, Scope, str | None], Mapping[Key, Sums]]


def _desks(
    office: Office, book: Book, piece: Piece, scope: Scope, resource: str | None
) -> Mapping[Key, Sums]:
    keys = RESOURCES[resource].of_operator if resource else lambda _: (None,)
    return add_up_desks(book.desks, office.roster.founded.values(), piece, scope, keys)


FAMILIES: dict[str, Family] = {
    "contacts": Family(
        ContactSums,
        lambda _, book, piece, scope, resource: add_up(book.contacts, piece, scope, resource),
    ),
    "sales": Family(
        SaleSums,
        lambda _, book, piece, scope, resource: add_up(book.sales, piece, scope, resource),
    ),
    "shop": Family(
        ShopSums, lambda _, book, piece, scope, __: add_up_shop(book.shop, piece, scope)
    ),
    "invitations": Family(
        InvitationSums,
        lambda office, book, piece, scope, resource: add_up_invitations(
            book.visits,
            piece,
            scope,
            tuple(one.id for one in office.account.profile.rules) if resource == "rule" else (),
        ),
    ),
    "missed": Family(
        MissedSums, lambda _, book, piece, scope, __: add_up_missed(book.visits, piece, scope)
    ),
    "desks": Family(DeskSums, _desks),
}
UNDIVIDED = frozenset({"shop", "missed"})


class Ledger:
    """Adds up, and remembers days that no longer change."""

    def __init__(self, office: Office) -> None:
        self._office = office
        profile = office.account.profile
        self._zone = profile.zone
        self._opened = day_window(profile.opened, self._zone).start
        self._settled_book = lru_cache(maxsize=_BOOKS_KEPT)(self._open)
        self._open_book = lru_cache(maxsize=_OPEN_BOOKS_KEPT)(self._open)
        self._settled_sums = lru_cache(maxsize=_PIECES_KEPT)(self._add_up)

    def figures(
        self,
        span: tuple[datetime, datetime],
        scope: Scope,
        families: Iterable[str],
        *,
        resource: str | None,
        now: datetime,
    ) -> Callable[[Key], Figures]:
        """Return the figures of a window by member; without a resource there is None alone."""
        start, end = max(span[0], self._opened), min(span[1], now + _INSTANT)
        parts = [
            (name, self._sums(name, piece, scope, resource, now))
            for piece in pieces(start, end, self._zone)
            for name in families
        ]
        found: dict[tuple[str, Key], list[Sums]] = {}
        for name, sums in parts:
            for key, row in sums.items():
                found.setdefault((name, key), []).append(row)
        totals = {place: columns(rows) for place, rows in found.items()}
        return lambda key: _figures(totals, key)

    def _sums(
        self, name: str, piece: Piece, scope: Scope, resource: str | None, now: datetime
    ) -> Mapping[Key, Sums]:
        settled = day_window(piece.day, self._zone).end + self._office.account.reach
        if settled <= now:
            return self._settled_sums(name, piece, scope, resource, None)
        return self._add_up(name, piece, scope, resource, now)

    def _add_up(
        self, name: str, piece: Piece, scope: Scope, resource: str | None, stamp: datetime | None
    ) -> Mapping[Key, Sums]:
        kept = self._settled_book if stamp is None else self._open_book
        return FAMILIES[name].add_up(self._office, kept(piece.day, stamp), piece, scope, resource)

    def _open(self, day: date, stamp: datetime | None) -> Book:
        """Open the book of a day; without a stamp nothing on it can change any more."""
        return Book(self._office, day, stamp or self._office.now)


def _figures(totals: Mapping[tuple[str, Key], Sums], key: Key) -> Figures:
    found = {}
    for name, family in FAMILIES.items():
        row = totals.get((name, None if name in UNDIVIDED else key))
        if row is not None:
            found[name] = family.shape(*row)
    return Figures(**found)
