"""Begins an operation for each request: who asks, with which budget, of which platforms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import HTTPConnection

from gateway.cache import TalliedCache
from gateway.graphql.trace import TRACE_HEADER
from gateway.observability.request_log import note_operation
from gateway.refusals import RefusedError, request_id_of
from gateway.security.authentication import (
    Authenticator,
    SeveralKeysError,
    UnauthenticatedError,
    take_query_key,
)
from resolvers.context import Principal, RequestContext, Scope, Services
from vendors.calls import Call
from vendors.errors import BadInputError, CallerError, ForbiddenError

__all__ = ["TIMEOUT_HEADER", "Operations"]

TIMEOUT_HEADER = "x-request-timeout"

_LATER = {"retry-after": "5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Makes the context of each operation from the request that asks for it."""

    services: Services
    authenticator: Authenticator
    deadline: float
    """Seconds that an operation has where the request does not say."""
    longest_deadline: float
    always_traced: bool = False

    async def begin(self, request: HTTPConnection) -> RequestContext:
        """Return the context of a new operation; raise RefusedError where it may not begin."""
        principal = await self.principal_of(request)
        call = Call.within(self._seconds(request), request_id=request_id_of(request.scope))
        services = self.services
        if self.traces(request):
            services = replace(services, cache=TalliedCache(services.cache))
        operation = RequestContext(services, principal, call)
        note_operation(request.scope, operation)
        return operation

    def begin_as(self, principal: Principal, request_id: str) -> RequestContext:
        """Return the context of an operation that may have many answers, each within a deadline."""
        return RequestContext(
            self.services, principal, Call.within(self.deadline, request_id=request_id)
        )

    async def principal_of(
        self, request: HTTPConnection, *, by_query: bool = False, scope: Scope = Scope.READ
    ) -> Principal:
        """Return who asks; raise RefusedError where that is not known, or has not the scope.

        With `by_query` the key may stand in the address, which then holds it no longer: ask before
        anything else reads the parameters.
        """
        by_query = by_query and self.authenticator.query_keys
        try:
            query_key = take_query_key(request.scope) if by_query else None
        except SeveralKeysError as error:
            raise RefusedError(400, error.code, str(error)) from None
        return await self.principal_by(request.headers, query_key, scope=scope)

    async def principal_by(
        self,
        headers: Mapping[str, str],
        query_key: str | None = None,
        *,
        scope: Scope = Scope.READ,
    ) -> Principal:
        """Return who sent these headers; raise RefusedError as `principal_of` does."""
        try:
            principal = await self.authenticator.authenticate(headers, query_key)
        except UnauthenticatedError as error:
            challenge = {"www-authenticate": error.challenge}
            raise RefusedError(401, error.code, str(error), headers=challenge) from None
        except SeveralKeysError as error:
            raise RefusedError(400, error.code, str(error)) from None
        except CallerError as error:
            raise RefusedError(503, error.code, str(error), headers=_LATER) from None
        if scope not in principal.scopes:
            message = f"This needs a key with the scope `{scope.value}`."
            extensions = {"scope": scope.value}
            raise RefusedError(403, ForbiddenError.code, message, extensions=extensions)
        return principal

    def traces(self, request: HTTPConnection) -> bool:
        """Return whether the answer tells what it cost."""
        return self.always_traced or request.headers.get(TRACE_HEADER) == "1"

    def _seconds(self, request: HTTPConnection) -> float:
        """Return the seconds that the request asks for, as far as they are granted."""
        asked = request.headers.get(TIMEOUT_HEADER)
        if asked is None:
            return self.deadline
        try:
            seconds = float(asked)
        except ValueError:
            seconds = math.nan
        if not seconds > 0:
            message = "X-Request-Timeout is a number of seconds above zero."
            raise RefusedError(400, BadInputError.code, message)
        return min(seconds, self.longest_deadline)
