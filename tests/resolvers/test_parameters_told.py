"""What is told of parameters: in the catalogue, in explanations, plans, cursors and keys."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.fakes import platform_of
from tests.resolvers.measuring import Measuring, source_of
from tests.resolvers.parametrised import NAMES, PARAMETERS, TALKS, Desk, Told

from gateway.commands.plan import measuring_lines
from resolvers.parameters import taken_by, taken_by_both
from resolvers.reports.catalogue import definition
from vendors.measures import Figure, Merge, Unit
from vendors.parameters import Parameter, Way


class TwoSources(Told):
    """One more figure, of a source that takes fewer parameters."""

    def __init__(self) -> None:
        super().__init__(TALKS)
        tables = self.measurables
        other = source_of(name="other", parameters=("agents", "kind"))
        extra = Figure(
            name="extra", source="other", unit=Unit.COUNT, merge=Merge.SUM, title="Extra"
        )
        weighed = msgspec.structs.replace(
            tables.figures["duration"], name="weighed", source="other"
        )
        self.measurables = msgspec.structs.replace(
            tables,
            sources={**tables.sources, "other": other},
            figures={**tables.figures, "extra": extra, "weighed": weighed},
            reports={"desk": ("contacts", "extra"), "extra": ("extra",), "mean": ("weighed",)},
        )


AGENTS = Parameter(
    name="agents",
    description="Agents.",
    ways=(Way.VALUES, Way.EXCLUDE_VALUES),
    choices=("ann", "bob", "cem"),
    most=3,
    every=True,
)


@pytest.mark.parametrize("turned", [False, True])
def test_several_sources_take_of_a_parameter_what_each_of_them_takes(turned: bool) -> None:
    narrow = Parameter(name="agents", description="Few.", choices=("bob", "zoe"), most=5)
    sources = [
        source_of(name="wide", parameters=("agents",)),
        source_of(name="narrow", parameters=("agents",), narrowed={"agents": narrow}),
    ]
    tables = msgspec.structs.replace(Told([]).measurables, parameters={"agents": AGENTS})

    found = taken_by(sources[::-1] if turned else sources, tables)

    assert found == {
        "agents": Parameter(name="agents", description="Few.", choices=("bob",), most=3)
    }
    assert taken_by(sources[:1], tables) == {"agents": AGENTS}


@pytest.mark.parametrize("member", ["choices", "keys"])
def test_what_several_sources_take_nothing_in_common_of_is_not_taken(member: str) -> None:
    def one(value: str) -> Parameter:
        named = Parameter(name="agents", description="Agents.", keyed="Which.")
        return msgspec.structs.replace(named, **{member: (value,)})

    assert taken_by_both({"agents": one("ann")}, {"agents": one("bob")}) == {}
    assert taken_by_both({"agents": one("ann")}, {}) == {}
    assert taken_by_both({"agents": one("ann")}, {"agents": AGENTS}) != {}


def test_a_report_of_two_accounts_has_the_parameters_that_both_take() -> None:
    wide, narrow = Told([]), Told([], parameters=PARAMETERS[:3])
    seconds = msgspec.structs.replace(narrow.measurables.parameters["seconds"], most=2)
    own = {**narrow.measurables.parameters, "seconds": seconds}
    narrow.measurables = msgspec.structs.replace(narrow.measurables, parameters=own)
    platforms = [platform_of("one", measures=wide), platform_of("two", measures=narrow)]

    found = definition("fake.desk", platforms).parameters

    assert [one.name for one in found] == ["agents", "answered", "seconds"]
    assert found[2].most == 2


CATALOGUE = """{ reportCatalogue {
  key
  columns { name title type unit }
  parameters {
    name description type ways choices most requireEveryValue required dimension excludes
    key { description choices } needs { name value }
  }
} }"""


async def _catalogue(port: Measuring) -> dict[str, dict[str, Any]]:
    result = await Desk(port).ask(CATALOGUE)
    assert result.errors is None, result.errors
    return {one["key"]: one for one in result.data["reportCatalogue"]}


async def test_a_report_has_the_parameters_that_all_of_its_sources_take() -> None:
    found = await _catalogue(TwoSources())
    taken = {key: [one["name"] for one in own["parameters"]] for key, own in found.items()}

    assert taken["fake.desk"] == taken["fake.extra"] == ["agents", "kind"]
    assert taken["fake.mean"] == ["agents", "kind"], "its weight is of the other source"
    assert taken["VOLUME"] == []


async def test_a_parameter_that_only_some_sources_take_is_refused() -> None:
    message, accepted = await Desk(TwoSources()).refused({"name": "answered", "values": ["true"]})

    assert message == "`answered` is not taken by all that is asked here. There are agents, kind."
    assert accepted == ["agents", "kind"]


async def test_the_catalogue_tells_parameters_and_columns() -> None:
    desk = (await _catalogue(Told(TALKS)))["fake.desk"]
    named = {one["name"]: one for one in desk["parameters"]}
    plain = {
        "type": "TEXT",
        "ways": ["VALUES"],
        "choices": [],
        "most": None,
        "requireEveryValue": False,
        "required": False,
        "dimension": None,
        "excludes": [],
        "key": None,
        "needs": [],
    }

    assert list(named) == list(NAMES)
    assert named["agents"] == {
        **plain,
        "name": "agents",
        "description": "Who answers.",
        "ways": ["VALUES", "EXCLUDE_VALUES"],
        "dimension": "AGENT",
    }
    assert named["letters"]["requireEveryValue"] is True
    assert named["answered"] == {
        **plain,
        "name": "answered",
        "description": "Answered?",
        "type": "BOOLEAN",
        "most": 1,
    }
    assert named["attribute"]["key"] == {
        "description": "The attribute.",
        "choices": ["channel", "site"],
    }
    assert named["kind"]["choices"] == ["chat", "phone"]
    assert named["kind"]["excludes"] == ["attribute"]
    assert named["late"]["needs"] == [{"name": "slow", "value": "true"}]
    assert desk["columns"] == [
        {"name": "platform", "title": "Platform", "type": "TEXT", "unit": None},
        {"name": "fake.contacts", "title": "c", "type": "NUMBER", "unit": "COUNT"},
        {"name": "fake.answered", "title": "a", "type": "NUMBER", "unit": "COUNT"},
        {"name": "fake.duration", "title": "d", "type": "NUMBER", "unit": "SECONDS"},
    ]


async def test_the_columns_of_the_catalogue_are_those_of_the_answer() -> None:
    desk = Desk(Told(TALKS))
    for key, listed in (await _catalogue(desk.port)).items():
        result = await desk.ask(
            f'{{ report(key: "{key}") {{ columns {{ name title type unit }} }} }}'
        )
        assert result.data["report"]["columns"] == listed["columns"]


KIND = 'parameters: [{name: "kind", values: ["chat"]}]'


@pytest.mark.parametrize(
    "query",
    [
        'report(key: "VOLUME", %s) { totalCount }',
        "indicators(keys: [HANDLE_TIME], %s) { seriesCount }",
        'indicators(keys: [HANDLE_TIME], native: ["fake.contacts"], %s) { seriesCount }',
    ],
)
async def test_what_is_measured_alike_everywhere_takes_no_parameters(query: str) -> None:
    desk = Desk()

    result = await desk.ask("{ %s }" % (query % KIND))

    assert desk.port.calls == []
    assert [one.message for one in result.errors] == [
        "Parameters are told to the vendors' own figures and reports, and to no others."
    ]


NATIVE = """
query($given: [ReportParameterInput!]) {
  indicators(native: ["fake.contacts"], parameters: $given, period: {last: {count: 2, unit: DAY}}) {
    series { value explain { calls { parameters restrictedBy } } }
  }
}
"""


async def test_native_figures_take_parameters_and_say_which_but_not_what() -> None:
    desk = Desk()
    result = await desk.ask(NATIVE, given=[{"name": "agents", "values": ["ann"]}])

    (series,) = result.data["indicators"]["series"]
    assert series["value"] == 1.0
    assert series["explain"][0]["calls"] == [{"parameters": ["agents"], "restrictedBy": []}]
    (line,) = measuring_lines(desk.context.loaders.answered, desk.context)
    assert line.why == "One value for the whole period. With the parameter agents."


async def test_a_plan_names_several_parameters() -> None:
    desk = Desk()
    given = [{"name": "agents", "values": ["ann"]}, {"name": "answered", "values": ["true"]}]
    await desk.ask(NATIVE, given=given)

    (line,) = measuring_lines(desk.context.loaders.answered, desk.context)
    assert line.why.endswith("With the parameters agents and answered.")


async def test_a_cursor_is_of_the_same_parameters_in_whatever_order() -> None:
    desk = Desk()
    agents = {"name": "agents", "excludeValues": ["zoe"]}
    answered = {"name": "answered", "values": ["true"]}
    first = await desk.report(agents, answered, groupBy=["AGENT"], first=2)
    after = first["pageInfo"]["endCursor"]

    second = await desk.report(answered, agents, groupBy=["AGENT"], first=2, after=after)
    other = await desk.ask(given=[agents], groupBy=["AGENT"], first=2, after=after)

    shown = [row["group"][0]["nativeId"] for page in (first, second) for row in page["rows"]]
    assert shown == ["ann", "bob", "cem"]
    assert other.errors is not None
    assert "belongs to a query with other arguments" in other.errors[0].message


async def test_no_value_stands_in_a_key_of_the_cache_in_the_clear() -> None:
    desk = Desk()
    await desk.report({"name": "agents", "values": ["ann@example.com"]})

    kept = list(desk.cache.entries)
    assert kept
    assert "example" not in repr(kept)


def test_the_parameters_of_the_made_up_vendor_are_of_all_kinds() -> None:
    """What the other tests tell of parameters is told of each member that one can have."""
    plain = Parameter(name="", description="")
    for member in Parameter.__struct_fields__:
        if member not in {"required", "name", "description"}:
            values = [getattr(one, member) for one in PARAMETERS]
            assert any(value != getattr(plain, member) for value in values), member
