"""Writes the Python code that answers one operation: a function for each object and each list.

The code follows graphql-core's executor field by field: the same order, the same places where an
error is noted, and the same places that become null. What it does itself is only what is plain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import iscoroutinefunction
from types import CoroutineType
from typing import Any, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import CollectedFields, FieldDetails, collect_fields
from graphql.pyutils import Path

from gateway.execution.access import Access, access
from gateway.execution.leaves import Leaves
from gateway.execution.names import Names
from gateway.execution.places import FieldPlace, ItemPlace, TypePlace, inert
from gateway.execution.runtime import Slot

__all__ = ["UnsupportedError", "compiled"]

_MOST_PLACES = 2000
"""Fields of an operation, counted in each type that they are asked of; further are not compiled."""

_PARAMETERS = "run, s, path, info, slot"


class UnsupportedError(Exception):
    """The operation holds something that is left to graphql-core."""


class OddError(Exception):
    """A value is not plain; nothing has been done with it."""


def _odd(value: object) -> None:
    """Give up an item because of that value, which will be read again."""
    if isinstance(value, CoroutineType):
        value.close()
    raise OddError


def compiled(executor: Executor[Any]) -> tuple[Callable[..., dict[str, Any]], int]:
    """Return the function that answers the executor's operation, and how many fields it knows.

    It holds for all executions whose `@skip` and `@include` decide alike. Raises
    UnsupportedError for what is left to graphql-core.
    """
    source = _Source(executor)
    name = source.root()
    return source.functions()[name], source.places


class _Source:
    """The code of one operation, as it grows."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._names = Names()
        self._leaves = Leaves(self._names)
        self._functions: list[str] = []
        self._objects: dict[tuple[str, int], str] = {}
        self._completing: list[tuple[FieldPlace, str]] = []
        self._tables: list[tuple[str, Mapping[str, str]]] = []
        self.places = 0

    def root(self) -> str:
        """Write everything; return the name of the function for the whole answer."""
        executor = self._executor
        root = executor.schema.get_root_type(executor.operation.operation)
        if root is None:
            raise UnsupportedError
        fields = collect_fields(
            executor.schema,
            executor.fragments,
            executor.variable_values,
            root,
            executor.operation,
            executor.hide_suggestions,
        )
        return self._object(root, fields)

    def functions(self) -> dict[str, Any]:
        """Return the functions by name, put together."""
        names: dict[str, Any] = self._names.values
        names.update(Path=Path, Slot=Slot, inert=inert, odd=_odd)
        exec(compile("\n".join(self._functions), "<operation>", "exec"), names)  # noqa: S102 (written here, from names made here)
        for place, name in self._completing:
            place.complete = names[name]
        for table, rows in self._tables:
            names[table] = {kind: names[name] for kind, name in rows.items()}
        return names

    def _function(self, stem: str, body: Sequence[str]) -> str:
        name = self._names.new(stem)
        lines = "\n".join(f"    {line}" for line in body)
        self._functions.append(f"def {name}({_PARAMETERS}):\n{lines}\n")
        return name

    # ------------------------------------------------------------------------------- objects

    def _object(self, kind: GraphQLObjectType, fields: CollectedFields) -> str:
        """Write the function that answers a selection on one type; `s` is the object."""
        if fields.new_defer_usages:
            raise UnsupportedError
        body = ["out = {}"]
        for key, details in fields.grouped_field_set.items():
            body += self._field(kind, key, details)
        return self._function("object_", [*body, "return out"])

    def _place(
        self, kind: GraphQLObjectType, key: str, details: list[FieldDetails]
    ) -> FieldPlace | None:
        """Return the field's place, None where graphql-core leaves it out."""
        self.places += 1
        name = details[0].node.name.value
        if self.places > _MOST_PLACES or name in {"__schema", "__type"}:
            raise UnsupportedError
        definition = self._executor.schema.get_field(kind, name)
        return None if definition is None else FieldPlace(key, kind, definition, details)

    def _field(
        self, kind: GraphQLObjectType, key: str, details: list[FieldDetails]
    ) -> list[str]:  # fmt: skip
        if details[0].node.name.value == "__typename":
            return [f"out[{self._names.of(key, 'K')}] = {self._names.of(kind.name, 'T')}"]
        place = self._place(kind, key, details)
        if place is None:
            return []
        how = access(place, self._executor, self._names)
        if is_leaf_type(get_nullable_type(place.type)):
            return self._leaf_field(place, how)
        return self._deep_field(place, how)

    def _leaf_field(self, place: FieldPlace, how: Access) -> list[str]:
        field, key = self._names.of(place, "F"), self._names.of(place.key, "K")
        if not how.informed:
            leaf = self._leaf(place.type, "v", f"{field}.leaf(run, v, path, slot, out)")
            return [
                "try:",
                f"    v = {how.value}",
                "except Exception as e:",
                f"    out[{key}] = {field}.failed_below(run, e, path)",
                "else:",
                f"    out[{key}] = {leaf}",
            ]
        leaf = self._leaf(place.type, "v", f"{field}.odd(run, v, p, info, slot, slot, out)")
        return [
            *self._found(place, informed=True),
            "try:",
            *_indented(how.before),
            f"    v = {how.value}",
            f"    out[{key}] = {leaf}",
            "except Exception as e:",
            f"    out[{key}] = {field}.failed(run, e, p)",
        ]

    def _deep_field(self, place: FieldPlace, how: Access) -> list[str]:
        """Return the code of a field that holds objects or lists."""
        field, key = self._names.of(place, "F"), self._names.of(place.key, "K")
        bare = get_nullable_type(place.type)
        complete, done = self._complete(place, bare)
        self._completing.append((place, complete))
        nullable = bare is place.type
        informed = how.informed or _asks_info(bare)
        return [
            *self._found(place, informed=informed),
            f"b = Slot(out, {key}, p, slot)" if nullable else "b = slot",
            "try:",
            *_indented(how.before),
            f"    v = {how.value}",
            "    if inert(type(v)):",
            f"        c = {complete}(run, v, p, info, b)",
            f"        if type(c) is not {done}: c = {field}.later(run, c, p, slot, b, out)",
            *(["    elif v is None:", "        c = None"] if nullable else []),
            "    else:",
            f"        c = {field}.odd(run, v, p, info, slot, b, out)",
            "except Exception as e:",
            *(["    b.dead = True"] if nullable else []),
            f"    c = {field}.failed(run, e, p)",
            f"out[{key}] = c",
        ]

    def _found(self, place: FieldPlace, *, informed: bool) -> list[str]:
        """Return the code that says where the field stands, and what its resolver is told."""
        key, kind = self._names.of(place.key, "K"), self._names.of(place.parent.name, "T")
        info = f"{self._names.of(place, 'F')}.info(run, p)" if informed else "None"
        return [f"p = Path(path, {key}, {kind})", f"info = {info}"]

    def _leaf(self, kind: GraphQLOutputType, value: str, otherwise: str) -> str:
        bare = get_nullable_type(kind)
        code = self._leaves.code(cast("GraphQLLeafType", bare), value, otherwise)
        return code if is_non_null_type(kind) else f"(None if {value} is None else {code})"

    # ------------------------------------------------------------------- what a field holds

    def _complete(self, place: FieldPlace, bare: GraphQLType) -> tuple[str, str]:
        """Return the name of the function that completes values, and the type it plainly gives."""
        if isinstance(bare, GraphQLList):
            return self._list(place, bare), "list"
        if isinstance(bare, GraphQLObjectType):
            return self._checked(place, bare), "dict"
        return self._typed(place, cast("GraphQLAbstractType", bare)), "dict"

    def _selected(self, place: FieldPlace, kind: GraphQLObjectType) -> CollectedFields:
        return self._executor.collect_subfields(kind, place.details)

    def _checked(self, place: FieldPlace, kind: GraphQLObjectType) -> str:
        """Return the function for objects of a type, which asks first whether they are of it."""
        known = self._objects.get((kind.name, id(place.details)))
        if known is not None:
            return known
        name = self._object(kind, self._selected(place, kind))
        if kind.is_type_of:
            check = self._names.of(kind.is_type_of, "Q")
            where = self._names.of(TypePlace(place, kind), "O")
            body = [
                f"fits = {check}(s, info)",
                f"if fits is not True: return {where}.checked(run, fits, s, path)",
                f"return {name}({_PARAMETERS})",
            ]
            name = self._function("checked_", body)
        self._objects[kind.name, id(place.details)] = name
        return name

    def _typed(self, place: FieldPlace, kind: GraphQLAbstractType) -> str:
        """Return the function for objects of an interface or union."""
        possible = self._executor.schema.get_possible_types(kind)
        table = self._names.new("table_")
        self._tables.append((table, {each.name: self._checked(place, each) for each in possible}))
        resolve = self._names.of(kind.resolve_type or self._executor.type_resolver, "Q")
        where = self._names.of(TypePlace(place, kind), "O")
        body = [
            f"name = {resolve}(s, info, {self._names.of(kind, 'T')})",
            f"known = {table}.get(name) if type(name) is str else None",
            f"if known is None: return {where}.typed(run, name, s, path, info)",
            f"return known({_PARAMETERS})",
        ]
        return self._function("typed_", body)

    # --------------------------------------------------------------------------------- lists

    def _list(self, place: FieldPlace, kind: GraphQLList[Any]) -> str:
        """Return the function for a list: `s` is the list, and `v` each item."""
        field = self._names.of(place, "F")
        items = ItemPlace(place, kind.of_type)
        return self._function(
            "list_",
            [
                "if type(s) is not list and type(s) is not tuple:",
                f"    return {field}.core(run, s, path, info)",
                "c = []",
                "append = c.append",
                "known = None",
                *self._items(items),
                "return c",
            ],
        )

    def _items(self, items: ItemPlace) -> list[str]:
        otherwise = f"{self._names.of(items, 'L')}.item(run, v, s, path, info, slot, c)"
        bare = get_nullable_type(items.type)
        if is_leaf_type(bare):
            leaf = self._leaf(items.type, "v", otherwise)
            return ["for v in s:", f"    append({leaf})"]
        if isinstance(bare, GraphQLObjectType):
            flat = self._flat(items, bare)
            if flat is not None:
                return [*flat, "    except Exception:", f"        append({otherwise})"]
        return self._deep_items(items, bare, otherwise)

    def _deep_items(
        self, items: ItemPlace, bare: GraphQLType, otherwise: str
    ) -> list[str]:  # fmt: skip
        where = self._names.of(items, "L")
        complete, done = self._complete(items.field, bare)
        nullable = bare is items.type
        plain = "inert(type(v))"
        if done == "list":
            plain = "type(v) is list or type(v) is tuple"
        return [
            "for v in s:",
            "    if type(v) is not known:",
            f"        if not ({plain}):",
            f"            append({otherwise})",
            "            continue",
            "        known = type(v)",
            "    p = Path(path, len(c), None)",
            "    b = Slot(c, len(c), p, slot)" if nullable else "    b = slot",
            "    try:",
            f"        x = {complete}(run, v, p, info, b)",
            f"        if type(x) is not {done}: x = {where}.later(run, x, p, slot, b, c)",
            "    except Exception as e:",
            *(["        b.dead = True"] if nullable else []),
            f"        x = {where}.broken(run, e, s, path, len(c))",
            "    append(x)",
        ]

    def _flat(self, items: ItemPlace, kind: GraphQLObjectType) -> list[str] | None:
        """Return the code for objects of nothing but attributes; None for others.

        Attributes may be read again, so that no error has to be told from another: an item that
        is not plain is done by graphql-core from its beginning.
        """
        if iscoroutinefunction(kind.is_type_of):
            return None
        texts: dict[str, str] = {}
        body, parts = [], []
        fields = self._selected(items.field, kind).grouped_field_set
        for number, (key, details) in enumerate(fields.items()):
            code = self._flat_field(kind, details, f"v{number}", texts)
            if code is None:
                return None
            body += code[:-1]
            parts.append(f"{self._names.of(key, 'K')}: {code[-1]}")
        check = ""
        if kind.is_type_of:
            check = (
                f"        if {self._names.of(kind.is_type_of, 'Q')}(v, info) is not True: odd(None)"
            )
        return [
            *(f"{name} = run.texts({writer})" for writer, name in texts.items()),
            "for v in s:",
            "    try:",
            "        if type(v) is not known:",
            "            if not inert(type(v)): odd(None)",
            "            known = type(v)",
            *filter(None, [check]),
            *(f"        {line}" for line in body),
            f"        append({{{', '.join(parts)}}})",
        ]

    def _flat_field(
        self,
        kind: GraphQLObjectType,
        details: list[FieldDetails],
        value: str,
        texts: dict[str, str],
    ) -> list[str] | None:
        """Return the code that reads an attribute, and last the expression of its answer."""
        if details[0].node.name.value == "__typename":
            return [self._names.of(kind.name, "T")]
        place = self._place(kind, "", details)
        if place is None or not is_leaf_type(get_nullable_type(place.type)):
            return None
        how = access(place, self._executor, self._names)
        if not how.plain:
            return None
        otherwise = f"odd({value})"
        code = self._leaf(place.type, value, otherwise)
        bare = cast("GraphQLLeafType", get_nullable_type(place.type))
        writer = self._leaves.writer(bare)
        if writer is not None:
            kept = texts.setdefault(writer, f"t{len(texts)}")
            code = self._leaves.keeping(bare, value, otherwise, kept)
            if not is_non_null_type(place.type):
                code = f"(None if {value} is None else {code})"
        # One attribute after the other: what is read further than needed may have to be awaited.
        answer = f"x{value}"
        return [f"{value} = {how.value.replace('s.', 'v.', 1)}", f"{answer} = {code}", answer]


def _indented(line: str) -> list[str]:
    return [f"    {line}"] if line else []


def _asks_info(kind: GraphQLType) -> bool:
    """Return whether values of that type are completed with what the field's resolver is told."""
    if isinstance(kind, GraphQLList) and isinstance(get_nullable_type(kind.of_type), GraphQLList):
        return True
    named = get_named_type(kind)
    if isinstance(named, GraphQLObjectType):
        return named.is_type_of is not None
    return not is_leaf_type(named)
