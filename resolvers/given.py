"""One parameter as a caller gives it: what may be wrong with it, and what is told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from vendors.parameters import Argument, Parameter, ParameterType, Way

__all__ = ["Given", "Problem", "argument_of", "name_texts", "problems_of", "there_are"]

_WORDS: Mapping[Way, str] = {
    Way.VALUES: "values",
    Way.EXCLUDE_VALUES: "excludeValues",
    Way.EXISTS: "exists",
}
"""The ways, as callers write them."""
_BOOLEANS = ("true", "false")
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
"""In one way only, so that equal numbers are equal texts."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was given for one parameter; None: it was left out."""

    name: str
    key: str | None = None
    values: tuple[str, ...] | None = None
    exclude_values: tuple[str, ...] | None = None
    exists: bool | None = None
    every: bool = False

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return the ways in which it is given."""
        return tuple(way for way in Way if getattr(self, way.value) is not None)

    @property
    def listed(self) -> tuple[str, ...]:
        """Return the values that are named, wanted or not."""
        return (*(self.values or ()), *(self.exclude_values or ()))

    def says(self, value: str) -> bool:
        """Return whether that value is given, be it as `exists`."""
        return value in (self.values or ()) or str(self.exists).lower() == value


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a parameter, and what would be accepted."""

    name: str
    message: str
    accepted: Sequence[str] | str

    @property
    def written(self) -> str:
        """Return what would be accepted, in words."""
        words = self.accepted if isinstance(self.accepted, str) else ", ".join(self.accepted)
        return f"{self.name}: {words or 'nothing'}"


def argument_of(given: Given) -> Argument:
    """Return what is told, the same for all that means the same."""
    values, without = _told(given.values), _told(given.exclude_values)
    return Argument(
        name=given.name,
        key=given.key,
        values=values,
        exclude_values=without,
        exists=given.exists,
        # All of one value is any of it.
        every=given.every and len(values or without) > 1,
    )


def name_texts(arguments: Iterable[Argument], parameters: Mapping[str, Parameter]) -> bool:
    """Return whether any of these names values that may be texts of customers."""
    return any(
        parameters[one.name].personal and one.key not in parameters[one.name].open_keys
        for one in arguments
        if one.name in parameters and (one.values or one.exclude_values)
    )


def _told(values: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(sorted(set(values or ())))


def problems_of(given: Given, parameter: Parameter) -> Iterable[Problem]:
    """Yield what is wrong with it by itself."""
    for check in _CHECKS:
        yield from check(given, parameter)


def _key(given: Given, parameter: Parameter) -> Iterable[Problem]:
    name = parameter.name
    if parameter.keyed is None:
        if given.key is not None:
            yield Problem(name, f"`{name}` has no key.", f"`{name}` without `key`")
        return
    accepted = parameter.keys or parameter.keyed
    if given.key is None:
        yield Problem(name, f"`{name}` needs a key.{there_are(parameter.keys)}", accepted)
    elif parameter.keys and given.key not in parameter.keys:
        yield Problem(name, f"`{name}` has no such key.{there_are(parameter.keys)}", accepted)
    elif not re.fullmatch(parameter.key_form or ".*", given.key, re.DOTALL):
        message = f"`{name}` has no such key. {parameter.keyed}"
        yield Problem(name, message, accepted)


def _way(given: Given, parameter: Parameter) -> Iterable[Problem]:
    name, words = parameter.name, [_WORDS[way] for way in parameter.ways]
    if len(given.ways) != 1:
        message = f"`{name}` takes exactly one of {', '.join(words)}."
        yield Problem(name, message, words)
    elif given.ways[0] not in parameter.ways:
        message = f"`{name}` does not take {_WORDS[given.ways[0]]}, but {' or '.join(words)}."
        yield Problem(name, message, words)


def _values(given: Given, parameter: Parameter) -> Iterable[Problem]:
    name = parameter.name
    if () in {given.values, given.exclude_values}:
        message = f"`{name}` needs at least one value; left out it restricts to nothing."
        yield Problem(name, message, "one value or more")
    fits, type_ = _TYPES[parameter.types.get(given.key or "", parameter.type)]
    accepted = parameter.choices or type_
    if not all(map(fits, given.listed)):
        yield Problem(name, f"The values of `{name}` are {type_}.", accepted)
    elif parameter.choices and not set(given.listed) <= set(parameter.choices):
        message = f"`{name}` has no such value.{there_are(parameter.choices)}"
        yield Problem(name, message, accepted)
    if parameter.most is not None and len(set(given.listed)) > parameter.most:
        message = f"`{name}` is given more values than it takes: {parameter.most} at most."
        yield Problem(name, message, f"{parameter.most} values or fewer")


def _every(given: Given, parameter: Parameter) -> Iterable[Problem]:
    if given.every and not (parameter.every and given.listed):
        message = f"`{parameter.name}` does not take requireEveryValue"
        offered = " without values." if parameter.every else "."
        yield Problem(parameter.name, message + offered, "requireEveryValue left out")


_CHECKS: Sequence[Callable[[Given, Parameter], Iterable[Problem]]] = (_key, _way, _values, _every)


def there_are(names: Sequence[str]) -> str:
    """Return a sentence that tells the names, or nothing where there are none."""
    return f" There are {', '.join(names)}." if names else ""


_TYPES: Mapping[ParameterType, tuple[Callable[[str], object], str]] = {
    ParameterType.TEXT: (lambda _: True, "texts"),
    ParameterType.INTEGER: (_WHOLE_NUMBER.fullmatch, "whole numbers such as 42"),
    ParameterType.BOOLEAN: (_BOOLEANS.__contains__, "`true` or `false`"),
}
"""Which values a type has, and how they are called."""
