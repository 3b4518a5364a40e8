"""Puts compiled execution into a Strawberry schema, by its hook for execution."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from graphql import GraphQLError
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import Schema, StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionContext

from gateway.execution.plans import Operation, Plans
from gateway.execution.runtime import Run, Slot

__all__ = ["compiled_execution"]


def compiled_execution(*, most_fields: int, from_use: int = 2) -> Callable[[], SchemaExtension]:
    """Return the extension of one schema that answers queries by compiled code.

    Operations of so many fields in all are kept. What holds no list inside of a list is compiled
    from that use of its document on: compiling takes longer than a small answer.
    Only `Schema.execute` is served, not `execute_sync`.
    """
    plans, served = Plans(most_fields, from_use), _Served()
    return lambda: _CompiledExecution(plans, served)


class _Served:
    """Remembers of the schema whether compiled code can do all that it asks for."""

    def __init__(self) -> None:
        self._schema: Schema | None = None
        self._served = False

    def is_served(self, schema: Schema) -> bool:
        """Return whether nothing in the schema has to see each field as it is resolved."""
        if schema is not self._schema:
            self._schema, self._served = schema, _is_plain(schema)
        return self._served


def _is_plain(schema: Schema) -> bool:
    return (
        schema.execution_context_class is StrawberryGraphQLCoreExecutionContext
        and not schema.directives
        and all(
            type(extension).resolve is SchemaExtension.resolve
            for extension in schema.get_extensions()
        )
    )


class _CompiledExecution(SchemaExtension):
    def __init__(self, plans: Plans, served: _Served) -> None:
        self._plans = plans
        self._served = served

    async def on_execute(self) -> AsyncIterator[None]:
        """Set the result; leave it unset where graphql-core has to find it."""
        context = self.execution_context
        if context.result is None and self._served.is_served(context.schema):
            context.result = await _result(context, self._plans)
        yield


async def _result(context: ExecutionContext, plans: Plans) -> Any:  # noqa: ANN401 (graphql-core's result)
    schema, document = context.schema, context.graphql_document
    if document is None:
        return None
    name = context.operation_name
    core = schema._schema  # noqa: SLF001 (what Strawberry itself executes; it has no public name)
    operation = plans.operation(core, document, name)
    if not plans.worth_compiling(operation):
        return None
    executor = schema.execution_context_class.build(
        core,
        document,
        context.root_value,
        context.context,
        context.variables,
        name,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # it guards, without saying so
        operation_extensions=context.operation_extensions,
    )
    # With faults in the variables there is no executor; graphql-core finds them again and says so.
    return await _executed(plans, operation, executor) if isinstance(executor, Executor) else None


async def _executed(plans: Plans, operation: Operation, executor: Executor[Any]) -> Any:  # noqa: ANN401 (graphql-core's result)
    answering = plans.answering(operation, executor)
    if answering is None:
        return None
    run = Run(executor)
    whole: list[dict[str, Any] | None] = [None]
    slot = Slot(whole, 0, None, None)
    try:
        whole[0] = answering(run, executor.root_value, None, None, slot)
    except GraphQLError as error:
        slot.dead = True
        executor.collected_errors.add(error, None)
    await run.finish()
    return executor.build_response(whole[0])
