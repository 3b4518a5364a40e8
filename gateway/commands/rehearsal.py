"""What a query would ask of the platforms: planned in full, and nothing is asked.

The platforms' ports are replaced by ones that note what they are asked for and answer nothing;
what the cache holds is used, and nothing is put into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from sys import maxsize
from typing import Any, NoReturn

import httpx
import msgspec
from strawberry import Schema

from gateway.commands.notebook import Notebook
from gateway.commands.plan import Plan, measuring_lines, unoffered
from gateway.configuration.settings import Settings
from gateway.graphql.asking import Question, answer_to, operators_context, operators_schema
from gateway.services import open_services
from resolvers.context import Services
from resolvers.flights import Alone
from resolvers.ports import Cache
from vendors.calls import Call
from vendors.errors import PlatformRejectedError
from vendors.port import VendorSpec, Wiring

__all__ = ["rehearse"]


async def rehearse(
    settings: Settings, specs: Mapping[str, VendorSpec[Any]], question: Question
) -> Plan:
    """Return the calls that the query would make of these platforms, from what is kept now.

    Of a query that is refused for its many calls, too: the calls, and why it is refused.
    """
    schema = operators_schema(settings)
    wiring = Wiring(transport=_Nowhere())
    async with open_services(settings, specs, wiring) as services:
        allowed, refused_for_calls = await _rehearsed(settings, schema, services, question)
        if not refused_for_calls:
            return allowed
        limits = msgspec.structs.replace(services.limits, most_calls=maxsize)
        unlimited = replace(services, limits=limits)
        whole, _ = await _rehearsed(settings, schema, unlimited, question)
        return msgspec.structs.replace(whole, errors=allowed.errors)


async def _rehearsed(
    settings: Settings, schema: Schema, services: Services, question: Question
) -> tuple[Plan, bool]:
    """Return the plan within the limits of these services, and whether it has too many calls."""
    notebook = Notebook()
    rehearsed = replace(
        services,
        platforms={key: notebook.beside(one) for key, one in services.platforms.items()},
        # Past the memory of this process, which holds nothing yet, and whose look-ups are counted.
        cache=_ReadOnly(services.latest or services.cache),
        latest=None,
        # Nothing is done that another process might be doing: there is nobody to wait for.
        leases=Alone(),
    )
    call = Call.within(settings.deadline_seconds, request_id="rehearsal")
    operation = operators_context(rehearsed, call)
    errors = (await answer_to(question, schema, operation)).get("errors", ())
    answered = operation.loaders.answered
    plan = Plan(
        calls=(*measuring_lines(answered, operation), *notebook.lines),
        notes=(*unoffered(answered), *notebook.notes),
        errors=tuple(error["message"] for error in errors),
    )
    return plan, any("callLimit" in error["extensions"] for error in errors)


class _Nowhere(httpx.AsyncBaseTransport):
    """Lets no request out."""

    async def handle_async_request(self, _request: httpx.Request) -> NoReturn:
        """Refuse it for good, so that it is not tried again."""
        message = "nothing is asked in a rehearsal"
        raise PlatformRejectedError(message)


@dataclass(frozen=True, slots=True)
class _ReadOnly:
    """What is kept, to which nothing is added."""

    cache: Cache

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        return await self.cache.get_many(keys)

    async def set_many(self, _entries: Mapping[str, bytes], _ttl: float) -> None:
        return None

    async def delete_many(self, _keys: Sequence[str]) -> None:
        return None
