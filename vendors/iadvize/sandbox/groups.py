"""`/group` and `/skill`: how the operators are ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vendors.iadvize.sandbox import envelope

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.desk_book import Entry
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query


def groups(office: Office, query: Query) -> Payload:
    """List the groups."""
    query.filters.allow({"parent_id"})
    found = office.groups.within(query.filters.number("parent_id") or None)
    return envelope.listing(query, "group", found, lambda one: _group(office, one))


def group(office: Office, query: Query) -> Payload:
    """Show one group."""
    return _one_group(office, office.groups.find(query.number, query.id))


def create_group(office: Office, query: Query) -> Payload:
    """Create a group."""
    return _one_group(office, office.groups.create(query.form, _now(office)))


def update_group(office: Office, query: Query) -> Payload:
    """Change a group."""
    found = office.groups.find(query.number, query.id)
    return _one_group(office, office.groups.update(found, query.form))


def delete_group(office: Office, query: Query) -> Payload:
    """Delete a group; its operators are then in none."""
    office.groups.delete(office.groups.find(query.number, query.id))
    return envelope.done()


def _one_group(office: Office, found: Entry) -> Payload:
    return envelope.one("group", found, lambda one: _group(office, one))


def _group(office: Office, found: Entry) -> Payload:
    return {
        "id": found.id,
        "name": found.name,
        "created_at": found.created_at,
        "parent_id": found.parent_id,
        "operator_list": [one.id for one in office.operators if one.group_id == found.id],
        "parent_list": office.groups.parents(found),
    }


def skills(office: Office, query: Query) -> Payload:
    """List the skills, those of one operator if need be."""
    filters = query.filters
    filters.allow({"operator_id", "parent_id"})
    asked = filters.number("operator_id")
    operator = office.operator(asked)
    owned = () if operator is None else operator.skill_ids
    found = [
        one
        for one in office.skills.within(filters.number("parent_id") or None)
        if asked is None or one.id in owned
    ]
    return envelope.listing(query, "skill", found, lambda one: _skill(office, one))


def skill(office: Office, query: Query) -> Payload:
    """Show one skill."""
    return _one_skill(office, office.skills.find(query.number, query.id))


def create_skill(office: Office, query: Query) -> Payload:
    """Create a skill."""
    return _one_skill(office, office.skills.create(query.form, _now(office)))


def update_skill(office: Office, query: Query) -> Payload:
    """Change a skill."""
    found = office.skills.find(query.number, query.id)
    return _one_skill(office, office.skills.update(found, query.form))


def delete_skill(office: Office, query: Query) -> Payload:
    """Delete a skill; nobody has it any more."""
    office.skills.delete(office.skills.find(query.number, query.id))
    return envelope.done()


def _one_skill(office: Office, found: Entry) -> Payload:
    return envelope.one("skill", found, lambda one: _skill(office, one))


def _skill(office: Office, found: Entry) -> Payload:
    return {
        "id": found.id,
        "name": found.name,
        "order": found.order,
        "created_at": found.created_at,
        "parent_id": found.parent_id,
        "operator_list": [one.id for one in office.operators if found.id in one.skill_ids],
    }


def _now(office: Office) -> str:
    return f"{office.now.astimezone(office.account.profile.zone):%Y-%m-%d %H:%M:%S}"
