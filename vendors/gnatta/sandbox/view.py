"""View Interactions: the audits behind a figure, as rows; four paths, one for each family."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from vendors.gnatta.sandbox.fields import ORDERS, InvalidValueError, data_groups, many, one_of
from vendors.gnatta.sandbox.figures import ASKS
from vendors.gnatta.sandbox.operations import FILTERS, LIVE_FILTERS, WINDOW, check_direction
from vendors.gnatta.sandbox.reading import Body, question, whole_window
from vendors.gnatta.sandbox.window import write_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vendors.gnatta.sandbox.answers import Document
    from vendors.gnatta.sandbox.audits import Audit
    from vendors.gnatta.sandbox.ledger import Ledger

MOST_ROWS = 1_000
MOST_EXPORTED = 1_000_000
_ORDER = ("orderBy", "orderByField")


class View(NamedTuple):
    """One path: what its `filters` need and may have, and which contexts it offers.

    Of `either` at least one is needed: requests for several kinds of figures fit the path.
    """

    resource: str
    family: str
    contexts: tuple[str, ...]
    required: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    optional: tuple[str, ...] = FILTERS
    only: Mapping[str, tuple[str, ...]] = {}

    @property
    def suffix(self) -> str:
        """The path behind the base address."""
        return f"/{self.resource}/view-interactions"

    def answer(self, ledger: Ledger, value: object, most: int = MOST_ROWS) -> Document:
        """Answer a request, or refuse it."""
        top = Body(value)
        order = top.read(_ORDER, _ORDER, {})
        contexts = _contexts(top.value("contexts"), self.contexts, top)
        body = Body(value, flat=True)
        required = (*WINDOW, *self.required)
        asked = body.read((*required, *self.either, *self.optional), required, self.only)
        body.window(asked)
        check_direction(body, asked)
        if self.either and not any(body.value(name) for name in self.either):
            body.errors["filters"].append(f"One of {', '.join(self.either)} is required.")
        body.errors.update(top.errors)
        body.refuse()
        asks, about = ASKS[self.family], question(asked)
        found = [
            audit
            for audit in ledger.audits(self.family, whole_window(asked))
            if about.holds(audit) and asks(about, audit.fact)
        ]
        found.sort(key=_SORTED[order["order_field"]], reverse=order["order"] == "Descending")
        return {"interactions": [_row(audit, contexts) for audit in found[:most]]}


_SORTED: Mapping[str, Callable[[Audit[Any]], tuple[Any, ...]]] = {
    "Timestamp": lambda audit: (audit.at, audit.subject.reference),
    "Reference": lambda audit: (audit.subject.reference, audit.at),
}
_CONTEXTS: Mapping[str, Callable[[Audit[Any]], Any]] = {
    "Account": attrgetter("subject.account"),
    "Queue": attrgetter("subject.queue"),
    "User": attrgetter("user"),
}


class Context(NamedTuple):
    """A further column: its kind, and of Data the type."""

    kind: str
    data_type: str | None = None


def _row(audit: Audit[Any], contexts: tuple[Context, ...]) -> Document:
    told: Document = {}
    for context in contexts:
        if context.data_type is None:
            told[context.kind.lower()] = _CONTEXTS[context.kind](audit)
        else:
            value = {"id": context.data_type, "value": audit.data.get(context.data_type)}
            told.setdefault("data", []).append(value)
    return {
        "reference": audit.subject.reference,
        "channel": audit.subject.channel,
        "timestamp": write_instant(audit.at),
        "contexts": told,
    }


def _contexts(value: object, offered: tuple[str, ...], body: Body) -> tuple[Context, ...]:
    """Read the contexts; what is wrong with them is noted on the body."""
    if value is None:
        return ()
    try:
        contexts: tuple[Context, ...] = many(lambda item: _context(item, offered))(value)
    except InvalidValueError as error:
        body.note("contexts", str(error))
        return ()
    return contexts


def _context(item: object, offered: tuple[str, ...]) -> Context:
    if not isinstance(item, dict):
        raise InvalidValueError("The value must be an object.")
    kind = one_of(*offered)(item.get("type"))
    if kind != "Data":
        return Context(kind)
    data_type = data_groups({"id": item.get("id")}).type
    if data_type.free_text:
        one_of(*ORDERS)(item.get("orderBy"))
    return Context(kind, data_type.id)


VIEWS = (
    View(
        resource="interactions",
        family="states",
        contexts=("Data", "Queue", "User"),
        required=("newState",),
        optional=("oldState", "userIds", *FILTERS),
    ),
    View(
        resource="conversations",
        family="conversations",
        contexts=("Account", "Queue"),
        required=("newState", "filters.channel", "accounts"),
        optional=("oldState", "direction", *LIVE_FILTERS),
        only={"newState": ("Closed",)},
    ),
    View(
        resource="messages",
        family="messages",
        contexts=("Account", "Queue", "User"),
        either=("direction", "responseTime"),
        optional=("accounts", "userIds", *FILTERS),
    ),
    View(
        resource="unit-of-works",
        family="units",
        contexts=("Queue", "User"),
        required=("userIds",),
        either=("action", "userState"),
        only={"userState": ("Available", "LoggedIn")},
    ),
)
