"""Which reports there are, and what each shows.

The unified reports are the same for every platform. A vendor's own tables are data too: their key
is `vendor.name`, and their columns are the vendor's figures under their own names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from resolvers.parameters import taken_by, taken_by_both
from resolvers.planner.expand import native_sources
from vendors.catalogue import IndicatorKey
from vendors.errors import BadInputError
from vendors.measures import Dimension
from vendors.parameters import Parameter
from vendors.port import Platform

__all__ = ["UNIFIED", "ReportDefinition", "definition", "definitions"]

_K = IndicatorKey


class ReportDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """What a report shows: which items, and by what it is grouped if the caller does not say."""

    key: str
    title: str
    description: str
    items: tuple[str, ...]
    group_by: tuple[Dimension, ...] = ()
    platform_keys: tuple[str, ...] = ()
    """The platforms that can answer it; empty: all are asked."""
    parameters: tuple[Parameter, ...] = ()
    """What it can be told: what all sources of its figures take, on all of these platforms."""


def _unified(
    key: str, description: str, items: Sequence[str], group_by: tuple[Dimension, ...] = ()
) -> ReportDefinition:
    title = key.replace("_", " ").capitalize()
    return ReportDefinition(
        key=key, title=title, description=description, items=tuple(items), group_by=group_by
    )


UNIFIED: Mapping[str, ReportDefinition] = {
    one.key: one
    for one in (
        _unified(
            "VOLUME",
            "How many conversations there were, and what became of them.",
            (
                _K.CONVERSATIONS_STARTED,
                _K.CONVERSATIONS_CLOSED,
                _K.CONVERSATIONS_REOPENED,
                _K.CONVERSATIONS_UNANSWERED,
                _K.CONVERSATIONS_ABANDONED,
                _K.MESSAGES_RECEIVED,
                _K.MESSAGES_SENT,
            ),
        ),
        _unified(
            "RESPONSE_TIMES",
            "How long customers waited, and how long conversations took.",
            (_K.FIRST_RESPONSE_TIME, _K.RESPONSE_TIME, _K.QUEUE_TIME, _K.HANDLE_TIME),
        ),
        _unified(
            "MESSAGES",
            "How much was written, and how long each side waited for the other.",
            (_K.MESSAGES_RECEIVED, _K.MESSAGES_SENT, _K.RESPONSE_TIME, _K.CUSTOMER_WAIT_TIME),
        ),
        _unified(
            "QUEUES",
            "How long customers waited in queues and menus, and how many were taken.",
            (
                _K.QUEUE_TIME,
                _K.IVR_TIME,
                _K.CONVERSATIONS_HANDLED,
                _K.CONVERSATIONS_ABANDONED,
            ),
        ),
        _unified(
            "ABANDONMENT",
            "Which conversations nobody took, and why.",
            (
                _K.CONVERSATIONS_STARTED,
                _K.CONVERSATIONS_HANDLED,
                _K.CONVERSATIONS_ABANDONED,
                _K.CONVERSATIONS_UNANSWERED,
                _K.CONVERSATIONS_MISSED,
            ),
        ),
        _unified(
            "INVITATIONS",
            "How many visitors were invited to talk, and how many did.",
            (_K.INVITATIONS_SHOWN, _K.INVITATIONS_ACCEPTED, _K.INVITATION_RATE),
        ),
        _unified(
            "SALES",
            "What was sold after conversations.",
            (
                _K.SALES_COUNT,
                _K.SALES_AMOUNT,
                _K.AVERAGE_ORDER_VALUE,
                _K.CONVERSION_RATE,
            ),
        ),
        _unified(
            "CUSTOMERS",
            "How many customers there were, and how many of them were new.",
            (_K.USERS_NEW, _K.USERS_ACTIVE),
        ),
        _unified(
            "SATISFACTION",
            "How customers rated what they got.",
            (
                _K.RATINGS,
                _K.RATED_GOOD,
                _K.RATED_BAD,
                _K.SATISFACTION_RATE,
                _K.SURVEY_RESPONSES,
                _K.NPS,
            ),
        ),
        _unified(
            "AVAILABILITY",
            "How long agents were there, and how busy they were.",
            (
                _K.LOGGED_IN_TIME,
                _K.AVAILABLE_TIME,
                _K.UNAVAILABLE_TIME,
                _K.OCCUPIED_TIME,
                _K.COVERAGE_TIME,
                _K.AVAILABILITY_RATE,
                _K.OCCUPANCY_RATE,
            ),
        ),
        _unified(
            "CONTACTS_PER_HOUR",
            "How many contacts each agent had in an hour of being available.",
            (_K.CONTACTS_PER_HOUR, _K.AVAILABLE_TIME, _K.OCCUPANCY_RATE),
            (Dimension.AGENT,),
        ),
        _unified(
            "AGENT_PERFORMANCE",
            "What each agent did, agent by agent.",
            (
                _K.CONVERSATIONS_STARTED,
                _K.CONVERSATIONS_CLOSED,
                _K.FIRST_RESPONSE_TIME,
                _K.HANDLE_TIME,
                _K.AVAILABLE_TIME,
                _K.OCCUPANCY_RATE,
                _K.CONTACTS_PER_HOUR,
                _K.RATED_GOOD,
                _K.RATED_BAD,
            ),
            (Dimension.AGENT,),
        ),
    )
}


def definitions(platforms: Iterable[Platform]) -> list[ReportDefinition]:
    """Return the unified reports, and the vendors' own tables on these platforms."""
    native: dict[str, ReportDefinition] = {}
    for platform in platforms:
        if platform.measures is None:
            continue
        tables = platform.measures.measurables
        for name, figures in tables.reports.items():
            key = f"{platform.vendor}.{name}"
            own = ReportDefinition(
                key=key,
                title=f"{platform.vendor_title}: {name.replace('_', ' ')}",
                description=f"The figures of {platform.vendor_title} under their own names.",
                items=tuple(f"{platform.vendor}.{figure}" for figure in figures),
                platform_keys=(platform.key,),
                parameters=tuple(taken_by(native_sources(figures, tables), tables).values()),
            )
            native[key] = _of_both(native[key], own) if key in native else own
    return [*UNIFIED.values(), *native.values()]


def _of_both(report: ReportDefinition, other: ReportDefinition) -> ReportDefinition:
    """Return the report of two platforms: all of their figures, and what both can be told."""
    here, there = ({one.name: one for one in each.parameters} for each in (report, other))
    return msgspec.structs.replace(
        report,
        items=tuple(dict.fromkeys((*report.items, *other.items))),
        platform_keys=(*report.platform_keys, *other.platform_keys),
        parameters=tuple(taken_by_both(here, there).values()),
    )


def definition(key: str, platforms: Iterable[Platform]) -> ReportDefinition:
    """Return the definition of that key; raise BadInputError naming the nearest keys."""
    known = {one.key: one for one in definitions(platforms)}
    if key not in known:
        message = f"There is no report {key!r}."
        raise BadInputError(message, argument="key", accepted=list(known))
    return known[key]
