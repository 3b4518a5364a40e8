"""`/operator`: who answers, the bot included."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.refusals import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office, Operator
    from vendors.iadvize.sandbox.query import Filters, Query

_ROLES = {"admin": "admin", "manager": "manager"}
_ADMIN_LANGUAGES = ("de", "en", "es", "fr")

_NUMBERS: dict[str, Callable[[Office, Operator], Collection[int | None]]] = {
    "id": lambda _, operator: (operator.id,),
    "group_id": lambda office, operator: (office.group_of(operator),),
    "website_id": lambda _, operator: operator.member.site_ids,
    "skill_id": lambda office, operator: office.skills_of(operator),
}
_TEXTS: dict[str, Callable[[Operator], str]] = {
    "name": lambda operator: operator.member.family,
    "external_id": lambda operator: operator.external_id,
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


def fields(office: Office, operator: Operator) -> Payload:
    """Return all that is told of an operator."""
    member = operator.member
    role = _ROLES.get(member.role, "operator")
    spoken = [language for language in member.languages if language in _ADMIN_LANGUAGES]
    return {
        "id": operator.id,
        "name": member.family,
        "first_name": member.given,
        "pseudo": member.given,
        "email": member.email,
        "external_id": operator.external_id,
        "role": role,
        "roles": [role],
        "chat_enabled": "chat" in member.channels,
        "call_enabled": "call" in member.channels,
        "video_enabled": "video" in member.channels,
        "chat_max_number": member.max_slots,
        "chat_and_call": {"chat", "call"} <= set(member.channels),
        "chat_priority": 10,
        "call_priority": 0,
        "video_priority": 0,
        "language_list": list(member.languages),
        "language_admin": (*spoken, "en")[0],
        "group_id": office.group_of(operator),
        "website_list": list(member.site_ids),
        "skill_list": office.skills_of(operator),
        "sso_key": f"sandbox-sso-{operator.id}",
    }


def _pattern(text: str) -> re.Pattern[str]:
    """Read `*` as anything; letters match in either case."""
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.IGNORECASE | re.DOTALL)
