"""From Chat-Tonic's words to ours: agents, presence, conversations and readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import fsum
from zoneinfo import ZoneInfo

from vendors import records
from vendors.buckets import bucket_edges
from vendors.chattonic import wire
from vendors.chattonic.indicators import FIGURES, TIMES
from vendors.errors import PlatformBadResponseError
from vendors.measures import Grain, MeasureCall, Merge, Reading
from vendors.records import Channel, ConversationState, PresenceStatus

__all__ = [
    "CHANNELS",
    "STATES",
    "STATUSES",
    "agent",
    "conversation",
    "customer",
    "instant",
    "label",
    "operator_readings",
    "presence",
    "row_readings",
    "serves_all",
    "total_readings",
    "vendor_instant",
]

STATES: Mapping[str, ConversationState] = {
    "pending": ConversationState.WAITING,
    "progress": ConversationState.OPEN,
    "resolved": ConversationState.CLOSED,
}

STATUSES: Mapping[str, PresenceStatus] = {
    "online": PresenceStatus.AVAILABLE,
    # Inferred from `awayTime`: the documents show "online" alone.
    "away": PresenceStatus.AWAY,
    "offline": PresenceStatus.OFFLINE,
}

CHANNELS: Mapping[str, Channel] = {
    "messenger": Channel.MESSENGER,
    "telegram": Channel.TELEGRAM,
    # Inferred: the documents name the two above as examples.
    "whatsapp": Channel.WHATSAPP,
    "instagram": Channel.INSTAGRAM,
    "facebook": Channel.FACEBOOK,
    "web": Channel.CHAT,
}

_CONNECTED: Mapping[PresenceStatus, bool] = {
    PresenceStatus.AVAILABLE: True,
    PresenceStatus.BUSY: True,
    PresenceStatus.AWAY: True,
    PresenceStatus.OFFLINE: False,
}

# Groups without a row had nothing to count; of a mean or a level, no row tells nothing.
_ZERO_WITHOUT_ROW = frozenset({Merge.SUM, Merge.DISTINCT})

_ALL_ORIGINS = "all"
_MILLISECONDS = 1e11
"""A number of this size or more is of milliseconds: as seconds it is beyond the year 5000."""


def vendor_instant(moment: datetime) -> str:
    """Return an instant as the vendor writes it: UTC, milliseconds, `Z`."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def instant(value: object) -> datetime | None:
    """Return the instant of an ISO 8601 string with a zone, or None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(value: object) -> datetime | None:
    """Return what an instant or a number of seconds or milliseconds since 1970 stands for."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return instant(value)
    try:
        return datetime.fromtimestamp(value / (1000 if value >= _MILLISECONDS else 1), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def agent(
    operator: wire.Operator, platform: str, statuses: Mapping[str, PresenceStatus]
) -> records.Agent:
    """Return an operator as an agent: the code of its role as it is, its origins as skills."""
    given, family = _name_parts(operator)
    full = " ".join(part for part in (given, family) if part)
    return records.Agent(
        platform=platform,
        native_id=operator.id,
        name=full or operator.displayName,
        display_name=operator.displayName,
        given_name=given,
        family_name=family,
        roles=None if operator.profile is None else (str(operator.profile),),
        skill_ids=_skills(operator),
        last_connected_at=_moment(operator.lastConnection),
        status=_status(operator, statuses),
    )


def presence(
    operator: wire.Operator,
    platform: str,
    statuses: Mapping[str, PresenceStatus],
    as_of: datetime,
) -> records.AgentPresence:
    """Return an operator's state as it was told at `as_of`."""
    status = _status(operator, statuses)
    return records.AgentPresence(
        platform=platform,
        agent_id=operator.id,
        status=status,
        as_of=as_of,
        connected=_CONNECTED.get(status),
    )


def _status(operator: wire.Operator, statuses: Mapping[str, PresenceStatus]) -> PresenceStatus:
    return statuses.get(operator.status or "", PresenceStatus.UNKNOWN)


def _name_parts(operator: wire.Operator) -> tuple[str | None, str | None]:
    if operator.name is None:
        return None, None
    return operator.name.givenName, operator.name.familyName


def _skills(operator: wire.Operator) -> tuple[str, ...] | None:
    """Return the origins, or None where an empty list stands for all of them."""
    return None if serves_all(operator) else operator.origins


def serves_all(operator: wire.Operator) -> bool:
    """Return whether an operator serves every origin: an empty list can mean that."""
    return not operator.origins and operator.originsName == _ALL_ORIGINS


def conversation(
    query: wire.Query, platform: str, channels: Mapping[str, Channel]
) -> records.Conversation:
    """Return a query as a conversation; of its end user only the id and the channel are told."""
    user = query.messageUser
    word = user.platform if user else None
    state = STATES.get(query.status or "", ConversationState.UNKNOWN)
    origins = [one if isinstance(one, str) else one.id for one in query.origins]
    return records.Conversation(
        platform=platform,
        native_id=query.id,
        channel=channels.get(word or "", Channel.OTHER),
        native_channel=word,
        state=state,
        native_state=query.status,
        started_at=query.createdAt.astimezone(UTC),
        ended_at=_ended_at(query) if state is ConversationState.CLOSED else None,
        customer_id=user.id if user else None,
        skill_id=origins[0] if len(origins) == 1 else None,
        account_id=query.account.id if query.account else None,
    )


def customer(
    user: wire.User, platform: str, channels: Mapping[str, Channel], *, named: bool
) -> records.Customer:
    """Return a user of the bot as a customer, with the name only where names are wanted."""
    account = user.account
    return records.Customer(
        platform=platform,
        native_id=user.id,
        at=user.createdAt.astimezone(UTC),
        given_name=user.firstName if named else None,
        family_name=user.lastName if named else None,
        channel=channels.get(user.platform or "", Channel.OTHER),
        native_channel=user.platform,
        account_id=account.id if isinstance(account, wire.Reference) else account,
    )


def _ended_at(query: wire.Query) -> datetime | None:
    """Return when a resolved query was resolved; neither member is documented any more."""
    return instant(query.dates.get("resolved")) or instant(query.resolutionSettedAt)


def label(moment: datetime, pattern: str, where: ZoneInfo) -> str:
    """Return how the dashboard names the bucket that begins at `moment`."""
    return moment.astimezone(where).strftime(pattern)


def row_readings(
    rows: Sequence[wire.DashboardRow], measure: MeasureCall, pattern: str, where: ZoneInfo
) -> tuple[Reading, ...]:
    """Return a reading for each figure and bucket of the window.

    A bucket without a row counts 0 where things are counted. Where clocks go back, two hours have
    one label and so one row: neither is known then.

    Raises:
        PlatformBadResponseError: A label names no bucket of the window, or two rows have it.
    """
    edges = bucket_edges(measure.grain, measure.start, measure.end, where)
    labels = [label(edge, pattern, where) for edge in edges]
    found = _by_label(rows, labels)
    starts: dict[str, list[datetime]] = {}
    for edge, name in zip(edges[:-1], labels, strict=False):
        starts.setdefault(name, []).append(edge)
    return tuple(
        Reading(figure, start, _cell(figure, found.get(name), shared=len(same) > 1))
        for figure in measure.figures
        for name, same in starts.items()
        for start in same
    )


def total_readings(
    rows: Sequence[wire.DashboardRow],
    measure: MeasureCall,
    grain: Grain,
    pattern: str,
    where: ZoneInfo,
) -> tuple[Reading, ...]:
    """Return a reading for each figure that the rows of `grain` make one value of.

    What is counted is added up. Anything else has a value only where one row came: parts of it
    cannot be put together. A single row may also carry a label that is no bucket's at all, such
    as "0": it stands for the whole window. Rows of the grain TOTAL are one, whatever its label.

    Raises:
        PlatformBadResponseError: A label names no bucket of the window, or two rows have it.
    """
    if grain is Grain.TOTAL or (len(rows) == 1 and not _is_formatted(rows[0].date, pattern)):
        found = list(rows)
        if len(found) > 1:
            raise PlatformBadResponseError("several dashboard rows in place of one")
    else:
        edges = bucket_edges(grain, measure.start, measure.end, where)
        labels = [label(edge, pattern, where) for edge in edges]
        inside = frozenset(labels[:-1])
        found = [row for name, row in _by_label(rows, labels).items() if name in inside]
    values = ((figure, _sum_of_rows(figure, found)) for figure in measure.figures)
    return tuple(
        Reading(figure, measure.start, value) for figure, value in values if value is not None
    )


def _by_label(
    rows: Iterable[wire.DashboardRow], labels: Iterable[str]
) -> dict[str, wire.DashboardRow]:
    """Return the rows by their labels.

    `labels` ends with the bucket after the window. Whether the end belongs to the window is not
    documented, so a row of what came at that very instant is no fault; it is not used.
    """
    known = frozenset(labels)
    found: dict[str, wire.DashboardRow] = {}
    for row in rows:
        if row.date not in known:
            raise PlatformBadResponseError("a dashboard label that names no bucket of the window")
        if row.date in found:
            raise PlatformBadResponseError("two dashboard rows with one label")
        found[row.date] = row
    return found


def _is_formatted(text: str, pattern: str) -> bool:
    """Return whether a label is written in that format."""
    try:
        # A week is no date without one of its days; beside a date the day of the week is idle.
        moment = datetime.strptime(f"{text} 1", f"{pattern} %u").replace(tzinfo=UTC)
    except ValueError:
        return False
    return moment.strftime(pattern) == text


def _cell(figure: str, row: wire.DashboardRow | None, *, shared: bool) -> float | None:
    if row is None:
        return 0.0 if FIGURES[figure].merge in _ZERO_WITHOUT_ROW else None
    return None if shared else _number(row, figure)


def _sum_of_rows(figure: str, rows: Sequence[wire.DashboardRow]) -> float | None:
    if FIGURES[figure].merge is Merge.SUM:
        return _sum(_number(row, figure) for row in rows)
    if len(rows) > 1:
        return None
    return _cell(figure, rows[0] if rows else None, shared=False)


def operator_readings(
    stats: wire.OperatorStats, measure: MeasureCall, seconds: float
) -> tuple[Reading, ...]:
    """Return a reading for each figure and operator, or for each figure where not grouped.

    `seconds` is what one unit of the operators' times is worth.
    """
    if measure.group_by:
        return tuple(
            Reading(
                figure,
                measure.start,
                _measured(one, figure, seconds),
                (one.id,),
                (one.displayName,),
            )
            for figure in measure.figures
            if FIGURES[figure].dimensions is None
            for one in stats.operators
        )
    return tuple(
        Reading(figure, measure.start, _over_operators(stats, figure, seconds))
        for figure in measure.figures
    )


def _measured(operator: wire.Operator, figure: str, seconds: float) -> float | None:
    """Return one operator's value; a mean over nothing, which the vendor writes as 0, is None."""
    value = _number(operator, figure)
    if value is None or _weight(operator, figure) == 0:
        return None
    return value * seconds if figure in TIMES else value


def _over_operators(stats: wire.OperatorStats, figure: str, seconds: float) -> float | None:
    row = FIGURES[figure]
    if row.dimensions is not None:
        return _number(stats, figure)
    values = [_measured(one, figure, seconds) for one in stats.operators]
    if row.merge is not Merge.MEAN:
        return _sum(values)
    weights = [_weight(one, figure) for one in stats.operators]
    weight = _sum(weights)
    if not weight:
        return None
    return _sum(
        None if value is None else value * part / weight
        for value, part in zip(values, weights, strict=True)
        if part
    )


def _weight(operator: wire.Operator, figure: str) -> float | None:
    """Return what weighs a mean, or None for a figure that is none."""
    terms = FIGURES[figure].weight
    return _number(operator, terms[0].figure) if terms else None


def _number(
    told: wire.Operator | wire.OperatorStats | wire.DashboardRow, figure: str
) -> float | None:
    """Return the member that a figure is named after, behind its table's name."""
    value: float | None = getattr(told, figure.partition(".")[2])
    return value


def _sum(values: Iterable[float | None]) -> float | None:
    """Return the sum, or None where a part of it was not told."""
    parts = list(values)
    known = [part for part in parts if part is not None]
    return fsum(known) if len(known) == len(parts) else None
