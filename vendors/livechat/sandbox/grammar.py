"""The grammar of filters: `exists`, `values` or `exclude_values`, one of them at a time."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from vendors.livechat.sandbox.refusals import invalid

Scalar = str | int | bool
_TYPES: dict[type[Scalar], str] = {str: "string", int: "integer", bool: "boolean"}
CHOICES = ("exists", "values", "exclude_values")


@dataclass(frozen=True, slots=True)
class Among:
    """A filter on the elements that a chat has, such as its tags."""

    choice: str
    exists: bool = False
    values: frozenset[Scalar] = frozenset()
    every: bool = False

    def admits(self, elements: Collection[Scalar]) -> bool:
        """Tell whether something with these elements passes."""
        if self.choice == "exists":
            return bool(elements) == self.exists
        hits = self.values.intersection(elements)
        hit = len(hits) == len(self.values) if self.every else bool(hits)
        return hit == (self.choice == "values")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a filter may hold: of which type, in which form, out of which words."""

    of: tuple[type[Scalar], ...]
    exists: bool = True
    exclude: bool = True
    every: bool = True
    single: bool = False
    words: frozenset[str] | None = None
    pattern: re.Pattern[str] | None = None

    def read(self, value: object, path: str) -> Among:
        """Return the filter that a value describes.

        Raises:
            Refusal: It does not follow the grammar.
        """
        fields = members(value, path, self._allowed())
        chosen = [choice for choice in CHOICES if choice in fields]
        if len(chosen) != 1:
            raise invalid(path, "must have exactly one of exists, values and exclude_values")
        choice = chosen[0]
        every = flag(fields, "require_every_value", path)
        if choice == "exists":
            if every is not None:
                raise invalid(f"{path}.require_every_value", "goes with values or exclude_values")
            return Among(choice, exists=flag(fields, choice, path) is True)
        return Among(
            choice,
            values=self._elements(fields[choice], f"{path}.{choice}"),
            every=every is True,
        )

    def _allowed(self) -> tuple[str, ...]:
        optional = {
            "exists": self.exists,
            "exclude_values": self.exclude,
            "require_every_value": self.every,
        }
        return "values", *(name for name, allowed in optional.items() if allowed)

    def _elements(self, value: object, path: str) -> frozenset[Scalar]:
        if not isinstance(value, list) or not value:
            raise invalid(path, "must be an array with at least one element")
        if self.single and len(value) != 1:
            raise invalid(path, "may hold one value only")
        if any(type(element) not in self.of for element in value):
            names = " or ".join(_TYPES[one] for one in self.of)
            raise invalid(path, f"must hold elements of type {names}")
        if self.words is not None and not self.words.issuperset(value):
            raise invalid(path, f"must hold some of {', '.join(sorted(self.words))}")
        if self.pattern is not None and not all(map(self.pattern.fullmatch, value)):
            raise invalid(path, f"must hold elements like {self.pattern.pattern}")
        return frozenset(value)


def members(value: object, path: str, allowed: Collection[str]) -> dict[str, object]:
    """Return the members of an object that may hold the allowed ones only.

    Raises:
        Refusal: It is no object, or holds something else.
    """
    if not isinstance(value, dict):
        raise invalid(path or "body", "must be an object")
    for name in value:
        if name not in allowed:
            raise invalid(f"{path}.{name}" if path else name, "is not a known parameter")
    return value


def flag(fields: dict[str, object], name: str, path: str) -> bool | None:
    """Return a boolean member, None where there is none.

    Raises:
        Refusal: It is something else.
    """
    value = fields.get(name)
    if name in fields and not isinstance(value, bool):
        raise invalid(f"{path}.{name}", "must be true or false")
    return value if isinstance(value, bool) else None
