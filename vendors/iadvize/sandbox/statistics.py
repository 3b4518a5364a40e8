"""`GET /statistic`: indicators over a window, as one object, as rows of a resource, or as a map.

Where the document says nothing: without bounds the window is that of the conversation list, and may
be of any length; without `indicators` all are told; without `channel` every indicator is told over
all of its channels. An indicator that does not exist on a channel, or that does not split by a
resource, is null. A resource cannot be told by granularity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.iadvize.sandbox import envelope
from vendors.iadvize.sandbox.facts import Scope
from vendors.iadvize.sandbox.indicators import CHANNELS, INDICATORS
from vendors.iadvize.sandbox.query import whole_number
from vendors.iadvize.sandbox.refusals import Refusal, invalid, missing
from vendors.iadvize.sandbox.resources import RESOURCES
from vendors.iadvize.sandbox.window import STEPS, Window, buckets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from vendors.iadvize.sandbox.envelope import Payload
    from vendors.iadvize.sandbox.facts import Key
    from vendors.iadvize.sandbox.indicators import Indicator, Value
    from vendors.iadvize.sandbox.ledger import Ledger
    from vendors.iadvize.sandbox.office import Office
    from vendors.iadvize.sandbox.query import Filters, Query

_FILTERS = frozenset(
    {
        "website_id",
        "website_list",
        "channel",
        "resource",
        "resource_id",
        "indicators",
        "from",
        "to",
        "granularity",
    }
)


class Request(NamedTuple):
    """What is asked for, read and found valid."""

    indicators: tuple[Indicator, ...]
    site_ids: frozenset[int]
    channel: str | None
    resource: str | None
    member: Key
    granularity: str | None
    window: Window
    zone: ZoneInfo
    now: datetime


class Statistics:
    """Answers from one ledger."""

    def __init__(self, office: Office, ledger: Ledger) -> None:
        self._office = office
        self._ledger = ledger

    def statistic(self, query: Query) -> Payload:
        """Return the indicators that are asked for."""
        request = _read(query.filters, self._office)
        if request.resource is not None:
            return envelope.success(self._rows(request, request.resource))
        if request.granularity is not None:
            return envelope.success(self._series(request, request.granularity))
        return envelope.success(self._values(request, request.window, (None,))[None])

    def _series(self, request: Request, granularity: str) -> Mapping[str, Value]:
        (indicator,) = request.indicators
        return {
            bucket.label: self._values(request, Window(bucket.start, bucket.end), (None,))[None][
                indicator.name
            ]
            for bucket in buckets(request.window, granularity, request.zone)
        }

    def _rows(self, request: Request, resource: str) -> Sequence[Mapping[str, Any]]:
        members = tuple(
            key
            for key in RESOURCES[resource].members(self._office)
            if request.member is None or key == request.member
        )
        values = self._values(request, request.window, members)
        return [{"id": key, **values[key]} for key in members]

    def _values(
        self, request: Request, span: Window, keys: Sequence[Key]
    ) -> Mapping[Key, Mapping[str, Value]]:
        """Return every indicator of every member, adding up once what several are made of."""
        found: dict[Key, dict[str, Value]] = {key: {} for key in keys}
        groups: dict[frozenset[str], list[Indicator]] = {}
        for indicator in request.indicators:
            groups.setdefault(_channels(indicator, request, self._office), []).append(indicator)
        for channels, indicators in groups.items():
            figures = self._ledger.figures(
                span,
                Scope(request.site_ids, channels),
                sorted({name for indicator in indicators for name in indicator.families}),
                resource=request.resource,
                now=request.now,
            )
            for key in keys:
                made = figures(key)
                for indicator in indicators:
                    if self._exists(indicator, request, key):
                        found[key][indicator.name] = indicator.value(made)
        names = [indicator.name for indicator in request.indicators]
        return {key: {name: values.get(name) for name in names} for key, values in found.items()}

    def _exists(self, indicator: Indicator, request: Request, key: Key) -> bool:
        if request.channel is not None and request.channel not in indicator.channels:
            return False
        if request.resource is None:
            return True
        if not RESOURCES[request.resource].splits.issuperset(indicator.families):
            return False
        bot = self._office.account.bot
        of_bot = request.resource == "operator" and bot is not None and key == bot.id
        return indicator.of_bots or not of_bot


def _channels(indicator: Indicator, request: Request, office: Office) -> frozenset[str]:
    asked = office.account.profile.channels if request.channel is None else (request.channel,)
    return indicator.channels.intersection(asked, office.account.profile.channels)


def _read(filters: Filters, office: Office) -> Request:
    filters.allow(_FILTERS)
    site_ids = _site_ids(filters, office)
    resource = filters.choice("resource", RESOURCES)
    indicators = _indicators(filters)
    zone, now = office.zone(site_ids), office.now
    return Request(
        indicators=indicators,
        site_ids=site_ids,
        channel=filters.choice("channel", CHANNELS),
        resource=resource,
        member=_member(filters, resource),
        granularity=_granularity(filters, resource, indicators),
        window=filters.window(zone, now),
        zone=zone,
        now=now,
    )


def _site_ids(filters: Filters, office: Office) -> frozenset[int]:
    listed = filters.numbers("website_list")
    single = filters.number("website_id")
    asked = listed or (() if single is None else (single,))
    if not office.sites.keys() >= set(asked):
        raise invalid("website_list" if listed else "website_id")
    return frozenset(asked or office.sites)


def _indicators(filters: Filters) -> tuple[Indicator, ...]:
    names = filters.words("indicators")
    if not INDICATORS.keys() >= set(names):
        raise invalid("indicators")
    return tuple(INDICATORS[name] for name in names or INDICATORS)


def _member(filters: Filters, resource: str | None) -> Key:
    value = filters.text("resource_id")
    if value is None:
        return None
    if resource is None:
        raise missing("resource")
    numbered = not resource.endswith("_type")
    return whole_number("resource_id", value) if numbered else value


def _granularity(
    filters: Filters, resource: str | None, indicators: Sequence[Indicator]
) -> str | None:
    value = filters.choice("granularity", STEPS)
    if value is None:
        return None
    if len(indicators) != 1:
        raise Refusal("Field 'granularity' is only allowed with exactly one indicator.")
    if resource is not None:
        raise Refusal("Field 'granularity' is not allowed with field 'resource'.")
    return value
