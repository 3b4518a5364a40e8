from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.errors import PlatformBadResponseError
from vendors.gnatta import wire
from vendors.gnatta.wire import (
    ENDPOINTS,
    EXPORTED,
    LISTINGS,
    PATHS,
    Answer,
    Event,
    Group,
    Path,
    Point,
)
from vendors.measures import Dimension

Json = Any

# Tiles 24 and 29 define; tile 37 lists.
MEASURING = set(range(1, 37)) - {24, 29}
CPH = "/unit-of-works/contacts-per-hour"
GUESSED = [
    (3, "/interactions/state/by-date/by-data", "/interactions/state/count/by-data"),
    (12, "/interactions/times/by-date/by-queues", "/interactions/times/count/by-queues"),
    (13, "/unit-of-works/actions/by-date/by-users", "/unit-of-works/actions/count/by-users"),
    *(
        (
            tile,
            f"/conversations/{what}/by-date/by-accounts",
            f"/conversations/{what}/count/by-accounts",
        )
        for tile, what in ((25, "percentages"), (26, "totals"), (27, "durations"))
    ),
    (28, "/interactions/times/by-date/by-queues", "/interactions/times/count/by-queues"),
    (30, None, f"{CPH}/count/by-channels"),
    (31, None, f"{CPH}/count/by-queues"),
    (32, f"{CPH}/by-date/by-users", f"{CPH}/count/by-users"),
    (33, None, f"{CPH}/count/by-users"),
    (34, "/presence/duration/by-date/by-users", "/presence/duration/count/by-users"),
    (35, None, "/presence/percentage/count/by-users"),
    (36, None, "/advisors/metrics/count/by-users"),
]


def test_each_tile_has_its_paths_under_entries() -> None:
    assert sorted(row.tile for row in ENDPOINTS.values()) == sorted(MEASURING)
    assert {row.tile for row in ENDPOINTS.values() if row.by_date is None} == {30, 31, 33, 35, 36}
    asked = 2 * len(MEASURING) - 5 + len(LISTINGS)
    # All of it is exported, and the average by date as well.
    assert len(EXPORTED) == asked + 1
    assert len(PATHS) == asked + len(EXPORTED)
    for key, row in ENDPOINTS.items():
        assert PATHS.get(f"{key}.byDate") == row.by_date
        assert PATHS[f"{key}.count"] == row.count


def test_an_export_has_the_path_of_what_it_exports_but_for_the_average() -> None:
    own = {one: PATHS[EXPORTED[one]].suffix for one in EXPORTED}
    same = {one: path.suffix for one, path in PATHS.items() if one in EXPORTED}
    assert own == same | {
        "cphAverage.byDate": f"{CPH}/average/by-date",
        "cphAverage.count": f"{CPH}/average/count",
    }
    assert EXPORTED["messageVolume.count"] == "messageVolume.export.count"
    assert EXPORTED["viewInteractions.messages"] == "viewInteractions.export.messages"


@pytest.mark.parametrize(("tile", "by_date", "count"), GUESSED, ids=str)
def test_a_path_follows_the_pattern(tile: int, by_date: str | None, count: str) -> None:
    (row,) = [one for one in ENDPOINTS.values() if one.tile == tile]
    assert (row.by_date and row.by_date.suffix, row.count.suffix) == (by_date, count)


def test_the_shown_addresses_are_the_documents() -> None:
    assert {one for one in PATHS.values() if one.documented} == {
        Path("/interactions/state/by-date", documented=True),
        Path("/interactions/state/count", documented=True),
        Path("/interactions/state/by-date/by-channels", documented=True),
    }


@pytest.mark.parametrize(
    ("family", "dimension", "tile"),
    [
        ("interactionsClosed", None, 1),
        ("interactionsClosed", Dimension.AGENT, 5),
        ("interactionsReceived", Dimension.QUEUE, 8),
        ("interactionsReopened", Dimension.CHANNEL, 10),
        ("messageVolume", Dimension.ACCOUNT, 17),
        ("messageTimes", Dimension.AGENT, 23),
        ("interactionsClosed", Dimension.TAG, 3),
        ("presenceDuration", Dimension.AGENT, 34),
        ("liveTotals", None, 26),
        ("liveTotals", Dimension.CHANNEL, 26),
        ("cphByQueue", Dimension.AGENT, 31),
    ],
)
def test_a_tile_is_found_by_family_and_grouping(
    family: str, dimension: Dimension | None, tile: int
) -> None:
    assert wire.endpoint(family, dimension).tile == tile


def test_states_tell_received_closed_and_reopened_apart() -> None:
    def fixed(family: str) -> Mapping[str, tuple[str, ...]]:
        return wire.endpoint(family, None).fixed

    assert fixed("interactionsClosed") == {"newState": ("Closed",)}
    assert fixed("interactionsReceived") == {
        "oldState": ("Draft",),
        "newState": ("Created", "Queued", "Automation"),
    }
    assert fixed("interactionsReopened") == {
        "oldState": ("Closed",),
        "newState": ("Queued", "Assigned", "Automation"),
    }


def pascal(value: Json) -> Json:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(one) for name, one in value.items()}
    return [pascal(one) for one in value] if isinstance(value, list) else value


def counted(value: Json) -> Json:
    """The same with every figure under `count`."""
    if isinstance(value, dict):
        return {"count" if n == "value" else n: counted(one) for n, one in value.items()}
    return [counted(one) for one in value] if isinstance(value, list) else value


CASES: tuple[Callable[[Json], Json], ...] = (lambda value: value, pascal)
NAMES: tuple[Callable[[Json], Json], ...] = (lambda value: value, counted)
WRAPS: tuple[Callable[[Json], Json], ...] = (
    lambda rows: rows,
    lambda rows: {"groups": rows},
    lambda rows: {"results": rows, "average": 3.5},
    lambda rows: {"data": rows},
)

figures = st.none() | st.floats(0, 1e9) | st.integers(0, 10**6) | st.just("1.02:03:04")
texts = st.none() | st.text(max_size=5)
points = st.fixed_dictionaries({"date": st.dates().map(str), "value": figures})
dated = st.fixed_dictionaries({"id": texts, "name": texts, "values": st.lists(points, max_size=4)})
totals = st.fixed_dictionaries({"id": texts, "name": texts, "value": figures})


@given(st.lists(dated, max_size=4))
def test_every_spelling_of_a_by_date_answer_is_read_alike(rows: Json) -> None:
    expected = tuple(
        Group(
            one["id"],
            one["name"],
            points=tuple(Point(p["date"], {"value": p["value"]}) for p in one["values"]),
        )
        for one in rows
    )
    for case in CASES:
        for name in NAMES:
            for wrap in WRAPS:
                assert wire.answer(case(wrap(name(rows))), "dated").groups == expected


@given(st.lists(totals, max_size=4))
def test_every_spelling_of_a_count_answer_is_read_alike(rows: Json) -> None:
    expected = tuple(Group(one["id"], one["name"], {"value": one["value"]}) for one in rows)
    for case in CASES:
        for name in NAMES:
            for wrap in WRAPS:
                assert wire.answer(case(wrap(name(rows))), "counted").groups == expected


within = st.fixed_dictionaries(
    {
        "id": texts,
        "name": texts,
        "totalContacts": st.integers(0, 9),
        "duration": figures,
        "values": st.lists(totals, max_size=3),
        "average": figures,
    }
)


@given(st.lists(within, max_size=3))
def test_a_user_holds_figures_and_a_group_for_each_member(rows: Json) -> None:
    expected = tuple(
        Group(
            one["id"],
            one["name"],
            {
                "totalcontacts": one["totalContacts"],
                "duration": one["duration"],
                "average": one["average"],
            },
            parts=tuple(Group(p["id"], p["name"], {"value": p["value"]}) for p in one["values"]),
        )
        for one in rows
    )
    for case in CASES:
        for wrap in WRAPS:
            assert wire.answer(case(wrap(rows)), "parted").groups == expected


def interactions(rows: Json) -> Json:
    return {"interactions": rows}


audits = st.fixed_dictionaries(
    {
        "reference": st.text(min_size=1, max_size=5),
        "timestamp": st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
        "channel": texts,
        "contexts": st.none() | st.fixed_dictionaries({"queue": texts, "user": texts}),
    }
)


@given(st.lists(audits, max_size=4))
def test_every_spelling_of_a_list_of_audits_is_read_alike(rows: Json) -> None:
    expected = tuple(Event(**one) for one in rows)
    for case in CASES:
        for wrap in (*WRAPS, interactions):
            assert wire.events(case(wrap(rows))) == expected


def test_what_is_no_figure_is_left_out() -> None:
    row = {"id": "a", "value": 1, "values": None, "isLive": True, "tags": [], "average": 2}
    found = wire.answer({"groups": [row], "tookMs": 3, "average": 4.5}, "counted")
    assert found.groups == (Group("a", None, {"value": 1.0, "average": 2.0}),)
    assert found.figures == {"tookms": 3.0, "average": 4.5}


def test_a_bare_array_has_nothing_beside_it() -> None:
    assert wire.answer([], "counted") == Answer(())


def test_value_wins_where_both_names_are_there() -> None:
    found = wire.answer([{"count": 1, "value": 2}], "counted")
    assert found.groups == (Group(figures={"value": 2.0}),)


def test_the_spelling_of_acronyms_does_not_matter() -> None:
    for name in ("abandonedByIvr", "abandonedByIVR", "AbandonedByIVR"):
        found = wire.answer([{name: 2}], "counted")
        assert found.groups == (Group(figures={"abandonedbyivr": 2.0}),)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        0,
        "text",
        {},
        {"groups": None},
        {"groups": {}},
        {"items": []},
        [1],
        [{"id": 7, "value": 1}],
        [{"id": "a"}],
        [{"id": "a", "value": [1]}],
        [{"id": "a", "value": True}],
    ],
)
def test_a_count_answer_of_another_shape_is_a_bad_response(answer: Json) -> None:
    with pytest.raises(PlatformBadResponseError):
        wire.answer(answer, "counted")


@pytest.mark.parametrize(
    "answer",
    [
        [{"id": "a"}],
        [{"id": "a", "value": 3}],
        [{"id": "a", "values": {}}],
        [{"id": "a", "values": [{"date": "2023-01-01"}]}],
        [{"id": "a", "values": [{"value": 1}]}],
        [{"id": "a", "values": [7]}],
    ],
)
def test_a_by_date_answer_of_another_shape_is_a_bad_response(answer: Json) -> None:
    with pytest.raises(PlatformBadResponseError):
        wire.answer(answer, "dated")


@pytest.mark.parametrize("values", [None, {}, [7], [{"id": "Email"}], [{"id": 3, "value": 1}]])
def test_a_user_without_a_list_of_members_is_a_bad_response(values: Json) -> None:
    with pytest.raises(PlatformBadResponseError):
        wire.answer([{"id": "a", "duration": 3, "values": values}], "parted")


@pytest.mark.parametrize("answer", [None, {"rows": []}, [{"reference": "A-1"}], [{"timestamp": 1}]])
def test_a_list_of_another_shape_is_a_bad_response(answer: Json) -> None:
    with pytest.raises(PlatformBadResponseError):
        wire.events(answer)
