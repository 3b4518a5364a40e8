"""`/group`, `/skill` and `/tag`: how the operators are ordered, and the conversations labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.profile import TAG_IDS
from vendors.iadvize.sandbox.refusals import unknown

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.world import Skill, Team


class Tag(NamedTuple):
    """A label under the number that the vendor gives it."""

    id: int
    name: str


_TAGS = tuple(Tag(number, name) for name, number in TAG_IDS.items())


def groups(office: Office, query: Query) -> Payload:
    """List the groups; none of them is within another."""
    query.filters.allow({"parent_id"})
    found = [] if query.filters.number("parent_id") else office.account.profile.teams
    return envelope.listing(query, "group", found, lambda team: _group(office, team))


def group(office: Office, query: Query) -> Payload:
    """Show one group."""
    for team in office.account.profile.teams:
        if team.id == query.number:
            return envelope.one("group", team, lambda team: _group(office, team))
    raise unknown("group", query.id)


def _group(office: Office, team: Team) -> Payload:
    return {
        "id": team.id,
        "name": team.name,
        "created_at": _opened(office),
        "parent_id": None,
        "operator_list": [one.id for one in office.operators if one.group_id == team.id],
        "parent_list": [],
    }


def skills(office: Office, query: Query) -> Payload:
    """List the skills, those of one operator if need be; none of them is within another."""
    filters = query.filters
    filters.allow({"operator_id", "parent_id"})
    asked = filters.number("operator_id")
    operator = office.operator(asked)
    owned = () if operator is None else operator.skill_ids
    found = [
        one
        for one in office.account.profile.skills
        if (asked is None or one.id in owned) and not filters.number("parent_id")
    ]
    return envelope.listing(query, "skill", found, lambda one: _skill(office, one))


def skill(office: Office, query: Query) -> Payload:
    """Show one skill."""
    for one in office.account.profile.skills:
        if one.id == query.number:
            return envelope.one("skill", one, lambda one: _skill(office, one))
    raise unknown("skill", query.id)


def _skill(office: Office, found: Skill) -> Payload:
    return {
        "id": found.id,
        "name": found.name,
        "order": office.account.profile.skills.index(found) + 1,
        "created_at": _opened(office),
        "parent_id": None,
        "operator_list": [one.id for one in office.operators if found.id in one.skill_ids],
    }


def tags(office: Office, query: Query) -> Payload:
    """List the tags; every website has all of them."""
    query.filters.allow({"website_id"})
    site = query.filters.number("website_id")
    found = _TAGS if site is None or site in office.sites else ()
    return envelope.listing(query, "tag", found, lambda one: _tag(office, one))


def tag(office: Office, query: Query) -> Payload:
    """Show one tag."""
    for one in _TAGS:
        if one.id == query.number:
            return envelope.one("tag", one, lambda one: _tag(office, one))
    raise unknown("tag", query.id)


def _tag(office: Office, found: Tag) -> Payload:
    return {**found._asdict(), "website_id": list(office.sites)}


def _opened(office: Office) -> str:
    return f"{office.account.profile.opened} 00:00:00"
