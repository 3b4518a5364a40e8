"""Measures: one neutral call becomes one report of LiveChat, and its records become readings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from msgspec import UNSET, UnsetType

from vendors.calls import Call
from vendors.errors import BadInputError
from vendors.livechat import mapping, survey_mapping, wire
from vendors.livechat.arguments import agents_filters, chats_filters
from vendors.livechat.client import LiveChatClient
from vendors.livechat.filters import AgentsRequest, ChatsRequest
from vendors.livechat.indicators import CHANNELS
from vendors.livechat.reports import measurables
from vendors.livechat.settings import LiveChatSettings
from vendors.measures import Dimension, Grain, Measurables, MeasureCall, Member, Reading

__all__ = ["LiveChatMeasures"]

ChatsReport: TypeAlias = Callable[[ChatsRequest, Call], Awaitable[wire.Report[Any]]]

_DISTRIBUTIONS: Mapping[Grain, str] = {
    Grain.HOUR: "hour",
    Grain.DAY: "day",
    Grain.MONTH: "month",
    Grain.YEAR: "year",
}


class LiveChatMeasures:
    """What one LiveChat account measures."""

    def __init__(self, client: LiveChatClient, settings: LiveChatSettings) -> None:
        """Measure by that client."""
        self._client = client
        self._settings = settings
        self._measurables = measurables(settings)
        self._chats: Mapping[str, ChatsReport] = {
            "total_chats": client.total_chats,
            "total_chats_unreplied": client.total_chats,
            "duration": client.duration,
            "response_time": client.response_time,
            "first_response_time": client.first_response_time,
            "ratings": client.ratings,
            "engagement": client.engagement,
        }
        self._others: Mapping[
            str, Callable[[MeasureCall, Call], Awaitable[tuple[Reading, ...]]]
        ] = {
            "ranking": self._ranking,
            "availability": self._availability,
            "performance": self._performance,
            "tags": self._tags,
            "tags_total": self._tags,
            "greetings_conversion": self._greetings,
            "surveys": self._surveys,
            "forms": self._forms,
            "chat_usage": self._chat_usage,
            "groups": self._by_group,
            "queued_visitors": self._queued,
            "unique_visitors": self._visitors,
        }
        self._groups = {str(one.id): one.name or None for one in settings.groups}

    @property
    def measurables(self) -> Measurables:
        """Return what can be measured, as tables."""
        return self._measurables

    async def measure(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        """Make exactly the one call that is described; raise PlatformError."""
        _check_channel(measure)
        self._check_arguments(measure)
        if measure.source in self._others:
            return await self._others[measure.source](measure, call)
        report = await self._chats[measure.source](self._by_buckets(measure), call)
        return mapping.chats_readings(measure, report, self._settings.bucket_labels)

    async def members(self, dimension: Dimension, call: Call) -> tuple[Member, ...]:
        """Return the agents and tags of late, the groups of the settings, and the one channel."""
        if dimension is Dimension.AGENT:
            return tuple(Member(one.native_id) for one in await self._client.agents(call))
        if dimension is Dimension.TAG:
            return tuple(Member(tag) for tag in await self._client.used_tags(call))
        if dimension is Dimension.CHANNEL:
            return tuple(map(Member, CHANNELS))
        if dimension is Dimension.TEAM:
            return tuple(Member(group, name) for group, name in self._groups.items())
        return ()

    async def _tags(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.tags(self._by_buckets(measure), call)
        return mapping.tags_readings(measure, report, self._settings.bucket_labels)

    async def _greetings(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        request = self._of_chats(measure, _DISTRIBUTIONS.get(measure.grain, "day"))
        report = await self._client.greetings_conversion(request, call)
        return mapping.greetings_readings(measure, report, self._settings.bucket_labels)

    async def _surveys(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.surveys(self._of_chats(measure, UNSET), call)
        return survey_mapping.surveys_readings(measure, report, self._groups)

    async def _forms(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.forms(self._of_chats(measure, UNSET), call)
        return survey_mapping.forms_readings(measure, report, self._groups)

    async def _chat_usage(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.chat_usage(self._of_chats(measure, UNSET), call)
        return mapping.chat_usage_readings(measure, report)

    async def _by_group(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.groups(self._by_buckets(measure), call)
        labels = self._settings.bucket_labels
        return mapping.groups_readings(measure, report, self._groups, labels)

    async def _queued(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.queued_visitors(self._by_buckets(measure), call)
        return mapping.queued_readings(measure, report, self._settings.bucket_labels)

    async def _visitors(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.unique_visitors(self._of_chats(measure, UNSET), call)
        return mapping.visitors_readings(measure, report)

    async def _ranking(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.ranking(self._of_chats(measure, UNSET), call)
        return mapping.ranking_readings(measure, report)

    async def _availability(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        distribution = _DISTRIBUTIONS.get(measure.grain, "day")
        report = await self._client.availability(self._of_agents(measure, distribution), call)
        return mapping.availability_readings(measure, report, self._settings.bucket_labels)

    async def _performance(self, measure: MeasureCall, call: Call) -> tuple[Reading, ...]:
        report = await self._client.performance(self._of_agents(measure, UNSET), call)
        return mapping.performance_readings(measure, report)

    def _check_arguments(self, measure: MeasureCall) -> None:
        """Raise BadInputError for what this report cannot be told."""
        accepted = self._measurables.sources[measure.source].parameters
        for name in sorted({one.name for one in measure.arguments} - set(accepted)):
            message = f"This report cannot be told {name}."
            raise BadInputError(message, argument="parameters", accepted=accepted)

    def _by_buckets(self, measure: MeasureCall) -> ChatsRequest:
        usual = self._settings.total_distribution
        return self._of_chats(measure, _DISTRIBUTIONS.get(measure.grain, usual))

    def _of_chats(self, measure: MeasureCall, distribution: str | UnsetType) -> ChatsRequest:
        source = self._measurables.sources[measure.source]
        filters = chats_filters(measure, source, *self._bounds(measure))
        return ChatsRequest(distribution=distribution, timezone=measure.zone, filters=filters)

    def _of_agents(self, measure: MeasureCall, distribution: str | UnsetType) -> AgentsRequest:
        source = self._measurables.sources[measure.source]
        filters = agents_filters(measure, source, *self._bounds(measure))
        return AgentsRequest(distribution=distribution, timezone=measure.zone, filters=filters)

    def _bounds(self, measure: MeasureCall) -> tuple[str, str]:
        sub_second = self._settings.sub_second_ends
        return mapping.bounds(measure.start, measure.end, measure.zone, sub_second=sub_second)


def _check_channel(measure: MeasureCall) -> None:
    """Raise BadInputError for channels of which LiveChat has none: no report could leave chats out.

    The one that it has needs no filter.
    """
    channels = measure.filtered(Dimension.CHANNEL)
    if channels and CHANNELS.keys().isdisjoint(channels):
        message = "This platform has one channel."
        raise BadInputError(message, argument="channel", accepted=list(CHANNELS))
