"""What a query selects: so that nothing is asked of a platform that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from strawberry.types.nodes import SelectedField, Selection

from schema.context import Info

__all__ = ["selected", "selects"]


def selected(info: Info, *path: str) -> frozenset[str]:
    """Return the names of what is selected of the field itself, or of fields below on a path."""
    fields = [each for own in info.selected_fields for each in _fields(own.selections)]
    for name in path:
        fields = [
            below for field in fields if field.name == name for below in _fields(field.selections)
        ]
    return frozenset(field.name for field in fields)


def selects(info: Info, parent: str, names: AbstractSet[str]) -> bool:
    """Return whether the field selects any of these names in its own field `parent`."""
    fields = (each for own in info.selected_fields for each in _fields(own.selections))
    return any(
        below.name in names
        for field in fields
        if field.name == parent
        for below in _fields(field.selections)
    )


def _fields(selections: Iterable[Selection]) -> Iterator[SelectedField]:
    """Return the fields among these that are not left out, those of fragments as well."""
    for one in selections:
        if _is_left_out(one):
            continue
        if isinstance(one, SelectedField):
            yield one
        else:
            yield from _fields(one.selections)


def _is_left_out(one: Selection) -> bool:
    """Return whether a directive says that nobody reads it."""
    skip, include = one.directives.get("skip", {}), one.directives.get("include", {})
    return bool(skip.get("if", False)) or not include.get("if", True)
