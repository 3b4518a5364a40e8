"""Transactions as numbers: those after a conversation, and all that a website sold.

They count in the moment of the sale. A sale after a conversation belongs to whatever the
conversation belongs to; what a website sold belongs to the website, on every channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox.facts import Fact, Key, Scope, Sums, columns, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.window import Piece
    from vendors.world import Contact, Sale


class SaleSums(NamedTuple):
    """Sales after a conversation; `after` is milliseconds since its beginning."""

    number: int = 0
    cents: int = 0
    after: int = 0


class ShopSums(NamedTuple):
    """Sales of a website, after a conversation or not."""

    number: int = 0
    cents: int = 0


class ShopFact(NamedTuple):
    """A sale of a website."""

    at: datetime
    site_id: int
    sums: ShopSums


def sale_fact(contact: Contact, sale: Sale, office: Office) -> Fact:
    """Return a sale that a conversation led to."""
    after = round((sale.at - contact.started_at).total_seconds() * 1_000)
    return Fact(
        at=sale.at,
        site_id=contact.site_id,
        channel=contact.channel,
        keys=keys_of(contact, office),
        sums=SaleSums(1, _cents(sale), after),
    )


def shop_fact(sale: Sale) -> ShopFact:
    """Return a sale of a website."""
    return ShopFact(sale.at, sale.site_id, ShopSums(1, _cents(sale)))


def add_up_shop(facts: Iterable[ShopFact], piece: Piece, scope: Scope) -> Mapping[Key, Sums]:
    """Add up what the websites sold."""
    rows = [
        fact.sums
        for fact in facts
        if piece.start <= fact.at < piece.end and fact.site_id in scope.site_ids
    ]
    return {None: columns(rows)} if rows else {}


def _cents(sale: Sale) -> int:
    return round(sale.amount * 100)
