"""LiveChat's Reports API, one method for each report, and what the reports tell of agents."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, timedelta
from typing import Any, TypeVar

import msgspec

from vendors import records
from vendors.buckets import floor_to, zone
from vendors.calls import Call
from vendors.errors import (
    PlatformAuthError,
    PlatformError,
    PlatformForbiddenError,
    PlatformNotFoundError,
    PlatformRateLimitedError,
    PlatformRejectedError,
    PlatformServerError,
    PlatformTimeoutError,
    Retry,
    Trips,
)
from vendors.http import VendorHttp
from vendors.http.health import Health
from vendors.http.message import Answer, Ask
from vendors.http.status import error_for_status, judge_by_status
from vendors.livechat import mapping, wire
from vendors.livechat.auth import auth_of
from vendors.livechat.filters import (
    AgentsFilters,
    AgentsRequest,
    ChatsFilters,
    ChatsRequest,
    ReportRequest,
)
from vendors.livechat.settings import LiveChatSettings
from vendors.port import Probe, Wiring

__all__ = ["Error", "ErrorData", "LiveChatClient", "MisdirectedError", "failure", "judge"]

T = TypeVar("T")

_MINUTE = timedelta(minutes=1)


class ErrorData(msgspec.Struct, frozen=True):
    """What an error of type misdirected_request tells besides."""

    region: str | None = None


class Error(msgspec.Struct, frozen=True):
    """Why LiveChat refused."""

    type: str
    message: str = ""
    data: ErrorData | None = None


class _ErrorBody(msgspec.Struct, frozen=True):
    """The body of a refusal; any other body has no `error`."""

    error: Error | None = None


class MisdirectedError(PlatformRejectedError):
    """The account lives in another region, which the platform names."""

    def __init__(self, region: str, *, status: int) -> None:
        """Keep the region to ask instead."""
        super().__init__(f"misdirected_request: the account lives in {region}", status=status)
        self.region = region


_FAILURES: Mapping[str, type[PlatformError]] = {
    "authentication": PlatformAuthError,
    "authorization": PlatformForbiddenError,
    "entity_too_large": PlatformRejectedError,
    "group_not_found": PlatformRejectedError,
    "internal": PlatformServerError,
    "license_expired": PlatformForbiddenError,
    "license_not_found": PlatformForbiddenError,
    "limit_reached": PlatformRejectedError,
    "misdirected_request": PlatformRejectedError,
    "missing_access": PlatformForbiddenError,
    "not_allowed": PlatformForbiddenError,
    "not_found": PlatformNotFoundError,
    "request_timeout": PlatformTimeoutError,
    "service_unavailable": PlatformServerError,
    "too_many_requests": PlatformRateLimitedError,
    "unsupported_version": PlatformRejectedError,
    "validation": PlatformRejectedError,
    "wrong_product_version": PlatformRejectedError,
}
"""The error types of LiveChat's sibling APIs. HTTP codes are documented for none of them."""

_TRIPS: Mapping[str, Trips] = {
    # No call can succeed before somebody mends the licence.
    "license_expired": Trips.CREDENTIAL,
    "license_not_found": Trips.CREDENTIAL,
}
_NOTES: Mapping[str, str] = {
    "unsupported_version": "LiveChat has switched this version of its API off: set `version`"
}
_LONGEST_NOTE = 200
_ADDRESS = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")
_REGION = re.compile(r"[a-z0-9-]{1,16}")


def failure(error: Error, status: int) -> PlatformError | None:
    """Return what a LiveChat error means, or None where its type is not known here."""
    kind = _FAILURES.get(error.type)
    if kind is None:
        return None
    region = error.data.region if error.data else None
    if error.type == "misdirected_request" and region and _REGION.fullmatch(region):
        return MisdirectedError(region, status=status)
    note = _NOTES.get(error.type) or _ADDRESS.sub("…", error.message)[:_LONGEST_NOTE]
    return kind(f"{error.type}: {note}", status=status, trips=_TRIPS.get(error.type))


def judge(answer: Answer) -> None:
    """Raise what an answer stands for: LiveChat's own error type first, the status second.

    LiveChat documents no status for its errors, so an error in a 200 is an error too.
    """
    error = _error_of(answer)
    if error is None:
        return judge_by_status(answer)
    found = failure(error, answer.status)
    if isinstance(found, PlatformRateLimitedError):
        # However it is numbered: the status table knows what Retry-After means for the next try.
        found = error_for_status(msgspec.structs.replace(answer, status=429))
    if found is not None:
        raise found
    judge_by_status(answer)
    message = f"an error of unknown type in an answer with status {answer.status}"
    raise PlatformServerError(message, status=answer.status, retry=Retry.NONE)


def _error_of(answer: Answer) -> Error | None:
    """Return the error that the body tells of, if it is such a body."""
    # What cannot be read is judged where the report is read.
    with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
        return msgspec.json.decode(answer.body, type=_ErrorBody).error
    return None


class LiveChatClient:
    """Asks the reports of one account. Each method makes one request."""

    def __init__(self, settings: LiveChatSettings, wiring: Wiring) -> None:
        """Make the client; nothing is sent yet."""
        self._settings = settings
        self._clock = wiring.clock
        self._http = VendorHttp(settings, wiring, auth=auth_of(settings), judge=judge)
        self._region = settings.region

    def health(self) -> Health:
        """Return how the platform has fared lately, without asking it."""
        return self._http.health

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def total_chats(self, request: ChatsRequest, call: Call) -> wire.Report[wire.TotalChats]:
        """Return how many chats there were."""
        return await self._report("chats/total_chats", request, wire.Report[wire.TotalChats], call)

    async def duration(self, request: ChatsRequest, call: Call) -> wire.Report[wire.Duration]:
        """Return how long chats took, on average."""
        return await self._report("chats/duration", request, wire.Report[wire.Duration], call)

    async def response_time(
        self, request: ChatsRequest, call: Call
    ) -> wire.Report[wire.ResponseTime]:
        """Return how long agents took to answer, on average."""
        shape = wire.Report[wire.ResponseTime]
        return await self._report("chats/response_time", request, shape, call)

    async def first_response_time(
        self, request: ChatsRequest, call: Call
    ) -> wire.Report[wire.FirstResponseTime]:
        """Return how long agents took to answer first, on average."""
        shape = wire.Report[wire.FirstResponseTime]
        return await self._report("chats/first_response_time", request, shape, call)

    async def ratings(self, request: ChatsRequest, call: Call) -> wire.Report[wire.Ratings]:
        """Return how chats were rated."""
        return await self._report("chats/ratings", request, wire.Report[wire.Ratings], call)

    async def engagement(self, request: ChatsRequest, call: Call) -> wire.Report[wire.Engagement]:
        """Return how chats began."""
        return await self._report("chats/engagement", request, wire.Report[wire.Engagement], call)

    async def tags(self, request: ChatsRequest, call: Call) -> wire.Report[wire.Tags]:
        """Return how many chats bear each tag."""
        return await self._report("chats/tags", request, wire.Report[wire.Tags], call)

    async def greetings_conversion(
        self, request: ChatsRequest, call: Call
    ) -> wire.Report[dict[str, wire.GreetingConversion]]:
        """Return what became of each greeting."""
        shape = wire.Report[dict[str, wire.GreetingConversion]]
        return await self._report("chats/greetings_conversion", request, shape, call)

    async def surveys(self, request: ChatsRequest, call: Call) -> wire.Report[wire.GroupSurveys]:
        """Return how often surveys were filled in, by group; it has no buckets."""
        return await self._report("chats/surveys", request, wire.Report[wire.GroupSurveys], call)

    async def forms(self, request: ChatsRequest, call: Call) -> wire.FormReport:
        """Return how often forms were filled in, by group; it has no buckets. Since 3.5."""
        return await self._report("chats/forms", request, wire.FormReport, call)

    async def chat_usage(self, request: ChatsRequest, call: Call) -> wire.Report[int]:
        """Return how many chats bear each tag; it has no buckets. Since 3.5."""
        return await self._report("tags/chat_usage", request, wire.Report[int], call)

    async def groups(self, request: ChatsRequest, call: Call) -> wire.Report[dict[str, int]]:
        """Return how many chats each group handled. Since 3.6."""
        return await self._report("chats/groups", request, wire.Report[dict[str, int]], call)

    async def queued_visitors(
        self, request: ChatsRequest, call: Call
    ) -> wire.Report[dict[str, dict[str, float | None]]]:
        """Return how long customers waited in the queue, seconds. Since 3.6."""
        shape = wire.Report[dict[str, dict[str, float | None]]]
        return await self._report("chats/queued_visitors", request, shape, call)

    async def unique_visitors(self, request: ChatsRequest, call: Call) -> wire.VisitorsReport:
        """Return how many visitors there were, and what they viewed. Since 3.6."""
        return await self._report("customers/unique_visitors", request, wire.VisitorsReport, call)

    async def ranking(self, request: ChatsRequest, call: Call) -> wire.Report[wire.Ranking]:
        """Return how each agent was rated; it has no buckets."""
        return await self._report("chats/ranking", request, wire.Report[wire.Ranking], call)

    async def availability(
        self, request: AgentsRequest, call: Call
    ) -> wire.Report[wire.Availability]:
        """Return for how long somebody accepted chats."""
        shape = wire.Report[wire.Availability]
        return await self._report("agents/availability", request, shape, call)

    async def performance(self, request: AgentsRequest, call: Call) -> wire.PerformanceReport:
        """Return what each agent did; it has no buckets."""
        return await self._report("agents/performance", request, wire.PerformanceReport, call)

    async def agents(self, call: Call) -> tuple[records.Agent, ...]:
        """Return the agents whom the performance report names over the look-back.

        LiveChat's reports list agents nowhere else.
        """
        first, last = self._look_back(self._settings.agents_look_back)
        filters = AgentsFilters(from_=first, to=last)
        request = AgentsRequest(timezone=self._settings.time_zone, filters=filters)
        return mapping.agents(await self.performance(request, call), self._settings.key)

    async def used_tags(self, call: Call) -> tuple[str, ...]:
        """Return the tags that the tags report names over the look-back, in their order."""
        first, last = self._look_back(self._settings.tags_look_back)
        request = ChatsRequest(
            distribution=self._settings.total_distribution,
            timezone=self._settings.time_zone,
            filters=ChatsFilters(from_=first, to=last),
        )
        report = await self.tags(request, call)
        return tuple(sorted({tag for bucket in report.records.values() for tag in bucket}))

    def _look_back(self, reach: timedelta) -> tuple[str, str]:
        """Return the bounds of a look-back up to the last whole hour.

        So the same question is asked for an hour.
        """
        where = self._settings.time_zone
        end = floor_to("hour", self._clock.now(), zone(where))
        sub_second = self._settings.sub_second_ends
        return mapping.bounds(end - reach, end, where, sub_second=sub_second)

    async def probe(self, call: Call) -> Probe:
        """Ask for the chats of the last whole minute: the cheapest report there is."""
        end = self._clock.now().astimezone(UTC).replace(second=0, microsecond=0)
        sub_second = self._settings.sub_second_ends
        first, last = mapping.bounds(end - _MINUTE, end, "UTC", sub_second=sub_second)
        filters = ChatsFilters(from_=first, to=last)
        request = ChatsRequest(timezone="UTC", filters=filters)

        async def probe(ask: Ask) -> Probe:
            return await self._http.probe(ask, call)

        return await self._in_region(probe, "chats/total_chats", request)

    async def _report(self, report: str, request: ReportRequest, shape: type[T], call: Call) -> T:
        async def fetch(ask: Ask) -> T:
            return await self._http.fetch(ask, shape, call)

        return await self._in_region(fetch, report, request)

    async def _in_region(
        self, send: Callable[[Ask], Awaitable[T]], report: str, request: ReportRequest
    ) -> T:
        """Send the request, and once more where LiveChat names the region to ask instead."""
        tried = self._region
        try:
            return await send(self._ask(report, request))
        except MisdirectedError as error:
            if error.region == tried:
                raise
            self._region = error.region
        return await send(self._ask(report, request))

    def _ask(self, report: str, request: ReportRequest) -> Ask:
        by_url = self._settings.version_in == "url"
        headers = {} if by_url else {"X-API-Version": self._settings.version}
        if self._region is not None:
            headers["X-Region"] = self._region
        version = f"/v{self._settings.version}" if by_url else ""
        return Ask(
            endpoint=report,
            path=f"{version}/reports/{report}",
            headers=tuple(headers.items()),
            group=report.partition("/")[0],
            **self._content(request),
        )

    def _content(self, request: ReportRequest) -> dict[str, Any]:
        """Return the request as a body or, where it has such a form, as a query string."""
        if self._settings.method == "GET" and _has_query(request):
            return {"method": "GET", "params": _query_of(request)}
        return {"method": "POST", "json": request}


def _has_query(request: ReportRequest) -> bool:
    """Return whether the request can be a query string: surveys and forms have no such form."""
    filters = getattr(request, "filters", None)
    return not (isinstance(filters, ChatsFilters) and (filters.surveys or filters.forms))


def _query_of(request: ReportRequest) -> tuple[tuple[str, str], ...]:
    """Return the request as the pairs of a query string.

    Names are joined by dots, a list repeats its name, and a property's namespace and name alone
    stand in brackets.
    """
    return tuple(_pairs("", msgspec.to_builtins(request)))


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _pairs(_joined(name, key), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _pairs(name, inner)
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _joined(name: str, key: str) -> str:
    """Return the name of a member, in brackets for the two levels below `filters.properties`."""
    root = "filters.properties"
    if name == root or (name.startswith(f"{root}[") and name.count("[") == 1):
        return f"{name}[{key}]"
    return f"{name}.{key}" if name else key
