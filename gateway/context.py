"""Begins an operation for each request: who asks, with which budget, of which platforms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import HTTPConnection

from gateway.cache import TalliedCache
from gateway.refusals import RefusedError, request_id_of
from gateway.request_log import note_operation
from gateway.security.authentication import Authenticator, UnauthenticatedError
from gateway.trace import TRACE_HEADER
from resolvers.context import Principal, RequestContext, Scope, Services
from vendors.calls import Call
from vendors.errors import BadInputError, ForbiddenError

__all__ = ["TIMEOUT_HEADER", "Operations"]

TIMEOUT_HEADER = "x-request-timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Makes the context of each operation from the request that asks for it."""

    services: Services
    authenticator: Authenticator
    deadline: float
    """Seconds that an operation has where the request does not say."""
    longest_deadline: float
    always_traced: bool = False

    def begin(self, request: HTTPConnection) -> RequestContext:
        """Return the context of a new operation; raise RefusedError where it may not begin."""
        principal = self.principal_of(request)
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

    def principal_of(self, request: HTTPConnection) -> Principal:
        """Return who asks; raise RefusedError where that is not known, or may read nothing."""
        return self.principal_by(request.headers)

    def principal_by(self, headers: Mapping[str, str]) -> Principal:
        """Return who sent these headers; raise RefusedError as `principal_of` does."""
        try:
            principal = self.authenticator.authenticate(headers)
        except UnauthenticatedError as error:
            challenge = {"www-authenticate": error.challenge}
            raise RefusedError(401, error.code, str(error), headers=challenge) from None
        if Scope.READ not in principal.scopes:
            message = f"This needs a key with the scope `{Scope.READ.value}`."
            extensions = {"scope": Scope.READ.value}
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
