"""Questions of all kinds, as hypothesis draws them: what can be asked of the vendors' tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from resolvers.planner.request import MeasureRequest
from vendors.buckets import floor_to, next_edge, zone
from vendors.measures import Dimension, Grain, Measurables
from vendors.records import Channel

__all__ = ["GRAINS", "ZONES", "Choices", "Question", "periods", "questions"]

# Those of Europe's clocks, of the Americas', and one by half an hour; and none.
CHANGES = (
    datetime(2025, 10, 26, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2025, 9, 7, 4, tzinfo=UTC),
    datetime(2026, 4, 5, 3, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 2, 10, 14, tzinfo=UTC),
)
ZONES = (
    "Europe/Paris",
    "Europe/London",
    "UTC",
    "Asia/Kolkata",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Santiago",
)
GRAINS = (Grain.TOTAL, Grain.HOUR, Grain.HOUR_OF_DAY, Grain.DAY, Grain.WEEK, Grain.MONTH)
_LONGEST: Mapping[Grain, int] = {
    Grain.TOTAL: 12 * 24,
    Grain.HOUR: 14,
    Grain.HOUR_OF_DAY: 30,
    Grain.DAY: 5 * 24,
    Grain.WEEK: 17 * 24,
    Grain.MONTH: 64 * 24,
}
"""In hours: a period has few buckets, since each is asked for alone."""
_DIMENSIONS = (
    Dimension.AGENT,
    Dimension.CHANNEL,
    Dimension.TEAM,
    Dimension.QUEUE,
    Dimension.SKILL,
    Dimension.SITE,
)
_PAIRS = (
    (Dimension.AGENT, Dimension.CHANNEL),
    (Dimension.CHANNEL, Dimension.SITE),
    (Dimension.TEAM, Dimension.AGENT),
)


@dataclass(frozen=True)
class Question:
    """A request, and the platforms that it is put to: one, or all together.

    `kept` asks of a cache that holds what earlier questions fetched, and `beside` in the same
    operation for buckets of another size: values may then be made of what is there anyway.
    """

    request: MeasureRequest
    platforms: tuple[str, ...]
    kept: bool = False
    beside: Grain | None = None


@dataclass(frozen=True)
class Choices:
    """What can be asked: each platform's tables, and the members that it knows."""

    tables: Mapping[str, Measurables]
    members: Mapping[str, Mapping[Dimension, Sequence[str]]]

    def items(self, platforms: Sequence[str]) -> list[str]:
        """Return the indicators that one of these platforms measures, and their own figures."""
        canonical = {item for key in platforms for item in self.tables[key].indicators}
        native = {
            f"{key}.{name}"
            for key in platforms
            for name, figure in self.tables[key].figures.items()
            if not self.tables[key].sources[figure.source].snapshot
        }
        return [*sorted(canonical), *sorted(native)]


@st.composite
def questions(draw: st.DrawFn, choices: Choices, grains: Sequence[Grain] = GRAINS) -> Question:
    """Return a question of any size that a hand would ask, aligned to buckets or to nothing."""
    every = tuple(sorted(choices.tables))
    platforms = draw(st.sampled_from([every, *((key,) for key in every)]))
    group_by = draw(st.sampled_from([(), (), *((one,) for one in _DIMENSIONS), *_PAIRS]))
    if len(platforms) == 1:
        known = choices.members[platforms[0]]
        group_by = tuple(one for one in group_by if known.get(one))
    grain, zone_name = draw(st.sampled_from(list(grains))), draw(st.sampled_from(ZONES))
    start, end = draw(periods(grain, zone_name))
    canonical = [one for one in choices.items(platforms) if "." not in one]
    native = [one for one in choices.items(platforms) if "." in one]
    some = st.one_of(st.sampled_from(canonical), st.sampled_from(native))
    request = MeasureRequest(
        items=tuple(draw(st.lists(some, min_size=1, max_size=2, unique=True))),
        start=start,
        end=end,
        zone=zone_name,
        grain=grain,
        group_by=group_by,
        filters=draw(_filters(choices, platforms)),
        channels=draw(_channels(choices, platforms)),
    )
    beside = draw(st.sampled_from([None, None, Grain.HOUR, Grain.DAY]))
    return Question(request, platforms, kept=draw(st.booleans()), beside=beside)


@st.composite
def periods(draw: st.DrawFn, grain: Grain, zone_name: str) -> tuple[datetime, datetime]:
    """Return a period around a change of clocks: whole local buckets, or any quarters of an hour.

    Some begin or end within the hour that a clock shows twice.
    """
    longest = _LONGEST[grain]
    change, where = draw(st.sampled_from(CHANGES)), zone(zone_name)
    around = draw(st.integers(-longest, 3))
    start = change + timedelta(hours=around)
    edge = {Grain.TOTAL: "day", Grain.HOUR_OF_DAY: "hour"}.get(grain, grain.value)
    if draw(st.booleans()):
        start = floor_to(edge, start, where)
        end = next_edge(edge, start, where)
        for _ in range(draw(st.integers(0, 5))):
            if next_edge(edge, end, where) - start <= timedelta(hours=longest):
                end = next_edge(edge, end, where)
        return start, end
    start += timedelta(minutes=draw(st.sampled_from([0, 15, 30, 45])))
    return start, start + timedelta(minutes=draw(st.integers(1, longest * 4)) * 15)


@st.composite
def _filters(
    draw: st.DrawFn, choices: Choices, platforms: Sequence[str]
) -> tuple[tuple[Dimension, tuple[str, ...]], ...]:
    """Return a restriction to some members, which one platform alone can be asked."""
    if len(platforms) > 1 or draw(st.integers(0, 2)):
        return ()
    known = choices.members[platforms[0]]
    offered = [one for one in _DIMENSIONS if known.get(one) and one is not Dimension.CHANNEL]
    if not offered:
        return ()
    dimension = draw(st.sampled_from(offered))
    ids = st.lists(st.sampled_from(list(known[dimension])), min_size=1, max_size=2, unique=True)
    return ((dimension, tuple(draw(ids))),)


@st.composite
def _channels(draw: st.DrawFn, choices: Choices, platforms: Sequence[str]) -> tuple[Channel, ...]:
    if draw(st.integers(0, 3)):
        return ()
    known = {one for key in platforms for one in choices.tables[key].channels.values()}
    if not known:
        return ()
    return (draw(st.sampled_from(sorted(known))),)
