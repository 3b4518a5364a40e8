"""The tables of what can be asked: the paths of each measure, what they need and what they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.gnatta.sandbox import figures, values
from vendors.gnatta.sandbox.answers import by_member, listed
from vendors.gnatta.sandbox.reading import (
    MEMBERS,
    TOTAL,
    Body,
    Request,
    cut,
    groups,
    question,
    whole_window,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vendors.gnatta.sandbox.answers import Answer, Document
    from vendors.gnatta.sandbox.ledger import Ledger
    from vendors.gnatta.sandbox.reading import Request
    from vendors.gnatta.sandbox.tenant import Tenant

WINDOW = ("filters.from", "filters.to")
_BY_DATE = ("timeZone", "filters.groupBy")
FILTERS = ("filters.channels", "filters.queues", "filters.data")
LIVE_FILTERS = ("filters.queues", "filters.data")
_PER_HOUR = {"userState": ("Available", "LoggedIn")}


class Measure(NamedTuple):
    """Rows of the vendor's article that share a path: properties, groupings and answer.

    `by` are the groupings of its paths ("" is none), `within` is what they split further. `fixed`
    are attributes that the path itself decides.
    """

    path: str
    by: tuple[str, ...]
    answer: Answer
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = FILTERS
    only: Mapping[str, tuple[str, ...]] = {}
    fixed: Mapping[str, Any] = {}
    by_date: bool = True
    within: str = ""
    average_exported: bool = False


_LIVE = Measure(
    path="/conversations/totals",
    by=("accounts",),
    answer=listed(figures.OUTCOME_COUNTS, values.totals),
    required=("newState", "filters.channel"),
    optional=("oldState", "direction", *LIVE_FILTERS),
    only={"newState": ("Closed",)},
)

MEASURES = (
    Measure(
        path="/interactions/state",
        by=("", "channels", "queues", "users", "data"),
        answer=listed(figures.MOVES, values.count),
        required=("newState",),
        optional=("oldState", *FILTERS),
    ),
    Measure(
        path="/interactions/times",
        by=("queues",),
        answer=listed(figures.STATE_TIMES, values.average),
        required=("oldState", "newState"),
    ),
    Measure(
        path="/messages/volume",
        by=("", "channels", "queues", "accounts", "users"),
        answer=listed(figures.MESSAGES, values.count),
        required=("direction",),
    ),
    Measure(
        path="/messages/times",
        by=("", "channels", "queues", "accounts", "users"),
        answer=listed(figures.TIMES, values.average),
        required=("responseTime",),
    ),
    _LIVE,
    _LIVE._replace(
        path="/conversations/percentages",
        answer=listed(figures.OUTCOME_COUNTS, values.percentages),
    ),
    _LIVE._replace(
        path="/conversations/durations",
        answer=listed(figures.LIVE_TIMES, values.average),
    ),
    Measure(
        path="/unit-of-works/actions",
        by=("users",),
        answer=listed(figures.STINTS, values.count),
        required=("action",),
    ),
    Measure(
        path="/unit-of-works/contacts-per-hour",
        by=("users",),
        answer=listed(figures.WORK, values.contacts_per_hour),
        required=("userState",),
        only=_PER_HOUR,
        average_exported=True,
    ),
    Measure(
        path="/unit-of-works/contacts-per-hour",
        by=("channels", "queues"),
        answer=by_member(figures.WORK, values.contacts_per_hour),
        required=("userState", "userIds"),
        only=_PER_HOUR,
        by_date=False,
        within="users",
    ),
    Measure(
        path="/presence/duration",
        by=("users",),
        answer=listed(figures.PRESENCE, values.duration),
        required=("userState",),
        only={"userState": ("Available", "Unavailable")},
    ),
    Measure(
        path="/presence/percentage",
        by=("users",),
        answer=listed(figures.PRESENCE, values.percentage),
        required=("userState",),
        only={"userState": ("Available",)},
        by_date=False,
    ),
    Measure(
        path="/advisors/metrics",
        by=("users",),
        answer=listed(figures.ADVISORS, values.advisor),
        fixed={"response_time": "AdvisorResponseTime"},
        by_date=False,
    ),
)


class Operation(NamedTuple):
    """One path: a measure, by date or as a count, grouped or not."""

    measure: Measure
    by: str
    by_date: bool

    @property
    def suffix(self) -> str:
        """The path behind the base address."""
        kind = "by-date" if self.by_date else "count"
        grouping = f"/by-{self.by}" if self.by else ""
        return f"{self.measure.path}/{kind}{grouping}"

    def answer(self, ledger: Ledger, body: object) -> Document:
        """Answer a request, or refuse it."""
        return self.measure.answer(ledger, self.read(ledger.tenant, body))

    def read(self, tenant: Tenant, value: object) -> Request:
        """Read a body; raise Refusal if it is not what this path takes."""
        body, measure = Body(value), self.measure
        required = (*WINDOW, *measure.required, *self._needs)
        ranked = self.by == "data" and not self.by_date
        names = (*required, *measure.optional, *(("orderBy",) if ranked else ()))
        asked = {**body.read(dict.fromkeys(names), required, measure.only), **measure.fixed}
        body.window(asked)
        self._check(body, asked)
        by = tuple(name for name in (measure.within, self.by) if name)
        levels = [groups(body, tenant, name, asked) for name in by] or [(TOTAL,)]
        body.refuse()
        return Request(
            question=question(asked, by),
            window=whole_window(asked),
            buckets=cut(asked) if self.by_date else None,
            groups=levels[0],
            members=levels[-1],
            order=asked.get("order"),
        )

    @property
    def _needs(self) -> tuple[str, ...]:
        members = (MEMBERS[self.by],) if self.by else ()
        return (*members, *_BY_DATE) if self.by_date else members

    def _check(self, body: Body, asked: Mapping[str, Any]) -> None:
        """Note what single properties cannot tell."""
        check_direction(body, asked)
        grouping = asked.get("data_groups")
        if grouping is None or grouping.values:
            return
        if asked.get("order") is None or not grouping.type.free_text:
            body.note("data", "The field must contain the values to group by.")


def check_direction(body: Body, asked: Mapping[str, Any]) -> None:
    """Note a direction where the channel has none."""
    if asked.get("channel") == "WebChat" and asked.get("direction") is not None:
        body.note("direction", "The field is for the channel Voice only.")


def operations() -> Iterator[Operation]:
    """Yield every path that measures."""
    for measure in MEASURES:
        for by in measure.by:
            for by_date in (True, False) if measure.by_date else (False,):
                yield Operation(measure, by, by_date)


def averages() -> Iterator[tuple[str, Operation]]:
    """Yield the paths under which the averages over users are exported, and what they average."""
    for operation in operations():
        if operation.measure.average_exported:
            kind = "by-date" if operation.by_date else "count"
            yield f"{operation.measure.path}/average/{kind}", operation
