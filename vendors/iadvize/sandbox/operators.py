"""`/operator`: who answers, the bot included."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from vendors.iadvize.sandbox import envelope, forms
from vendors.iadvize.sandbox.refusals import invalid, unknown
from vendors.iadvize.sandbox.roster import CHANNELS, FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Filters, Query
    from vendors.iadvize.sandbox.roster import Operator

_NUMBERS: dict[str, Callable[[Office, Operator], Collection[int | None]]] = {
    "id": lambda _, operator: (operator.id,),
    "group_id": lambda office, operator: (office.group_of(operator),),
    "website_id": lambda _, operator: operator.member.site_ids,
    "skill_id": lambda office, operator: office.skills_of(operator),
}
_TEXTS: dict[str, Callable[[Operator], str]] = {
    "name": lambda operator: operator.member.family,
    "external_id": lambda operator: operator.external_id or "",
    "email": lambda operator: operator.member.email,
}
FILTERS = frozenset({*_NUMBERS, *_TEXTS, "website_list"})


def operators(office: Office, query: Query) -> Payload:
    """List the operators that match the filters, newest first."""
    query.filters.allow(FILTERS)
    return envelope.listing(
        query, "operator", matching(office, query.filters), partial(fields, office)
    )


def operator(office: Office, query: Query) -> Payload:
    """Show one operator."""
    return envelope.one("operator", find(office, query), partial(fields, office))


def find(office: Office, query: Query) -> Operator:
    """Return the operator whose id is in the path, or refuse it."""
    found = office.operator(query.number)
    if found is None:
        raise unknown("operator", query.id)
    return found


def matching(office: Office, filters: Filters) -> list[Operator]:
    """Return the operators that match every filter, newest first."""
    numbers = {name: filters.number(name) for name in _NUMBERS if name in filters}
    texts = {name: _pattern(filters.text(name) or "") for name in _TEXTS if name in filters}
    site_ids = frozenset(filters.numbers("website_list"))
    found = [
        operator
        for operator in office.operators
        if all(number in _NUMBERS[name](office, operator) for name, number in numbers.items())
        and all(pattern.fullmatch(_TEXTS[name](operator)) for name, pattern in texts.items())
        and not (site_ids and site_ids.isdisjoint(operator.member.site_ids))
    ]
    return sorted(found, key=lambda operator: -operator.id)


def create_operator(office: Office, query: Query) -> Payload:
    """Take somebody on."""
    return _shown(office, office.roster.create(_said(office, query)))


def update_operator(office: Office, query: Query) -> Payload:
    """Change what is said of somebody."""
    return _shown(office, office.roster.update(find(office, query), _said(office, query)))


def delete_operator(office: Office, query: Query) -> Payload:
    """Let somebody go; what they did stays theirs."""
    office.roster.delete(find(office, query))
    return envelope.done()


def fields(office: Office, operator: Operator) -> Payload:
    """Return all that is told of an operator."""
    member = operator.member
    return {
        "id": operator.id,
        "name": member.family,
        "first_name": member.given,
        "pseudo": operator.pseudo,
        "email": member.email,
        "external_id": operator.external_id,
        "role": operator.role,
        "roles": list(operator.roles),
        **{f"{channel}_enabled": channel in member.channels for channel in CHANNELS},
        "chat_max_number": member.max_slots,
        "chat_and_call": operator.chat_and_call,
        **{
            f"{channel}_priority": priority
            for channel, priority in zip(CHANNELS, operator.priorities, strict=True)
        },
        "language_list": list(member.languages),
        "language_admin": operator.language_admin,
        "group_id": office.group_of(operator),
        "website_list": list(member.site_ids),
        "skill_list": office.skills_of(operator),
        "sso_key": f"sandbox-sso-{operator.id}",
    }


def _shown(office: Office, operator: Operator) -> Payload:
    return envelope.one("operator", operator, partial(fields, office))


def _said(office: Office, query: Query) -> Mapping[str, Any]:
    """Return what a form says of an operator; what it names must be there."""
    said = forms.read(query.form, FIELDS)
    if "group_id" in said:
        office.groups.find(said["group_id"], str(said["group_id"]))
    for number in said.get("skill_list", ()):
        office.skills.find(number, str(number))
    office.check_sites(said.get("website_list", ()))
    if said.get("roles", True) == ():
        raise invalid("roles")
    return said


def _pattern(text: str) -> re.Pattern[str]:
    """Read `*` as anything; letters match in either case."""
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.IGNORECASE | re.DOTALL)
