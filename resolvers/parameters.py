"""What callers tell vendors' own figures and reports: checked before any call, in one order.

What is given is compared with what the platforms declare (`vendors.parameters`). A message names
parameters, keys and values that there are, never a value that was given: it may be an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from itertools import combinations

import msgspec

from resolvers.given import Given, Problem, argument_of, problems_of, there_are
from resolvers.planner.expand import sources_of
from resolvers.planner.request import MeasureRequest
from vendors.errors import BadInputError
from vendors.measures import Dimension, Grouping, Measurables, Source
from vendors.parameters import Argument, Parameter
from vendors.port import Platform

__all__ = ["arguments_of", "taken_by", "taken_by_both"]

_MOST = 100
"""More than any report has; each is compared with every other."""


def arguments_of(
    given: Sequence[Given], request: MeasureRequest, platforms: Iterable[Platform]
) -> tuple[Argument, ...]:
    """Return what was given for the items of that request, equal for equal questions.

    Raises BadInputError, with all that is wrong, where one of the platforms that measure any of
    the items does not take it.
    """
    native = all("." in item for item in request.items)
    if given and not native:
        message = "Parameters are told to the vendors' own figures and reports, and to no others."
        accepted = "`native` without `keys`, or a report that has `parameters`"
        raise BadInputError(message, argument="parameters", accepted=accepted)
    if len(given) > _MOST:
        message = f"{len(given)} parameters are too many for one question."
        raise BadInputError(message, argument="parameters", accepted=f"at most {_MOST}")
    if native:
        _check(given, request, platforms)
    return tuple(sorted(map(argument_of, given), key=lambda one: (one.name, one.key or "")))


def taken_by(sources: Sequence[Source], tables: Measurables) -> Mapping[str, Parameter]:
    """Return the parameters that all of these sources take, by name, as all of them do."""
    each: list[Mapping[str, Parameter]] = [
        {name: source.narrowed.get(name, tables.parameters[name]) for name in source.parameters}
        for source in sources
    ]
    return reduce(taken_by_both, each) if each else {}


def taken_by_both(
    some: Mapping[str, Parameter], others: Mapping[str, Parameter]
) -> Mapping[str, Parameter]:
    """Return what can be told to both: the same parameters, in the ways that both of them take."""
    both = {name: _narrower(one, others[name]) for name, one in some.items() if name in others}
    return {name: one for name, one in both.items() if one.ways}


def _narrower(one: Parameter, other: Parameter) -> Parameter:
    """Return what two take of one parameter, in the words of who takes less; no way if nothing."""
    if one == other:
        return one
    apart = _are_apart(one.choices, other.choices) or _are_apart(one.keys, other.keys)
    least, more = sorted((one, other), key=lambda taken: (len(taken.ways), taken.every))
    limits = [limit for limit in (one.most, other.most) if limit is not None]
    return msgspec.structs.replace(
        least,
        ways=() if apart else tuple(way for way in least.ways if way in more.ways),
        choices=_in_both(one.choices, other.choices),
        keys=_in_both(one.keys, other.keys),
        most=min(limits, default=None),
        every=one.every and other.every,
        excludes=tuple(dict.fromkeys((*one.excludes, *other.excludes))),
        needs=tuple(dict.fromkeys((*one.needs, *other.needs))),
        required=one.required or other.required,
        personal=one.personal or other.personal,
        open_keys=tuple(key for key in one.open_keys if key in other.open_keys),
        dimension=one.dimension or other.dimension,
    )


def _are_apart(some: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether nothing is in both; a list that is empty holds all that there is."""
    return bool(some and others) and set(some).isdisjoint(others)


def _in_both(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return what is in both lists, of which one that is empty holds all that there is."""
    return tuple(one for one in some or others if one in (others or some))


def _check(given: Sequence[Given], request: MeasureRequest, platforms: Iterable[Platform]) -> None:
    problems: dict[str, Problem] = {}
    for told in _told_to(request, platforms):
        for problem in told.problems(given):
            problems.setdefault(problem.message, problem)
    found = list(problems.values())
    if not found:
        return
    accepted = found[0].accepted if len(found) == 1 else [one.written for one in found]
    message = " ".join(problems)
    raise BadInputError(message, argument="parameters", accepted=accepted)


def _told_to(request: MeasureRequest, platforms: Iterable[Platform]) -> list[_Told]:
    """Return what each platform that measures any of it takes; nothing at all where none does."""
    found = []
    for platform in platforms:
        tables = platform.measures.measurables if platform.measures else None
        sources = sources_of(request, platform.vendor, tables) if tables else []
        if tables and sources:
            taken = taken_by(sources, tables)
            found.append(_Told(request, tuple(sources), taken, tables.parameters))
    return found or [_Told(request, (), {}, {})]


@dataclass(frozen=True, slots=True)
class _Told:
    """What one platform can be told for a request."""

    request: MeasureRequest
    sources: tuple[Source, ...]
    taken: Mapping[str, Parameter]
    known: Mapping[str, Parameter]

    def problems(self, given: Sequence[Given]) -> Iterable[Problem]:
        """Yield what is wrong with what was given."""
        for one in given:
            parameter = self.taken.get(one.name)
            if parameter is None:
                yield self._strange(one.name)
                continue
            yield from problems_of(one, parameter)
            yield from self._beside_dimensions(parameter)
            yield from _lacking(parameter, given)
        yield from self._beside_one_another(given)
        yield from self._required(given)

    def _strange(self, name: str) -> Problem:
        """Return why a parameter of that name is not taken, and which is nearest."""
        names = sorted(self.taken)
        if name in self.known:
            message = f"`{name}` is not taken by all that is asked here.{there_are(names)}"
            return Problem(name, message, names)
        close = get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f" Did you mean `{close[0]}`?" if close else there_are(names)
        return Problem(name, f"There is no parameter {name!r} here.{hint}", names)

    def _beside_dimensions(self, parameter: Parameter) -> Iterable[Problem]:
        """Yield that a call would be restricted twice by one dimension."""
        dimension = parameter.dimension
        if dimension is not None and dimension in self._sent():
            name = parameter.name
            message = f"`{name}` restricts by {dimension.name}, as the grouping or filter does."
            accepted = f"`{name}` without a grouping or filter by {dimension.name}"
            yield Problem(name, message, accepted)

    def _sent(self) -> frozenset[Dimension]:
        """Return the dimensions that the calls are restricted by, to tell their members apart."""
        request = self.request
        asked = {*request.group_by, *(dimension for dimension, _ in request.filters)}
        if request.channels:
            asked.add(Dimension.CHANNEL)
        return frozenset(
            dimension
            for source in self.sources
            for dimension, grouping in source.groupings.items()
            if grouping is not Grouping.ALL
            and (dimension in asked or dimension is source.always_by)
        )

    def _beside_one_another(self, given: Sequence[Given]) -> Iterable[Problem]:
        """Yield what is given twice, and what is not taken together."""
        for one, other in combinations(given, 2):
            if (one.name, one.key) == (other.name, other.key):
                accepted = f"`{one.name}` once, with all of its values"
                yield Problem(one.name, f"`{one.name}` is given more than once.", accepted)
            elif self._excludes(one.name, other.name) or self._excludes(other.name, one.name):
                message = f"`{one.name}` and `{other.name}` are not taken together."
                yield Problem(one.name, message, "one of both")

    def _excludes(self, name: str, other: str) -> bool:
        return name in self.taken and other in self.taken[name].excludes

    def _required(self, given: Sequence[Given]) -> Iterable[Problem]:
        """Yield what is not given, though nothing is answered without it."""
        names = {one.name for one in given}
        for name, parameter in self.taken.items():
            if parameter.required and name not in names:
                yield Problem(name, f"`{name}` must be given.", parameter.description)


def _lacking(parameter: Parameter, given: Sequence[Given]) -> Iterable[Problem]:
    """Yield what a parameter needs beside it that is not given."""
    for name, value in parameter.needs:
        if not any(one.name == name and one.says(value) for one in given):
            message = f"`{parameter.name}` is taken only beside `{name}` with the value `{value}`."
            yield Problem(parameter.name, message, f"`{name}`: `{value}`")
