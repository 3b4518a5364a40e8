"""What an answer cost, for `extensions.switchboard`: calls, cache and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.cache import TalliedCache
from resolvers.context import RequestContext
from vendors.calls import CallRecord

__all__ = ["TRACE_HEADER", "trace_of"]

TRACE_HEADER = "x-switchboard-trace"


def trace_of(operation: RequestContext, seconds: float) -> dict[str, Any]:
    """Return what the operation cost so far; credentials' calls are told apart."""
    calls = operation.call.log.records
    trace: dict[str, Any] = {
        "requestId": operation.call.request_id,
        "milliseconds": _milliseconds(seconds),
        "calls": [_call(record) for record in calls],
        "platforms": _by_platform(calls),
        "cost": {"calls": operation.spending.planned, "callLimit": operation.spending.most_calls},
    }
    cache = operation.services.cache
    if isinstance(cache, TalliedCache):
        trace["cache"] = {"hits": cache.hits, "misses": cache.misses}
    return trace


def _call(record: CallRecord) -> dict[str, Any]:
    return {
        "platform": record.platform,
        "endpoint": record.endpoint,
        "status": record.status,
        "milliseconds": _milliseconds(record.seconds),
        "attempt": record.attempt,
        "credential": record.credential,
    }


def _by_platform(calls: Sequence[CallRecord]) -> list[dict[str, Any]]:
    """Return for each platform how many calls it took, and the seconds that they took in all."""
    keys = dict.fromkeys(record.platform for record in calls)
    own = {key: [record for record in calls if record.platform == key] for key in keys}
    return [
        {
            "platform": key,
            "calls": len(records),
            "seconds": round(sum(record.seconds for record in records), 6),
        }
        for key, records in own.items()
    ]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
