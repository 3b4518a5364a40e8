"""Writes the schema as pages for people: each type, field, argument and value, all linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    NullValueNode,
    build_schema,
    get_named_type,
    is_specified_directive,
    print_ast,
)

SDL = Path(__file__).resolve().parent.parent / "schema" / "schema.graphql"

_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)

_HEAD = """# Schema

One endpoint, `/graphql`; {types} types. Each has an address of its own on these pages, and the
search finds it by its name or by that of a field. The same, in GraphQL's schema language, is
[schema.graphql](../../../schema/schema.graphql); `switchboard schema export` prints it.

| page | holds |
|---|---|
{rows}

```{{toctree}}
:hidden:

{pages}
```
"""

_PAGES: Mapping[str, tuple[str, str]] = {
    "queries": ("Queries", "what can be asked"),
    "mutations": ("Mutations", "what can be changed"),
    "subscriptions": ("Subscriptions", "what is told as it happens"),
    "objects": ("Objects", "what answers are made of"),
    "connections": ("Connections", "lists that are read in pages"),
    "rows": ("Rows", "the flat tables"),
    "results": ("Results", "what became of changes"),
    "inputs": ("Inputs", "what arguments are made of"),
    "enumerations": ("Enumerations", "words of which one is chosen"),
    "further": ("Further", "interfaces, unions, scalars and directives"),
}
"""The pages in their order: the title, and what is on it."""


def pages(sdl: str | None = None) -> dict[str, str]:
    """Return the pages by their names without folder and ending, `index` among them."""
    schema = build_schema(SDL.read_text(encoding="utf-8") if sdl is None else sdl)
    roots = _roots(schema)
    named = _named(schema)
    groups = _grouped(schema, named)
    users = _users(named)
    written = {name: _root_page(name, root) for name, root in roots.items()}
    for name, types in groups.items():
        written[name] = _page(name, (_type_section(one, users) for one in types))
    if "further" in groups:
        written["further"] += "\n" + "\n".join(_directives(schema))
    written["index"] = _index(len(named) + len(roots), [one for one in _PAGES if one in written])
    return written


def _roots(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    found = {
        "queries": schema.query_type,
        "mutations": schema.mutation_type,
        "subscriptions": schema.subscription_type,
    }
    return {name: root for name, root in found.items() if root is not None}


def _named(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    """Return the types that the schema itself declares, but for its roots, by name."""
    roots = {root.name for root in _roots(schema).values()}
    return [
        one
        for name, one in sorted(schema.type_map.items())
        if one.ast_node is not None and name not in roots
    ]


def _grouped(
    schema: GraphQLSchema, named: Iterable[GraphQLNamedType]
) -> dict[str, list[GraphQLNamedType]]:
    asked = _reached([root for root in (schema.query_type, schema.subscription_type) if root])
    groups: dict[str, list[GraphQLNamedType]] = defaultdict(list)
    for one in named:
        groups[_group(one, asked)].append(one)
    return groups


def _group(one: GraphQLNamedType, asked: set[str]) -> str:
    if isinstance(one, GraphQLInputObjectType):
        return "inputs"
    if isinstance(one, GraphQLEnumType):
        return "enumerations"
    if not isinstance(one, GraphQLObjectType):
        return "further"
    if one.name not in asked:
        return "results"
    if one.name.endswith(("Row", "Rows")):
        return "rows"
    return "connections" if one.name.endswith(("Connection", "Edge")) else "objects"


def _reached(roots: Iterable[GraphQLNamedType]) -> set[str]:
    """Return the names of the types whose values the fields of some types can come to."""
    seen: set[str] = set()
    left = list(roots)
    while left:
        one = left.pop()
        if one.name not in seen:
            seen.add(one.name)
            if isinstance(one, _FIELDS):
                left += [get_named_type(field.type) for field in one.fields.values()]
    return seen


def _users(named: Iterable[GraphQLNamedType]) -> dict[str, list[str]]:
    """Return for each type the types whose fields are of it."""
    users: dict[str, list[str]] = defaultdict(list)
    for one in named:
        if isinstance(one, (*_FIELDS, GraphQLInputObjectType)):
            for name in {get_named_type(field.type).name for field in one.fields.values()}:
                users[name].append(one.name)
    return users


def _index(types: int, names: list[str]) -> str:
    rows = "\n".join(f"| [{_PAGES[one][0]}]({one}.md) | {_PAGES[one][1]} |" for one in names)
    return _HEAD.format(types=types, rows=rows, pages="\n".join(names))


def _page(name: str, sections: Iterable[str]) -> str:
    title, holds = _PAGES[name]
    return "\n".join([f"# {title}\n", f"{holds.capitalize()}.\n", *sections])


def _root_page(name: str, root: GraphQLObjectType) -> str:
    return _page(name, (_operation(root, field, one) for field, one in root.fields.items()))


def _operation(root: GraphQLObjectType, name: str, field: GraphQLField) -> str:
    parts = [f"({root.name.lower()}-{name.lower()})=", f"## `{name}`\n", f"{field.description}\n"]
    parts.append(f"Answers {_type(field.type)}.\n")
    if field.args:
        parts.append(_table("argument", _inputs(field.args)))
    return "\n".join(parts)


def _type_section(one: GraphQLNamedType, users: Mapping[str, list[str]]) -> str:
    parts = [f"({_target(one)})=", f"## `{one.name}`\n", f"{one.description}\n"]
    parts += _lines(one)
    found = users.get(one.name, [])
    if found:
        parts.append(f"In {', '.join(_link(name, name) for name in found)}.\n")
    return "\n".join(parts)


def _lines(one: GraphQLNamedType) -> Iterator[str]:
    for kind, lines in _KINDS.items():
        if isinstance(one, kind):
            yield from lines(one)


def _object_lines(one: GraphQLObjectType | GraphQLInterfaceType) -> Iterator[str]:
    if one.interfaces:
        yield f"Implements {', '.join(_type(each) for each in one.interfaces)}.\n"
    yield _table("field", _fields(one.fields))


def _input_lines(one: GraphQLInputObjectType) -> Iterator[str]:
    if one.is_one_of:
        yield "Exactly one of these is given.\n"
    yield _table("member", _inputs(one.fields))


def _enum_lines(one: GraphQLEnumType) -> Iterator[str]:
    yield "| value | means |\n|---|---|"
    yield "\n".join(
        f"| `{name}` | {_cell(value.description)} |" for name, value in one.values.items()
    )
    yield ""


def _union_lines(one: GraphQLUnionType) -> Iterator[str]:
    yield f"One of {', '.join(_type(each) for each in one.types)}.\n"


def _scalar_lines(one: GraphQLScalarType) -> Iterator[str]:
    if one.specified_by_url:
        yield f"Specified by <{one.specified_by_url}>.\n"


_KINDS: Mapping[type, Callable[..., Iterator[str]]] = {
    GraphQLObjectType: _object_lines,
    GraphQLInterfaceType: _object_lines,
    GraphQLInputObjectType: _input_lines,
    GraphQLEnumType: _enum_lines,
    GraphQLUnionType: _union_lines,
    GraphQLScalarType: _scalar_lines,
}


def _directives(schema: GraphQLSchema) -> Iterator[str]:
    for one in schema.directives:
        if is_specified_directive(one) and one.ast_node is None:
            continue
        yield f"## `@{one.name}`\n"
        yield f"{one.description or 'Exactly one member of the input is given.'}\n"
        yield f"On {', '.join(f'`{place.name}`' for place in one.locations)}.\n"
        if one.args:
            yield _table("argument", _inputs(one.args))


def _table(what: str, rows: Iterable[str]) -> str:
    return "\n".join([f"| {what} | type | means |", "|---|---|---|", *rows, ""])


def _fields(fields: Mapping[str, GraphQLField]) -> Iterator[str]:
    for name, field in fields.items():
        yield f"| `{name}` | {_type(field.type)} | {_said(field)} |"
        for argument, one in field.args.items():
            yield f"| ⤷ `{argument}`{_default(one)} | {_type(one.type)} | {_said(one)} |"


def _inputs(
    given: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField],
) -> Iterator[str]:
    for name, one in given.items():
        yield f"| `{name}`{_default(one)} | {_type(one.type)} | {_said(one)} |"


def _default(one: GraphQLArgument | GraphQLInputField) -> str:
    """Return the default as the schema writes it; null is what leaving out means anyway."""
    node = one.ast_node.default_value if one.ast_node else None
    return "" if node is None or isinstance(node, NullValueNode) else f" = `{print_ast(node)}`"


def _said(one: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    ended = f" *Deprecated: {one.deprecation_reason}*" if one.deprecation_reason else ""
    return _cell(f"{one.description or ''}{ended}")


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _type(one: GraphQLType) -> str:
    named = get_named_type(one)
    return _link(str(one), named.name) if named.ast_node is not None else f"`{one}`"


def _link(text: str, name: str) -> str:
    return f"[`{text}`](#type-{name.lower()})"


def _target(one: GraphQLNamedType) -> str:
    return f"type-{one.name.lower()}"
