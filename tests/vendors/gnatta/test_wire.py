from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.errors import PlatformBadResponseError
from vendors.gnatta import wire
from vendors.gnatta.wire import ENDPOINTS, PATHS, Event, Group, Path, Point
from vendors.measures import Dimension

Json = Any


def test_each_tile_has_its_paths_under_entries() -> None:
    assert len(ENDPOINTS) == 21
    assert len(PATHS) == 43
    for key, row in ENDPOINTS.items():
        assert PATHS[f"{key}.byDate"] == row.by_date
        assert PATHS[f"{key}.count"] == row.count


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
        ("presenceDuration", Dimension.AGENT, 34),
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
        Group(one["id"], one["name"], tuple(Point(p["date"], p["value"]) for p in one["values"]))
        for one in rows
    )
    for case in CASES:
        for name in NAMES:
            for wrap in WRAPS:
                assert wire.groups(case(wrap(name(rows))), by_date=True) == expected


@given(st.lists(totals, max_size=4))
def test_every_spelling_of_a_count_answer_is_read_alike(rows: Json) -> None:
    expected = tuple(Group(one["id"], one["name"], None, one["value"]) for one in rows)
    for case in CASES:
        for name in NAMES:
            for wrap in WRAPS:
                assert wire.groups(case(wrap(name(rows))), by_date=False) == expected


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


def test_unknown_members_are_ignored() -> None:
    answer = {"groups": [{"id": "a", "value": 1, "values": None, "average": 2}], "tookMs": 3}
    assert wire.groups(answer, by_date=False) == (Group("a", None, None, 1.0),)


def test_value_wins_where_both_names_are_there() -> None:
    assert wire.groups([{"count": 1, "value": 2}], by_date=False) == (Group(value=2.0),)


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
        wire.groups(answer, by_date=False)


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
        wire.groups(answer, by_date=True)


@pytest.mark.parametrize("answer", [None, {"rows": []}, [{"reference": "A-1"}], [{"timestamp": 1}]])
def test_a_list_of_another_shape_is_a_bad_response(answer: Json) -> None:
    with pytest.raises(PlatformBadResponseError):
        wire.events(answer)
