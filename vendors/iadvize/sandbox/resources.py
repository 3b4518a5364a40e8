"""By what figures can be grouped: the members of each resource, and which figures split by it.

What does not split is not measured by that resource; what the websites sold is told with every
member, for it belongs to none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox.profile import CONTACT_TYPES, PAGE_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vendors.iadvize.sandbox.facts import Key
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.roster import Operator


class Resource(NamedTuple):
    """One value of the `resource` filter."""

    members: Callable[[Office], Iterable[Key]]
    splits: frozenset[str]
    of_operator: Callable[[Operator], Iterable[Key]] = lambda _: ()


_CONVERSATIONS = frozenset({"contacts", "sales", "shop"})
_PEOPLE = _CONVERSATIONS | {"desks"}

RESOURCES: dict[str, Resource] = {
    "operator": Resource(
        lambda office: office.roster.countable,
        _PEOPLE,
        lambda operator: (operator.id,),
    ),
    "group": Resource(
        lambda office: [team.id for team in office.account.profile.teams],
        _PEOPLE,
        lambda operator: () if operator.group_id is None else (operator.group_id,),
    ),
    "skill": Resource(
        lambda office: [skill.id for skill in office.account.profile.skills],
        _PEOPLE,
        lambda operator: operator.skill_ids,
    ),
    "rule": Resource(
        lambda office: [rule.id for rule in office.account.profile.rules],
        _CONVERSATIONS | {"invitations"},
    ),
    "contact_type": Resource(lambda _: CONTACT_TYPES, _CONVERSATIONS),
    "page_type": Resource(lambda _: PAGE_TYPES, _CONVERSATIONS),
}
