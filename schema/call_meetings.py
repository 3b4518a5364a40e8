"""Call meetings: appointments for calls, past and to come."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import Parent

from resolvers.histories import HistoryFilter, history
from schema.context import Info
from schema.customers import Customer
from schema.entries import entry_of, platform_of
from schema.paging import AFTER, FIRST, Connection
from schema.personal import PERSONAL, personal
from schema.platforms import PLATFORMS, Platform
from schema.sites import Site
from schema.teams import Skill
from schema.windows import PERIOD, TIME_ZONE, PeriodInput, read_period
from vendors import records
from vendors.records import CallMeetingStatus, Channel

__all__ = ["CallMeetingQuery"]


def _starts_at(root: Parent[records.CallMeeting]) -> datetime | None:
    return root.at


async def _site(root: Parent[records.CallMeeting], info: Info) -> Site | None:
    return await entry_of(info, records.Site, root, root.site_id)  # type: ignore[no-any-return]


async def _skill(root: Parent[records.CallMeeting], info: Info) -> Skill | None:
    return await entry_of(info, records.Skill, root, root.skill_id)  # type: ignore[no-any-return]


async def _customer(root: Parent[records.CallMeeting], info: Info) -> Customer | None:
    if root.customer_id is None:
        return None
    loader = info.context.loaders.links.customer
    return await loader.load((root.platform, root.customer_id))  # type: ignore[return-value]  # the type reads the record


@strawberry.type(
    description="An appointment to call a customer. No platform fetches a single one by an id."
)
class CallMeeting:
    """A call meeting."""

    native_id: str = strawberry.field(description="The platform's own id.")
    platform: Platform = strawberry.field(
        description="The platform that tells of it.", resolver=platform_of
    )
    status: CallMeetingStatus = strawberry.field(description="What became of it.")
    native_status: str | None = strawberry.field(description="The platform's word for that.")
    starts_at: datetime | None = strawberry.field(
        description="The time of the call.", resolver=_starts_at
    )
    phone: str | None = strawberry.field(
        description=f"The number to call. {PERSONAL}",
        resolver=personal("phone", "CallMeeting.phone"),
    )
    customer_id: str | None = strawberry.field(description="The platform's id of the customer.")
    customer: Customer | None = strawberry.field(
        description=(
            "The customer; null where the platform finds none by that id. It may cost a call for "
            "each."
        ),
        resolver=_customer,
    )
    site_id: str | None = strawberry.field(description="The platform's id of the site.")
    site: Site | None = strawberry.field(description="The site.", resolver=_site)
    skill_id: str | None = strawberry.field(description="The platform's id of the skill.")
    skill: Skill | None = strawberry.field(
        description="The skill that the call takes.", resolver=_skill
    )
    rule_id: str | None = strawberry.field(
        description="The platform's id of the rule by which it was offered."
    )


@strawberry.input(description="Which call meetings are wanted; what is left out means all.")
class CallMeetingFilter:
    """Restricts call meetings."""

    site_ids: list[str] | None = strawberry.field(description="Ids of sites.", default=None)
    channels: list[Channel] | None = strawberry.field(
        description="The channels on which they were agreed.", default=None
    )


async def _call_meetings(
    info: Info,
    period: Annotated[PeriodInput | None, PERIOD] = None,
    time_zone: Annotated[str | None, TIME_ZONE] = None,
    filter: Annotated[
        CallMeetingFilter | None,
        strawberry.argument(description="Which call meetings are wanted."),
    ] = None,
    platforms: Annotated[list[str] | None, PLATFORMS] = None,
    first: Annotated[int | None, FIRST] = None,
    after: Annotated[str | None, AFTER] = None,
) -> Connection[CallMeeting] | None:
    context, given = info.context, filter or CallMeetingFilter()
    return await history(  # type: ignore[return-value]  # the type reads the record
        context,
        records.CallMeeting,
        read_period(context, period, time_zone),
        HistoryFilter(site_ids=tuple(given.site_ids or ()), channels=tuple(given.channels or ())),
        context.choose(platforms),
        first=context.page_size(first),
        after=after,
    )


@strawberry.type
class CallMeetingQuery:
    """The part of Query that is about call meetings."""

    call_meetings: Connection[CallMeeting] | None = strawberry.field(
        description=(
            "The calls that are due in a period (the last seven days if left out), the latest "
            "first over all platforms that list them. A period may lie ahead."
        ),
        resolver=_call_meetings,
    )
