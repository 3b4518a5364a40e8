"""Tables of records: lists of several platforms, read side by side without asking twice.

A page is filled in turns: each platform that has more is asked for an equal share of what is
still missing. So all are asked at once, everything that is read is given out, and rows stand by
platform within a turn. A page on which a platform fails ends with that turn: the others may have
no time left to make up for it, and go on with the next page. The cursor holds each platform's own,
that of one that failed as well: whoever goes on from it later asks it again from where it was. Only
one and the same operation, which reads page after page, leaves it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from resolvers.context import RequestContext
from resolvers.conversations import pinned
from resolvers.outcomes import PlatformFailure, SourceStatus
from resolvers.paging import Connection, Cursor, fingerprint, resumed, sealed
from resolvers.periods import Period
from resolvers.rows.columns import Cell, Row, RowColumn, RowType, local_date, titled
from resolvers.rows.table import RowPage, RowRequest, merged_sources
from resolvers.together import together
from vendors.buckets import zone
from vendors.measures import Unit
from vendors.port import Platform
from vendors.words import Word

__all__ = ["Field", "Listing", "Part", "Wanted", "dated", "field_of", "ids_of", "personal"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table of records, and how its cell is got of a record."""

    column: RowColumn
    value: Callable[[Any, ZoneInfo], Cell]


def field_of(
    name: str,
    description: str,
    kind: RowType = RowType.TEXT,
    *,
    of: str | Callable[[Any], Cell] | None = None,
    unit: Unit | None = None,
) -> Field:
    """Return the column of that name; `of` names or gets the record's value where it differs."""
    get: Callable[[Any], Cell] = of if callable(of) else attrgetter(of or name)
    column = RowColumn(name=name, title=titled(name), type=kind, description=description, unit=unit)
    return Field(column, lambda record, _: _plain(get(record)))


def _plain(value: Cell) -> Cell:
    """Return words of ours as the texts that they are."""
    return value.value if isinstance(value, Word) else value


def personal(name: str, description: str) -> Field:
    """Return a column of personal data of customers."""
    plain = field_of(name, f"{description} Empty for keys without the scope `personal`.")
    return Field(msgspec.structs.replace(plain.column, personal=True), plain.value)


def dated(name: str, description: str, of: str | None = None) -> tuple[Field, Field]:
    """Return the column of an instant, and beside it that of the local day."""
    get: Callable[[Any], datetime | None] = attrgetter(of or name)
    day = RowColumn(
        name=f"{name}_date",
        title=f"{titled(name)}, local date",
        type=RowType.DATE,
        description=f"The day of the asked time zone on which `{name}` lies.",
    )
    return (
        field_of(name, description, RowType.INSTANT, of=of),
        Field(day, lambda record, where: local_date(get(record), where)),
    )


def ids_of(name: str, description: str, of: str | None = None) -> Field:
    """Return a column of several words of a record, with commas between them."""
    get = attrgetter(of or name)
    return field_of(name, f"{description} Commas between them.", of=lambda one: _joined(get(one)))


def _joined(words: Sequence[str] | None) -> str | None:
    return None if words is None else ",".join(map(str, words))


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What one platform gave of its list: a page, and what failed beside it."""

    page: Connection[T]
    failures: tuple[PlatformFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of one platform: so many records, at most, behind its own cursor."""

    platform: Platform
    period: Period
    first: int
    after: str | None
    request: RowRequest

    @property
    def whom(self) -> tuple[Platform, ...]:
        """Return the platform as those who may be asked together."""
        return (self.platform,)


Ask: TypeAlias = Callable[[RequestContext, Wanted], Coroutine[Any, Any, Part[Any]]]
"""Asks one platform."""


@dataclass(frozen=True)
class Listing:
    """Reads a table of records."""

    name: str
    fields: tuple[Field, ...]
    ask: Ask
    offered: Callable[[Platform], bool]
    """Whether a platform has such a list; one that has none is asked for nothing."""
    dated: bool = False
    ahead: bool = False
    """Whether records may lie ahead of now."""

    async def read(
        self, context: RequestContext, request: RowRequest, first: int, after: str | None
    ) -> RowPage:
        """Return the page behind the cursor; raise BadInputError for that of another question."""
        turn = await self._begun(context, request, after)
        # Who failed may have taken all the time there was: the others go on with the next page.
        while turn.asked and len(turn.records) < first and not self._rests(context, turn):
            await self._turn(context, request, turn, first - len(turn.records))
        behind = turn.cursor(context) if turn.records else None
        if behind is not None and turn.lost:
            context.given_up[behind] = frozenset(turn.lost)
        return RowPage(
            rows=self._rows(turn.records, request),
            end_cursor=behind,
            has_next=behind is not None and bool(turn.asked or turn.lost),
            failures=tuple(turn.failures),
            sources=merged_sources(turn.sources),
            truncated=tuple(turn.truncated),
        )

    @staticmethod
    def _rests(context: RequestContext, turn: _Turns) -> bool:
        """Return whether a page ends before it is full: the next one goes on where it was."""
        return bool(turn.records) and (turn.failed or context.spending.room < len(turn.asked))

    async def _begun(
        self, context: RequestContext, request: RowRequest, after: str | None
    ) -> _Turns:
        chosen = context.choose(request.platforms)
        period = request.period
        meant = (period.named, period.time_zone) if self.dated else ()
        keys = [one.key for one in chosen]
        question = fingerprint("rows", self.name, meant, keys, request.updated_since)
        since, until = await self._window(context, request, question)
        begun = resumed(
            context.services.sealer, after, Cursor(question, since, until, at=request.at)
        )
        ended = {key for key, position in begun.positions.items() if position is None}
        going_on = [one for one in chosen if one.key not in ended]
        lost = set(context.given_up.get(after or "", ()))
        return _Turns(begun, [one for one in going_on if one.key not in lost], lost)

    async def _window(
        self, context: RequestContext, request: RowRequest, question: bytes
    ) -> tuple[datetime | None, datetime | None]:
        if not self.dated:
            return None, None
        start, end = request.period.start, request.period.end
        if request.updated_since is not None:
            start = max(start, request.updated_since)
        return start, end if self.ahead else await pinned(end, question, context)

    async def _turn(
        self, context: RequestContext, request: RowRequest, turn: _Turns, missing: int
    ) -> None:
        """Ask every platform that has more for its share."""
        period, positions = turn.period(request.period), turn.positions
        shares = _shares(turn.asked, self.offered, missing)
        parts = await together(
            self.ask(context, Wanted(platform, period, share, positions.get(platform.key), request))
            for platform, share in shares
        )
        for (platform, _), part in zip(shares, parts, strict=True):
            turn.take(platform, part)

    def _rows(self, records: Sequence[Any], request: RowRequest) -> tuple[Row, ...]:
        where = zone(request.period.time_zone)
        values = [one.value if request.wants(one.column.name) else _nothing for one in self.fields]
        return tuple(tuple(value(record, where) for value in values) for record in records)


def _nothing(_record: object, _where: ZoneInfo) -> Cell:
    return None


def _shares(
    asked: Sequence[Platform], offered: Callable[[Platform], bool], missing: int
) -> list[tuple[Platform, int]]:
    """Return how much to ask of whom: no more than is missing, and of each as much as of others.

    Whoever has no such list is asked nevertheless: that is how it is told.
    """
    those = [one for one in asked if offered(one)]
    share, over = divmod(missing, len(those)) if those else (0, 0)
    sizes = {one.key: share + (place < over) for place, one in enumerate(those)}
    return [(one, size) for one in asked if (size := sizes.get(one.key, 1))]


@dataclass
class _Turns:
    """How far a page has come."""

    begun: Cursor
    asked: list[Platform]
    """The platforms whose lists have not been read to their ends, but for the lost ones."""
    lost: set[str] = field(default_factory=set)
    """The platforms that have given up their rows from here on, for as long as they are read."""
    records: list[Any] = field(default_factory=list)
    failures: list[PlatformFailure] = field(default_factory=list)
    sources: list[SourceStatus] = field(default_factory=list)
    truncated: dict[str, None] = field(default_factory=dict)
    failed: bool = False
    """Whether one of them has done so on this page."""
    steps: dict[str, str | None] = field(default_factory=dict)

    @property
    def positions(self) -> Mapping[str, str | None]:
        """Return where each platform's list goes on."""
        return {**self.begun.positions, **self.steps}

    def period(self, asked: Period) -> Period:
        """Return the period with the bounds that it had for the first page."""
        start, end = self.begun.since or asked.start, self.begun.until or asked.end
        return msgspec.structs.replace(asked, start=start, end=end)

    def take(self, platform: Platform, part: Part[Any]) -> None:
        """Take what a platform gave; it is asked no more where that was the last."""
        page = part.page
        self.records += page.items
        self.failures += (*page.failures, *part.failures)
        self.sources += page.sources
        self.truncated.update({platform.key: None} if page.truncated else {})
        if page.errors:
            self.failed = True
            self.lost.add(platform.key)
            self.asked.remove(platform)
            return
        behind = page.end_cursor if page.has_next_page else None
        # A list that goes on where it was would go on for ever.
        if behind == self.positions.get(platform.key):
            behind = None
        self.steps[platform.key] = behind
        if behind is None:
            self.asked.remove(platform)

    def cursor(self, context: RequestContext) -> str:
        """Return the cursor behind all that was taken."""
        cursor = self.begun.moved(list(self.steps.items()))
        return sealed(context.services.sealer, cursor)
