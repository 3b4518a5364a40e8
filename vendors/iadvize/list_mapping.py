"""What iAdvize lists beside operators and conversations, as records."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from vendors import records
from vendors.iadvize import wire
from vendors.iadvize.mapping import (
    as_flag,
    as_text,
    as_texts,
    local_instant,
    number,
    perhaps_instant,
)
from vendors.iadvize.settings import IadvizeSettings
from vendors.records import CallMeetingStatus, SurveyQuestion

__all__ = [
    "call_meeting",
    "client",
    "customer",
    "site",
    "skill",
    "survey_response",
    "tag",
    "team",
    "transaction",
]

STATUSES: Mapping[str, CallMeetingStatus] = {
    "pending": CallMeetingStatus.PENDING,
    "progress": CallMeetingStatus.IN_PROGRESS,
    "working": CallMeetingStatus.IN_PROGRESS,
    "done": CallMeetingStatus.DONE,
    "failed": CallMeetingStatus.FAILED,
}
"""The `status` values of call meetings."""

_PERCENT = 100.0


def client(item: wire.Client, settings: IadvizeSettings) -> records.Client:
    """Return the record of a client."""
    return records.Client(
        platform=settings.key,
        native_id=str(item.id),
        language=item.lang,
        premium=as_flag(item.premium_enabled),
    )


def site(item: wire.Website, settings: IadvizeSettings) -> records.Site:
    """Return the record of a website."""
    return records.Site(
        platform=settings.key,
        native_id=str(item.id),
        name=item.label,
        url=item.url,
        client_id=as_text(item.client_id),
        currency=item.currency,
        language=item.language_admin,
        time_zone=item.timezone,
    )


def team(item: wire.Group, settings: IadvizeSettings) -> records.Team:
    """Return the record of a group; its time is the account's."""
    return records.Team(
        platform=settings.key,
        native_id=str(item.id),
        name=item.name,
        parent_id=as_text(item.parent_id),
        ancestor_ids=as_texts(item.parent_list),
        agent_ids=as_texts(item.operator_list),
        created_at=perhaps_instant(item.created_at, settings.zone_of(None)),
    )


def skill(item: wire.Skill, settings: IadvizeSettings) -> records.Skill:
    """Return the record of a skill; its time is the account's."""
    order = number(item.order)
    return records.Skill(
        platform=settings.key,
        native_id=str(item.id),
        name=item.name,
        parent_id=as_text(item.parent_id),
        position=None if order is None else int(order),
        agent_ids=as_texts(item.operator_list),
        created_at=perhaps_instant(item.created_at, settings.zone_of(None)),
    )


def tag(item: wire.Tag, settings: IadvizeSettings) -> records.Tag:
    """Return the record of a tag."""
    return records.Tag(
        platform=settings.key,
        native_id=str(item.id),
        name=item.name,
        site_ids=_several(item.website_id),
    )


def customer(item: wire.Visitor, settings: IadvizeSettings) -> records.Customer:
    """Return the record of a visitor, known by the key that conversations and sales name."""
    site_ids = _several(item.website_id)
    entry = str(item.id)
    return records.Customer(
        platform=settings.key,
        native_id=as_text(item.unique_id) or entry,
        at=perhaps_instant(item.created_at, _shared_zone(site_ids or (), settings)),
        entry_id=entry,
        external_id=as_text(item.external_id),
        given_name=item.firstname,
        family_name=item.lastname,
        email=item.email,
        phone=as_text(item.phone),
        address=item.address,
        postal_code=as_text(item.zip),
        city=item.city,
        country=item.country,
        browser=item.browser,
        site_ids=site_ids,
    )


def transaction(item: wire.Transaction, settings: IadvizeSettings) -> records.Transaction:
    """Return the record of a sale; raise PlatformBadResponseError for an odd amount or time."""
    site_id = as_text(item.website_id)
    return records.Transaction(
        platform=settings.key,
        native_id=str(item.id),
        at=local_instant(item.created_at or "", settings.zone_of(site_id)),
        external_id=as_text(item.external_id),
        amount=number(item.amount),
        currency=settings.currency_of(site_id),
        site_id=site_id,
        agent_id=as_text(item.operator_id),
        conversation_id=as_text(item.conversation_id),
        customer_id=as_text(item.visitor_uid),
        customer_email=item.visitor_email,
    )


def survey_response(item: wire.Satisfaction, settings: IadvizeSettings) -> records.SurveyResponse:
    """Return the record of a satisfaction; raise PlatformBadResponseError for an odd one.

    The note of the delay is read under its documented name and the one that was probably meant.
    """
    delay = "node_delay" if item.note_delay is None else "note_delay"
    notes = {
        "note_welcome": (SurveyQuestion.WELCOME, item.note_welcome),
        "note_resolution": (SurveyQuestion.RESOLUTION, item.note_resolution),
        delay: (SurveyQuestion.WAITING, getattr(item, delay)),
    }
    whole = _PERCENT if settings.survey_notes == "percent" else 1.0
    site_id = as_text(item.website_id)
    return records.SurveyResponse(
        platform=settings.key,
        native_id=str(item.id),
        at=local_instant(item.created_at or "", settings.zone_of(site_id)),
        scores=tuple(
            records.SurveyScore(question=question, native_question=name, value=value / whole)
            for name, (question, note) in notes.items()
            if (value := number(note)) is not None
        ),
        comment=item.comment,
        site_id=site_id,
        agent_id=as_text(item.operator_id),
        conversation_id=as_text(item.conversation_id),
    )


def call_meeting(item: wire.CallMeeting, settings: IadvizeSettings) -> records.CallMeeting:
    """Return the record of a call meeting; raise PlatformBadResponseError for an odd time."""
    site_id = as_text(item.website_id)
    visitor = item.unique_id if item.visitor_uid is None else item.visitor_uid
    return records.CallMeeting(
        platform=settings.key,
        native_id=str(item.id),
        at=local_instant(item.start_at or "", settings.zone_of(site_id)),
        status=STATUSES.get(item.status or "", CallMeetingStatus.UNKNOWN),
        native_status=item.status,
        phone=as_text(item.phone_number),
        customer_id=as_text(visitor),
        site_id=site_id,
        skill_id=as_text(item.skill_id),
        rule_id=as_text(item.targeting_rule_id),
    )


def _several(value: wire.Id | list[wire.Id] | None) -> tuple[str, ...] | None:
    """Return a list of ids, which may be a single one."""
    return as_texts(value if isinstance(value, list) or value is None else [value])


def _shared_zone(site_ids: tuple[str, ...], settings: IadvizeSettings) -> ZoneInfo:
    """Return the zone of these websites, or the account's where they do not share one."""
    zones = {settings.zone_of(one).key: settings.zone_of(one) for one in site_ids}
    return next(iter(zones.values())) if len(zones) == 1 else settings.zone_of(None)
