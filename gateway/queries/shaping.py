"""The flatten rule as the schema and the document make it: columns, and the way to the rows.

No answer is looked at: what an empty one looks like is what any looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from gateway.queries.columns import column_of
from gateway.queries.documents import Source, UnfitQueryError, line_of
from gateway.queries.flattening import Leaf, Level
from resolvers.rows.columns import RowColumn

__all__ = ["PAGE", "TOLD", "Shape", "shape_of", "tells"]

TOLD = ("failures", "sources")
"""What an object that tells of platforms has."""
PAGE = "pageInfo"
_OURS = frozenset({*TOLD, PAGE, "truncated"})
"""What is read of such an object by the gateway itself, and is no column."""
_PAGING = frozenset({"first", "after"})
_ITEMS = ("nodes", "edges", "node")
"""How a connection leads to what it holds."""


class Shape(NamedTuple):
    """What the rows of a query are."""

    level: Level
    columns: tuple[RowColumn, ...]
    paged: tuple[FieldNode, ...]
    """Where the connection is selected that is read page after page; empty: there is none."""
    page_type: str
    """The name of its type."""
    page_key: tuple[str, ...]
    """Where it stands in the answer."""
    lists: frozenset[str]
    """The lists on the path, as `Type.field`."""


class _Field(NamedTuple):
    node: FieldNode
    parent: GraphQLNamedType
    definition: GraphQLField


_Sets = Sequence[tuple[SelectionSetNode, GraphQLNamedType]]


def tells(kind: object) -> bool:
    """Return whether objects of the type tell what became of the platforms."""
    return isinstance(kind, GraphQLObjectType) and all(name in kind.fields for name in TOLD)


def shape_of(schema: GraphQLSchema, source: Source) -> Shape:
    """Return what the rows are; raise UnfitQueryError where the document makes no flat rows."""
    shaping = _Shaping(schema, source)
    assert schema.query_type is not None  # noqa: S101 (a schema without it answers nothing)
    root = (source.operation.selection_set, schema.query_type)
    level = shaping.level([root], _Way(source.path))
    return Shape(
        level,
        tuple(shaping.columns),
        tuple(shaping.paged),
        shaping.page_type,
        shaping.page_key,
        frozenset(shaping.lists),
    )


@dataclass(frozen=True)
class _Way:
    """Where the shaping stands."""

    path: tuple[str, ...] | None
    """What is still to come of the rule; None: beside the path."""
    prefix: tuple[str, ...] = ()
    """What names of columns begin with."""
    dotted: tuple[str, ...] = ()
    under_list: bool = False

    def beside(self, key: str) -> _Way:
        return _Way(None, (*self.prefix, key), (*self.dotted, key), self.under_list)

    def onward(self, key: str, path: tuple[str, ...], *, many: bool) -> _Way:
        return _Way(path, (), (*self.dotted, key), self.under_list or many)

    def named(self, key: str) -> str:
        return ".".join((*self.dotted, key))


@dataclass
class _Shaping:
    schema: GraphQLSchema
    source: Source
    columns: list[RowColumn] = field(default_factory=list)
    paged: list[FieldNode] = field(default_factory=list)
    page_type: str = ""
    page_key: tuple[str, ...] = ()
    lists: set[str] = field(default_factory=set)

    def level(self, sets: _Sets, way: _Way) -> Level:
        """Return the level of objects that have these selections."""
        found = self._collected(sets)
        told = any(tells(kind) for _, kind in sets)
        self._check_rule(way, found, told=told)
        leaves: list[Leaf] = []
        beside: list[tuple[str, Level]] = []
        onward, many = None, False
        for key, fields in found.items():
            first = fields[0]
            if told and first.node.name.value in _OURS:
                self._check_ours(key, first)
            elif way.path and key == way.path[0]:
                onward, many = (key, self._onward(key, fields, way)), _is_list(first)
            elif is_leaf_type(get_named_type(first.definition.type)):
                leaves.append(self._leaf(key, first, way))
            else:
                self._check_single(key, first, way)
                beside.append((key, self.level(_below(fields), way.beside(key))))
        follow = onward is not None and (onward[1].many or onward[1].lists_follow)
        return Level(tuple(leaves), tuple(beside), onward, many, follow, told)

    def _onward(self, key: str, fields: Sequence[_Field], way: _Way) -> Level:
        """Return the level of a member on the path."""
        first, many = fields[0], _is_list(fields[0])
        named = get_named_type(first.definition.type)
        if is_leaf_type(named):
            message = f"`{way.named(key)}` holds no objects, and makes no rows"
            raise UnfitQueryError(message, self.source.rule_line)
        if many:
            self.lists.add(f"{first.parent.name}.{first.node.name.value}")
        self._note_pages(key, fields, way)
        sets = _below(fields)
        path = (way.path or ())[1:]
        on = way.onward(key, path or self._items(sets, many=many), many=many)
        if not on.path and not on.under_list:
            message = f"there is no list in `# rows: {'.'.join(self.source.path)}`"
            raise UnfitQueryError(message, self.source.rule_line)
        return self.level(sets, on)

    def _items(self, sets: _Sets, *, many: bool) -> tuple[str, ...]:
        """Return the way from a connection, at which the rule ends, to what it holds."""
        if many:
            return ()
        found = self._collected(sets)
        if _ITEMS[0] in found:
            return _ITEMS[:1]
        if _ITEMS[1] in found:
            return _ITEMS[1:]
        return ()

    def _note_pages(self, key: str, fields: Sequence[_Field], way: _Way) -> None:
        """Note a connection that has pages; raise UnfitQueryError where they cannot be followed."""
        if not _PAGING.issubset(fields[0].definition.args):
            return
        for one in fields:
            for argument in one.node.arguments or ():
                if argument.name.value in _PAGING:
                    message = (
                        f"`{way.named(key)}` takes no `{argument.name.value}` here: the gateway "
                        "follows all pages; `?limit=` takes fewer rows"
                    )
                    raise UnfitQueryError(message, line_of(argument))
        kind = get_named_type(fields[0].definition.type)
        if not isinstance(kind, GraphQLObjectType) or PAGE not in kind.fields:
            return
        if way.under_list:
            message = (
                f"the pages of `{way.named(key)}` cannot be followed for each item of a list: "
                "ask for it at the top, and name the outer thing on each row"
            )
            raise UnfitQueryError(message, line_of(fields[0].node))
        self.paged += [one.node for one in fields]
        self.page_type, self.page_key = kind.name, (*way.dotted, key)

    def _leaf(self, key: str, found: _Field, way: _Way) -> Leaf:
        self._check_single(key, found, way)
        name = "_".join((*way.prefix, key))
        for other in self.columns:
            if other.name.casefold() == name.casefold():
                message = f"two columns would be called `{name}`: give one of them an alias"
                raise UnfitQueryError(message, line_of(found.node))
        column = column_of(name, found.parent.name, found.node, found.definition)
        self.columns.append(column)
        return Leaf(key, len(self.columns) - 1, column.type)

    def _check_single(self, key: str, found: _Field, way: _Way) -> None:
        if _is_list(found):
            rule = ".".join(self.source.path)
            message = (
                f"`{way.named(key)}` is a list beside `# rows: {rule}`: take it out, "
                "or make it the rows"
            )
            raise UnfitQueryError(message, line_of(found.node))

    @staticmethod
    def _check_ours(key: str, found: _Field) -> None:
        name = found.node.name.value
        if key != name:
            message = f"`{name}` is read by the gateway itself, and takes no alias"
            raise UnfitQueryError(message, line_of(found.node))

    def _check_rule(self, way: _Way, found: Mapping[str, object], *, told: bool) -> None:
        """Check that the next step is selected, and that no other member has a name of ours."""
        if told:
            for key, fields in found.items():
                assert isinstance(fields, list)  # noqa: S101 (so they are collected)
                node = fields[0].node
                if key in _OURS and node.name.value not in _OURS:
                    message = f"`{key}` is the name of what the gateway reads: take another alias"
                    raise UnfitQueryError(message, line_of(node))
        if way.path and way.path[0] not in found:
            message = (
                f"`# rows: {'.'.join(self.source.path)}` names `{way.named(way.path[0])}`, which "
                f"is not selected; there are {', '.join(found)}"
            )
            raise UnfitQueryError(message, self.source.rule_line)

    def _collected(self, sets: _Sets) -> dict[str, list[_Field]]:
        """Return the members by their keys, in the order in which they stand."""
        found: dict[str, list[_Field]] = {}
        for selection_set, kind in sets:
            for one in self._fields(selection_set, kind):
                key = one.node.alias or one.node.name
                found.setdefault(key.value, []).append(one)
        return found

    def _fields(self, selections: SelectionSetNode, kind: GraphQLNamedType) -> Iterator[_Field]:
        for one in selections.selections:
            if isinstance(one, FieldNode):
                yield self._field(one, kind)
            elif isinstance(one, InlineFragmentNode):
                named = one.type_condition
                yield from self._fields(one.selection_set, self._type(named, kind))
            elif isinstance(one, FragmentSpreadNode):
                fragment = self._fragment(one.name.value)
                yield from self._fields(
                    fragment.selection_set, self._type(fragment.type_condition, kind)
                )

    def _field(self, node: FieldNode, kind: GraphQLNamedType) -> _Field:
        name = node.name.value
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)  # noqa: S101 (validated)
        definition = self.schema.get_field(kind, name)
        if definition is None or (name.startswith("__") and name != "__typename"):
            message = f"`{name}` is about the schema, of which no rows are made"
            raise UnfitQueryError(message, line_of(node))
        return _Field(node, kind, definition)

    def _type(self, named: object, kind: GraphQLNamedType) -> GraphQLNamedType:
        name = getattr(getattr(named, "name", None), "value", None)
        return kind if name is None else self.schema.type_map[name]

    def _fragment(self, name: str) -> FragmentDefinitionNode:
        return next(
            one
            for one in self.source.document.definitions
            if isinstance(one, FragmentDefinitionNode) and one.name.value == name
        )


def _is_list(found: _Field) -> bool:
    kind: GraphQLOutputType = found.definition.type
    return is_list_type(get_nullable_type(kind))


def _below(fields: Sequence[_Field]) -> _Sets:
    return [
        (one.node.selection_set, get_named_type(one.definition.type))
        for one in fields
        if one.node.selection_set is not None
    ]
