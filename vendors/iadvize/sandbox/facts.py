"""Facts: what happened at a moment, whom it concerns, and numbers that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.window import Piece
    from vendors.world import Contact

Key: TypeAlias = "int | str | None"
Sums: TypeAlias = "tuple[int, ...]"


class Scope(NamedTuple):
    """Which websites and channels are looked at."""

    site_ids: frozenset[int]
    channels: frozenset[str]


class Keys(NamedTuple):
    """The member of every resource to which a conversation belongs; None where to none."""

    operator: int | None
    group: int | None
    skill: int
    rule: int | None
    contact_type: str
    page_type: str


class Fact(NamedTuple):
    """Numbers that belong to a moment."""

    at: datetime
    site_id: int
    channel: str
    keys: Keys
    sums: Sums


def keys_of(contact: Contact, office: Office) -> Keys:
    """Return what a conversation belongs to."""
    operator = office.roster.counted(contact.staff_id)
    return Keys(
        operator=contact.staff_id,
        group=None if operator is None else operator.group_id,
        skill=contact.skill_id,
        rule=contact.rule_id,
        contact_type=contact_type(contact),
        page_type=contact.page_type,
    )


def contact_type(contact: Contact) -> str:
    """Tell who began: a rule that invited the visitor, or the visitor."""
    return "reactive" if contact.rule_id is None else "proactive"


def add_up(
    facts: Iterable[Fact], piece: Piece, scope: Scope, resource: str | None
) -> Mapping[Key, Sums]:
    """Add up the facts of a piece of time by the members of a resource, or all of them."""
    found: dict[Key, list[Sums]] = {}
    for fact in facts:
        if (
            piece.start <= fact.at < piece.end
            and fact.site_id in scope.site_ids
            and fact.channel in scope.channels
        ):
            key = None if resource is None else getattr(fact.keys, resource)
            found.setdefault(key, []).append(fact.sums)
    return {key: columns(rows) for key, rows in found.items()}


def columns(rows: Iterable[Sums]) -> Sums:
    """Add rows up, column by column."""
    return tuple(map(sum, zip(*rows, strict=True)))
