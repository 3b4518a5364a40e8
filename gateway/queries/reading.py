"""Reads the rows of a named query: executes its document, page after page where it has pages."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError
from strawberry import Schema
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from gateway.queries.columns import ROW_PAGES
from gateway.queries.flattening import Met, flattened
from gateway.queries.named import NamedQuery
from gateway.queries.preparing import AFTER, FIRST
from gateway.queries.resuming import Passed
from gateway.queries.shaping import PAGE
from gateway.refusals import RefusedError
from gateway.security.masking import shown_errors
from resolvers.context import RequestContext, Scope
from resolvers.outcomes import PlatformFailure
from resolvers.paging import fingerprint
from resolvers.rows.columns import Row
from resolvers.rows.table import RowPage, RowRequest
from vendors.errors import BadInputError, CallerError, ForbiddenError, PlatformError

__all__ = ["QueryReading"]

_INTERNAL = "INTERNAL_SERVER_ERROR"


class QueryReading:
    """One reading of a query, from its first row to its last."""

    def __init__(self, schema: Schema, query: NamedQuery) -> None:
        """Begin at the first row."""
        self.variables: Mapping[str, object] = {}
        """What the caller has said; set it before the first page is read."""
        self.told: Mapping[str, str] = {}
        """The same as it was said."""
        self._schema = schema
        self._query = query
        self._rows: deque[Row] = deque()
        self._after: str | None = None
        self._more = True
        self._passed: Passed | None = None

    async def page(
        self, context: RequestContext, _request: RowRequest, first: int, after: str | None
    ) -> RowPage:
        """Return at most so many of the rows that follow; fulfils `table.Reader`.

        What failed is told on the page on which it did. Raises CallerError for what the schema does
        not take, and RefusedError where it could not be executed.
        """
        met = Met()
        passed = self._passed or Passed(context.services.sealer, self._question(context), after)
        self._passed = passed
        if self._more and not self._rows:
            await self._ask(context, max(first, passed.left), met)
        try:
            rows = self._next(passed, first)
        except BadInputError:
            if not met.failures:
                raise
            # Who failed has made them others, which is what is to be told.
            rows, self._more = [], False
            self._rows.clear()
        goes_on = self._more or bool(self._rows)
        return RowPage(
            rows,
            passed.cursor if goes_on else None,
            goes_on,
            tuple(met.failures),
            tuple(met.sources),
            tuple(met.truncated),
        )

    def _next(self, passed: Passed, first: int) -> list[Row]:
        """Return the rows that follow, of those that were read, behind those given out before.

        Each page has its own time and calls: one of which all was given out before is empty.
        """
        passed.pass_over(self._taken(passed.left))
        rows = [] if passed.left else self._taken(first)
        passed.note(rows)
        if not self._more and not self._rows:
            passed.end()
        return rows

    def _question(self, context: RequestContext) -> bytes:
        """Return what tells one question from another, where a cursor is given."""
        keys = [one.key for one in context.choose(None)]
        return fingerprint(self._query.name, self._query.text, sorted(self.told.items()), keys)

    def _taken(self, most: int) -> list[Row]:
        return [self._rows.popleft() for _ in range(min(most, len(self._rows)))]

    async def _ask(self, context: RequestContext, first: int, met: Met) -> None:
        """Execute the document once, and keep the rows of its answer."""
        query = self._query
        variables = dict(self.variables)
        if query.shape.paged:
            limits = context.services.limits
            long = query.shape.page_type in ROW_PAGES
            most = limits.most_rows_per_page if long else limits.most_per_page
            variables |= {FIRST: min(first, most), AFTER: self._after}
        result = await self._schema.execute(
            query.text,
            variables,
            context_value=context,
            allowed_operation_types=(OperationType.QUERY,),
        )
        met.failures += self._failed(context, result)
        self._check_withheld(context)
        data: dict[str, Any] = result.data or {}
        self._rows.extend(flattened(data, query.shape.level, len(query.shape.columns), met))
        self._follow(data)

    def _follow(self, data: object) -> None:
        """Note whether a page follows, and where."""
        self._more = False
        if not self._query.shape.paged:
            return
        for key in self._query.shape.page_key:
            data = data.get(key) if isinstance(data, dict) else None
        if isinstance(data, dict):
            info = data[PAGE]
            self._after = info["endCursor"]
            self._more = info["hasNextPage"] and self._after is not None

    def _failed(self, context: RequestContext, result: ExecutionResult) -> list[PlatformFailure]:
        """Return the platforms that failed; raise what is the caller's fault, or a bug."""
        failures = []
        for error in result.errors or ():
            cause = _cause(error)
            if isinstance(cause, PlatformError):
                failures.append(PlatformFailure.of(cause))
            elif isinstance(cause, BadInputError):
                raise self._renamed(cause)
            elif isinstance(cause, CallerError):
                raise cause
            else:
                raise _refused(shown_errors(result, context.call.request_id))
        return failures

    def _renamed(self, error: BadInputError) -> BadInputError:
        """Return the same error of the parameter that the refused argument is given by."""
        argument = error.extensions.get("argument")
        if argument is None:
            return error
        parameter = self._query.bound.parameter(argument)
        return BadInputError(
            str(error), argument=parameter, accepted=error.extensions.get("accepted")
        )

    def _check_withheld(self, context: RequestContext) -> None:
        """Raise ForbiddenError where the rows themselves are what the caller may not read."""
        hidden = self._query.shape.lists.intersection(context.withheld)
        if hidden:
            scope = Scope.PERSONAL.value
            message = f"The rows of `{self._query.name}` need a key with the scope `{scope}`."
            raise ForbiddenError(message, extensions={"scope": scope})


def _cause(error: GraphQLError) -> BaseException:
    """Return the first error, from which GraphQL made the others while passing it upwards."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _refused(errors: Iterable[Mapping[str, Any]]) -> RefusedError:
    """Return the refusal of the first error that is no platform's."""
    first = next(iter(errors))
    code = first["extensions"]["code"]
    return RefusedError(500 if code == _INTERNAL else 400, code, first["message"])
