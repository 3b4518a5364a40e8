"""What one agent did: asked for all agents of a platform at once, whoever asks for one."""

from __future__ import annotations

from dataclasses import replace

from resolvers.context import RequestContext
from resolvers.indicators import measure
from resolvers.outcomes import Freshness
from resolvers.periods import Period
from resolvers.planner.request import MeasureRequest
from resolvers.planner.series import MeasureAnswer
from vendors.catalogue import IndicatorKey
from vendors.measures import Dimension
from vendors.records import Agent

__all__ = ["AGENT_FIGURES", "performance"]

AGENT_FIGURES: tuple[IndicatorKey, ...] = (
    IndicatorKey.CONVERSATIONS_STARTED,
    IndicatorKey.CONVERSATIONS_CLOSED,
    IndicatorKey.FIRST_RESPONSE_TIME,
    IndicatorKey.HANDLE_TIME,
    IndicatorKey.AVAILABLE_TIME,
    IndicatorKey.OCCUPANCY_RATE,
    IndicatorKey.CONTACTS_PER_HOUR,
)


async def performance(
    context: RequestContext, agent: Agent, period: Period, items: tuple[str, ...]
) -> MeasureAnswer:
    """Return the agent's own series among those of all agents of the platform.

    Raises PlatformError where the platform gives none of them because it failed.
    """
    request = MeasureRequest(
        items=items,
        start=period.start,
        end=period.end,
        zone=period.time_zone,
        group_by=(Dimension.AGENT,),
    )
    answer = await measure(context, request, [context.platforms[agent.platform]])
    if answer.sources[0].freshness is Freshness.FAILED:
        raise answer.errors[0]
    return replace(answer, series=answer.by_member.get(agent.native_id, ()))
