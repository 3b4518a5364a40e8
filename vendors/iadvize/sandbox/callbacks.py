"""`/odigocallback`: a telephone system tells that an operator took a call, and that it ended.

Whoever is called is the visitor with that number; where there is none, a new one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vendors.iadvize.sandbox import envelope, forms, visitors
from vendors.iadvize.sandbox.calls import Call
from vendors.iadvize.sandbox.refusals import invalid, missing, unknown
from vendors.world import Customer

if TYPE_CHECKING:
    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Query
    from vendors.iadvize.sandbox.roster import Operator

_FIELDS = {
    "operator_external_id": forms.FILLED,
    "website_id": forms.NUMBER,
    "phone_number": forms.FILLED,
}
_PAGE = "home"


def pick_up(office: Office, query: Query) -> Payload:
    """Make a conversation of a call."""
    operator, site_id, phone = _told(office, query)
    call = _call(office, operator, site_id, phone)
    office.calls.add(call)
    return envelope.success(
        {
            "targeting_rule_id": call.rule_id,
            "website_id": call.site_id,
            "conversation_id": call.id,
            "skill_id": call.skill_id,
            "visitor_phone_number": phone,
            "visitor_uid": call.customer.key,
        }
    )


def hang_up(office: Office, query: Query) -> Payload:
    """End a call that goes on."""
    operator, site_id, phone = _told(office, query)
    call = office.calls.find(operator.id, site_id, phone)
    if call is None:
        raise invalid("phone_number")
    office.calls.end(call, office.now)
    return envelope.success([])


def _told(office: Office, query: Query) -> tuple[Operator, int, str]:
    said = forms.read(query.form, _FIELDS)
    for field in _FIELDS:
        if field not in said:
            raise missing(field)
    external_id, site_id = said["operator_external_id"], said["website_id"]
    found = [one for one in office.operators if one.external_id == external_id]
    if not found:
        raise unknown("operator", external_id)
    office.check_sites((site_id,))
    return found[0], site_id, said["phone_number"]


def _call(office: Office, operator: Operator, site_id: int, phone: str) -> Call:
    now, number = office.now, office.numbers.next(office.now)
    known = visitors.by_phone(office, phone)
    caller = _stranger(number, phone, office) if known is None else replace(known, phone=phone)
    skill_ids = (*office.skills_of(operator), office.account.profile.skills[0].id)
    return Call(
        id=number,
        stamp=number,
        reference=f"CALL-{number}",
        channel="call",
        language=caller.language,
        site_id=site_id,
        queue_id=office.account.profile.queues[0].id,
        skill_id=skill_ids[0],
        team_id=office.group_of(operator),
        staff_id=operator.id,
        bot=False,
        customer_id=caller.id,
        customer_stamp=0,
        customer_since=caller.since,
        page_type=_PAGE,
        rule_id=None,
        started_at=now,
        queued_at=None,
        assigned_at=now,
        first_response_at=now,
        ended_at=None,
        ended_by=None,
        abandoned=None,
        reopened_at=None,
        closings=(),
        turns=(),
        tags=(),
        rating=None,
        survey=None,
        sales=(),
        caller=caller,
    )


def _stranger(number: int, phone: str, office: Office) -> Customer:
    return Customer(
        id=number,
        key=visitors.key_of(number),
        given="",
        family="",
        email="",
        phone=phone,
        city="",
        country="",
        language=office.sites[min(office.sites)].language,
        since=office.now,
    )
