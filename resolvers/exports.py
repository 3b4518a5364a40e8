"""Tables as files: which there are, what is asked of one in words, and the file as it arrives."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from resolvers.context import RequestContext, Scope
from resolvers.given import Given, argument_of, name_texts, problems_of
from resolvers.periods import Period, between, instant
from vendors.buckets import zone
from vendors.errors import BadInputError, PlatformError
from vendors.exports import Export, ExportQuery, ExportsPort
from vendors.measures import Dimension, Grain
from vendors.parameters import Argument, Parameter
from vendors.port import Platform
from vendors.records import Channel

__all__ = ["Table", "UnknownExportError", "download", "find", "read_query", "tables"]

Pairs = Iterable[tuple[str, str]]

_FROM, _TO, _GRAIN, _ZONE = "from", "to", "granularity", "time_zone"
_NAMES = re.compile(r"([^][.]+)(?:\[([^]]+)\])?(\.exists)?")
_BOOLEANS = "true, or false"
_INSTANT = "an ISO 8601 date or time, such as 2026-03-01 or 2026-03-01T08:00:00Z"


class UnknownExportError(BadInputError):
    """There is no such file for this caller; the message names what was probably meant."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one platform."""

    platform: Platform
    port: ExportsPort
    export: Export

    @property
    def path(self) -> str:
        """Return where its file is to be had."""
        return f"/exports/{self.platform.key}/{self.file}"

    @property
    def file(self) -> str:
        """Return the last part of its path."""
        return f"{self.export.name}{self.export.suffix}"

    def file_name(self, query: ExportQuery) -> str:
        """Return a name under which to keep what was asked for, of plain characters."""
        where = zone(query.zone)
        days = (f"{at.astimezone(where):%Y-%m-%d}" for at in (query.start, query.end))
        return "_".join((self.platform.key, self.export.name, *days)) + self.export.suffix


def tables(platforms: Iterable[Platform]) -> list[Table]:
    """Return every table of these platforms."""
    return [
        Table(platform, platform.exports, export)
        for platform in platforms
        if platform.exports is not None
        for export in platform.exports.exports.values()
    ]


def find(context: RequestContext, platform: str, file: str) -> Table:
    """Return the table of that address; raise UnknownExportError where the caller sees none."""
    if platform not in context.platforms:
        raise _unknown("platform", platform, [*context.platforms])
    known = {one.file: one for one in tables([context.platforms[platform]])}
    if not known:
        message = f"The platform {platform!r} gives no tables as files."
        raise UnknownExportError(message, argument="platform", accepted=[])
    if file not in known:
        raise _unknown("export", file, [*known])
    return known[file]


def _unknown(what: str, name: str, known: Sequence[str]) -> UnknownExportError:
    message = f"There is no {what} {name!r}.{_meant(name, known)}"
    return UnknownExportError(message, argument=what, accepted=known)


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.3)
    return f" Did you mean `{close[0]}`?" if close else ""


def read_query(context: RequestContext, table: Table, pairs: Pairs) -> ExportQuery:
    """Return what was asked for, by names and texts; a name may come several times.

    Raises BadInputError naming the parameter and what it accepts, and ForbiddenError where the
    caller may not read what the table would hold.
    """
    said = _Said(table.export, pairs)
    period = _period(context, said)
    query = ExportQuery(
        name=table.export.name,
        start=period.start,
        end=period.end,
        zone=period.time_zone,
        grain=_grain(table.export, said),
        filters=tuple(_filters(table, said)),
        arguments=tuple(_arguments(table.export, said)),
    )
    _check_scope(context, table.export, query)
    table.port.check(query)
    return query


@asynccontextmanager
async def download(
    context: RequestContext, table: Table, query: ExportQuery
) -> AsyncIterator[AsyncIterator[bytes]]:
    """Give the file as it arrives, to be read once.

    A PlatformError names the platform: raised before the first byte by entering, else by reading.
    """
    try:
        async with table.port.export(query, context.call) as pieces:
            yield pieces
    except PlatformError as error:
        error.platform = error.platform or table.platform.key
        raise


class _Name(NamedTuple):
    """A name as it is written: `name`, `name[key]`, and either with `.exists`."""

    name: str
    key: str | None = None
    exists: bool = False


class _Said:
    """What was said under each name, of which all are known."""

    def __init__(self, export: Export, pairs: Pairs) -> None:
        parameters = [one.name for one in export.parameters]
        names = [_FROM, _TO, _GRAIN, _ZONE, *(one.value for one in export.filters), *parameters]
        self._values: dict[_Name, list[str]] = {}
        for written, value in pairs:
            name = _read_name(written)
            if name.name not in names or (name != _Name(written) and name.name not in parameters):
                message = f"There is no parameter {written!r} here.{_meant(written, names)}"
                raise BadInputError(message, argument=written, accepted=names)
            self._values.setdefault(name, []).append(value)

    def all(self, name: _Name, accepted: str) -> tuple[str, ...]:
        """Return each value once; an empty one is none."""
        values = tuple(dict.fromkeys(self._values.get(name, ())))
        if "" in values:
            message = f"`{name.name}` is empty; left out it restricts to nothing."
            raise BadInputError(message, argument=name.name, accepted=accepted)
        return values

    def one(self, name: str, accepted: str) -> str | None:
        """Return the only value, or None where there is none."""
        values = self.all(_Name(name), accepted)
        if len(values) > 1:
            message = f"`{name}` is given more than once."
            raise BadInputError(message, argument=name, accepted=accepted)
        return values[0] if values else None

    def given(self, parameter: Parameter) -> Iterable[Given]:
        """Yield what was given for a parameter, key by key; raise BadInputError."""
        name, accepted = parameter.name, ", ".join(parameter.choices) or parameter.description
        for key in dict.fromkeys(one.key for one in self._values if one.name == name):
            values = self.all(_Name(name, key), accepted)
            exists = self.all(_Name(name, key, exists=True), _BOOLEANS)
            if not set(exists) <= {"true", "false"} or len(exists) > 1:
                message = f"Whether `{name}` exists is true or false."
                raise BadInputError(message, argument=name, accepted=_BOOLEANS)
            there = exists == ("true",) if exists else None
            yield Given(name=name, key=key, values=values or None, exists=there)


def _read_name(written: str) -> _Name:
    found = _NAMES.fullmatch(written)
    return _Name(written) if found is None else _Name(found[1], found[2], found[3] is not None)


def _period(context: RequestContext, said: _Said) -> Period:
    with _about(_ZONE):
        where = zone(context.zone_name(said.one(_ZONE, "an IANA time zone")))
    start, end = _instant(said, _FROM), _instant(said, _TO)
    return _between(start, end, where)


def _between(start: datetime, end: datetime, where: ZoneInfo) -> Period:
    for name, moment in ((_FROM, start), (_TO, end)):
        with _about(name):
            instant(moment, where)
    with _about(_TO):
        return between(start, end, where)


@contextmanager
def _about(argument: str) -> Iterator[None]:
    """Raise what is raised within as about that parameter."""
    try:
        yield
    except BadInputError as error:
        accepted = error.extensions["accepted"]
        raise BadInputError(str(error), argument=argument, accepted=accepted) from None


def _instant(said: _Said, name: str) -> datetime:
    text = said.one(name, _INSTANT)
    if text is None:
        raise BadInputError(f"`{name}` must be given.", argument=name, accepted=_INSTANT)
    try:
        # A plus sign that was not written as %2B arrives as a blank.
        return datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        message = f"`{name}` is no date or time."
        raise BadInputError(message, argument=name, accepted=_INSTANT) from None


def _grain(export: Export, said: _Said) -> Grain:
    accepted = {grain.name: grain for grain in export.grains}
    text = said.one(_GRAIN, ", ".join(accepted))
    if text is None:
        return export.grains[0]
    if text.upper() not in accepted:
        message = f"This table has no granularity {text!r}."
        raise BadInputError(message, argument=_GRAIN, accepted=[*accepted])
    return accepted[text.upper()]


def _filters(table: Table, said: _Said) -> Iterable[tuple[Dimension, tuple[str, ...]]]:
    for dimension in table.export.filters:
        ids = said.all(_Name(dimension.value), "ids of members")
        if ids:
            yield dimension, _words(table, ids) if dimension is Dimension.CHANNEL else ids


def _words(table: Table, named: Sequence[str]) -> tuple[str, ...]:
    """Return the platform's own words for channels, which may be named by ours or by those."""
    measures = table.platform.measures
    known: Mapping[str, Channel] = measures.measurables.channels if measures else {}
    found = [
        [word for word, channel in known.items() if name in {word, channel.name}] for name in named
    ]
    if not all(found):
        strange = named[found.index([])]
        accepted = sorted({channel.name for channel in known.values()})
        message = f"There is no channel {strange!r} on this platform.{_meant(strange, accepted)}"
        raise BadInputError(message, argument=Dimension.CHANNEL.value, accepted=accepted)
    return tuple(dict.fromkeys(chain.from_iterable(found)))


def _arguments(export: Export, said: _Said) -> Iterable[Argument]:
    for parameter in export.parameters:
        given = list(said.given(parameter))
        if parameter.required and not given:
            message = f"`{parameter.name}` must be given."
            accepted = [*parameter.choices] or parameter.description
            raise BadInputError(message, argument=parameter.name, accepted=accepted)
        for one in given:
            _check(one, parameter)
            yield argument_of(one)


def _check(given: Given, parameter: Parameter) -> None:
    for problem in problems_of(given, parameter):
        raise BadInputError(problem.message, argument=problem.name, accepted=problem.accepted)


def _check_scope(context: RequestContext, export: Export, query: ExportQuery) -> None:
    told = {(one.name, value) for one in query.arguments for value in one.values}
    known = {one.name: one for one in export.parameters}
    texts = name_texts(query.arguments, known)
    if export.personal_always or texts or told & set(export.personal):
        context.require(Scope.PERSONAL)
