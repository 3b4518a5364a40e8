"""The places of an answer as compiled code knows them: what is done there, where it is not plain.

Compiled code does what is plain itself: values of the types that are expected. Everything else
goes through here to graphql-core's executor, with the value as it was found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from types import CoroutineType, GeneratorType, NoneType, WrapperDescriptorType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.executor import invalid_return_type_error
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path, Undefined

from gateway.execution.runtime import Run, Slot, Wait

__all__ = ["FieldPlace", "ItemPlace", "TypePlace", "inert"]

_NEVER_PLAIN = (BaseException, CoroutineType, GeneratorType, NoneType, type(Undefined))


def _inert(kind: type) -> bool:
    return not (
        issubclass(kind, _NEVER_PLAIN)
        or hasattr(kind, "__await__")
        or hasattr(kind, "__getattr__")
        # One that is written in Python may say that there is something to await.
        or not isinstance(kind.__getattribute__, WrapperDescriptorType)
    )


inert: Callable[[type], bool] = lru_cache(maxsize=1024)(_inert)
"""Return whether values of a type are values: nothing to await, no error, no null."""


class FieldPlace:
    """A field of a selection."""

    __slots__ = ("complete", "definition", "details", "key", "nodes", "parent", "type")

    def __init__(
        self,
        key: str,
        parent: GraphQLObjectType,
        definition: GraphQLField,
        details: list[FieldDetails],
    ) -> None:
        """Describe a field that is asked for under that key, by these details."""
        self.key = key
        self.parent = parent
        self.definition = definition
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.type: GraphQLOutputType = definition.type
        self.complete: Callable[..., Any] | None = None

    def path(self, above: Path | None) -> Path:
        """Return where the field stands."""
        return Path(above, self.key, self.parent.name)

    def info(self, run: Run, path: Path) -> GraphQLResolveInfo[Any]:
        """Return what a resolver is told."""
        return run.executor.build_resolve_info(
            self.definition, list(self.nodes), self.parent, path
        )  # fmt: skip

    def values(self, run: Run) -> dict[str, Any]:
        """Return the arguments as graphql-core coerces them; raise GraphQLError."""
        executor = run.executor
        return get_argument_values(
            self.definition,
            self.nodes[0],
            executor.variable_values,
            None,
            executor.hide_suggestions,
        )

    def failed(self, run: Run, error: Exception, path: Path) -> None:
        """Note the error and make the field null; raise the located error if it may not be."""
        run.executor.handle_field_error(error, self.type, self.details, path)

    def failed_below(self, run: Run, error: Exception, above: Path | None) -> None:
        """Do as `failed`, told where the object stands."""
        self.failed(run, error, self.path(above))

    def core(
        self, run: Run, value: object, path: Path, info: GraphQLResolveInfo[Any] | None
    ) -> Any:  # noqa: ANN401 (any answer)
        """Complete the value by graphql-core: the answer, or what has to be awaited for it."""
        info = info or self.info(run, path)
        return run.executor.complete_value(self.type, self.details, info, path, value, None)

    def leaf(self, run: Run, value: object, above: Path | None, slot: Slot, out: Any) -> Any:  # noqa: ANN401 (any answer; called by generated code, by position)
        """Return what stands for a value that is not plain; `above` is where the object stands."""
        path = self.path(above)
        try:
            return self.odd(run, value, path, None, slot, slot, out)
        except Exception as error:  # noqa: BLE001 (a serializer may raise anything)
            return self.failed(run, error, path)

    def odd(  # noqa: PLR0917 (called by generated code, by position)
        self,
        run: Run,
        value: Any,  # noqa: ANN401 (whatever a resolver gave)
        path: Path,
        info: GraphQLResolveInfo[Any] | None,
        slot: Slot,
        below: Slot,
        out: Any,  # noqa: ANN401 (the object's answer)
    ) -> Any:  # noqa: ANN401 (any answer)
        """Return what stands for a value that is not plain: null for now, if it is awaited."""
        info = info or self.info(run, path)
        if run.executor.is_awaitable(value):
            complete = self.finish
            run.new.append(Wait(value, self, path, info, slot, below, out, self.key, complete))
            return None
        return self.later(run, self.core(run, value, path, info), path, slot, below, out)

    def later(  # noqa: PLR0917 (called by generated code, by position)
        self,
        run: Run,
        done: Any,  # noqa: ANN401 (any answer)
        path: Path,
        slot: Slot,
        below: Slot,
        out: Any,  # noqa: ANN401 (the object's answer)
    ) -> Any:  # noqa: ANN401 (any answer)
        """Return the completed value: null for now, if it is awaited."""
        if not run.executor.is_awaitable(done):
            return done
        run.new.append(Wait(done, self, path, None, slot, below, out, self.key, None))
        return None

    def finish(
        self,
        run: Run,
        value: Any,  # noqa: ANN401 (whatever a resolver gave)
        path: Path,
        info: GraphQLResolveInfo[Any] | None,
        below: Slot,
    ) -> Any:  # noqa: ANN401 (any answer)
        """Complete a value that was awaited."""
        if self.complete is not None and inert(type(value)):
            return self.complete(run, value, path, info, below)
        return self.core(run, value, path, info)


class ItemPlace:
    """The items of a list."""

    __slots__ = ("field", "type")

    def __init__(self, field: FieldPlace, kind: GraphQLOutputType) -> None:
        """Describe the items of that type, in a list that the field's value is or holds."""
        self.field = field
        self.type = kind

    def failed(self, run: Run, error: Exception, path: Path) -> None:
        """Note the error and make the item null; raise the located error if it may not be."""
        run.executor.handle_field_error(error, self.type, self.field.details, path)

    def broken(self, run: Run, error: Exception, items: Sequence[Any], path: Path, at: int) -> None:
        """Do as `failed`; where the list is given up, end what its other items still hold."""
        try:
            self.failed(run, error, path.add_key(at))
        except Exception:
            executor = run.executor
            rest = [item for item in items[at + 1 :] if executor.is_awaitable(item)]
            if rest:
                executor.settle_in_background(rest)
            raise

    def item(  # noqa: PLR0917 (called by generated code, by position)
        self,
        run: Run,
        item: Any,  # noqa: ANN401 (whatever a resolver gave)
        items: Sequence[Any],
        path: Path,
        info: GraphQLResolveInfo[Any] | None,
        slot: Slot,
        out: list[Any],
    ) -> Any:  # noqa: ANN401 (any answer)
        """Return what stands for an item that is not plain, as graphql-core completes it."""
        executor = run.executor
        info = info or self.field.info(run, path)
        where = path.add_key(len(out))
        details = self.field.details
        completed: list[Any] = []
        if executor.is_awaitable(item):
            later: Awaitable[Any] = executor.complete_awaitable_list_item_value(
                item, self.type, details, info, where, None
            )
        else:
            try:
                waiting = executor.complete_list_item_value(
                    item, completed, self.type, details, info, where, None
                )
            except Exception as error:  # noqa: BLE001 (raised where the item may not be null)
                return self.broken(run, error, items, path, len(out))
            if not waiting:
                return completed[0]
            later = completed[0]
        run.new.append(Wait(later, self, where, None, slot, slot, out, len(out), None))
        return None

    def later(  # noqa: PLR0917 (called by generated code, by position)
        self,
        run: Run,
        done: Any,  # noqa: ANN401 (any answer)
        path: Path,
        slot: Slot,
        below: Slot,
        out: list[Any],
    ) -> Any:  # noqa: ANN401 (any answer)
        """Return the completed item: null for now, if it is awaited."""
        if not run.executor.is_awaitable(done):
            return done
        run.new.append(Wait(done, self, path, None, slot, below, out, len(out), None))
        return None


class TypePlace:
    """The type of an object, where a value does not plainly have it."""

    __slots__ = ("field", "type")

    def __init__(
        self, field: FieldPlace, kind: GraphQLObjectType | GraphQLAbstractType
    ) -> None:  # fmt: skip
        """Describe the type that the field names."""
        self.field = field
        self.type: Any = kind

    def checked(self, run: Run, fits: Any, value: object, path: Path) -> Any:  # noqa: ANN401 (as given; called by generated code, by position)
        """Complete an object for which `is_type_of` did not return True."""
        if run.executor.is_awaitable(fits):
            return self._checked_later(run, fits, value, path)
        return self._fitting(run, fits, value, path)

    async def _checked_later(
        self, run: Run, fits: Awaitable[Any], value: object, path: Path
    ) -> Any:  # noqa: ANN401 (any answer)
        done = self._fitting(run, await fits, value, path)
        return await done if run.executor.is_awaitable(done) else done

    def _fitting(self, run: Run, fits: object, value: object, path: Path) -> Any:  # noqa: ANN401 (any answer)
        details = self.field.details
        if not fits:
            raise invalid_return_type_error(self.type, value, details)
        return run.executor.collect_and_execute_subfields(self.type, details, path, value, None)

    def typed(
        self,
        run: Run,
        name: Any,  # noqa: ANN401 (whatever the resolver of the type gave)
        value: object,
        path: Path,
        info: GraphQLResolveInfo[Any],
    ) -> Any:  # noqa: ANN401 (any answer)
        """Complete an object whose type's name is not plainly one of those that are possible."""
        if run.executor.is_awaitable(name):
            return self._typed_later(run, name, value, path, info)
        return self._named(run, name, value, path, info)

    async def _typed_later(
        self,
        run: Run,
        name: Awaitable[Any],
        value: object,
        path: Path,
        info: GraphQLResolveInfo[Any],
    ) -> Any:  # noqa: ANN401 (any answer)
        done = self._named(run, await name, value, path, info)
        return await done if run.executor.is_awaitable(done) else done

    def _named(
        self, run: Run, name: object, value: object, path: Path, info: GraphQLResolveInfo[Any]
    ) -> Any:  # noqa: ANN401 (any answer)
        executor, details = run.executor, self.field.details
        kind = executor.ensure_valid_runtime_type(name, self.type, details, info, value)
        return executor.complete_object_value(kind, details, info, path, value, None)
