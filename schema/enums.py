"""The enums of the schema: the words of the layers below, with their descriptions."""

from __future__ import annotations

from typing import TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from resolvers.comparisons import Comparison
from resolvers.outcomes import Freshness
from resolvers.periods import CalendarPeriod, PeriodUnit
from resolvers.planner.explain import FigureRole
from resolvers.reports.table import ColumnType
from resolvers.writes import WriteStatus
from vendors.capabilities import Capability
from vendors.catalogue import IndicatorKey
from vendors.drill_through import EventOrder
from vendors.http.health import HealthState
from vendors.measures import Dimension, Grain, Merge, Unit
from vendors.parameters import ParameterType, Way
from vendors.records import (
    CallMeetingStatus,
    Channel,
    ConversationState,
    MessageAuthor,
    MessageKind,
    PresenceStatus,
    SurveyQuestion,
)
from vendors.words import Word
from vendors.writes import NpsGroup, RefusalCode

__all__: list[str] = []

W = TypeVar("W", bound=type[Word])


def _registered(words: W, name: str) -> W:
    """Make the words a GraphQL enum, each value with the description that it carries."""
    strawberry.enum(words, name=name, description=(words.__doc__ or "").strip())
    definition = getattr(words, "__strawberry_definition__", None)
    if not isinstance(definition, StrawberryEnumDefinition):
        message = f"{name} did not become an enum"
        raise TypeError(message)
    for value, word in zip(definition.values, words, strict=True):
        value.description = word.description
    return words


_NAMES: dict[type[Word], str] = {
    CalendarPeriod: "CalendarPeriod",
    CallMeetingStatus: "CallMeetingStatus",
    Capability: "Capability",
    Channel: "Channel",
    ColumnType: "ColumnType",
    Comparison: "Comparison",
    ConversationState: "ConversationState",
    Dimension: "Dimension",
    EventOrder: "EventOrder",
    FigureRole: "FigureRole",
    Freshness: "Freshness",
    Grain: "Granularity",
    HealthState: "HealthState",
    IndicatorKey: "IndicatorKey",
    Merge: "MergeRule",
    MessageAuthor: "MessageAuthor",
    MessageKind: "MessageKind",
    ParameterType: "ParameterType",
    PeriodUnit: "PeriodUnit",
    NpsGroup: "NpsGroup",
    PresenceStatus: "PresenceStatus",
    RefusalCode: "RefusalCode",
    SurveyQuestion: "SurveyQuestion",
    Unit: "Unit",
    Way: "ParameterWay",
    WriteStatus: "WriteStatus",
}


def _register() -> None:
    """Make every word that the schema uses an enum; done once, before types refer to them."""
    for words, name in _NAMES.items():
        _registered(words, name)


_register()
