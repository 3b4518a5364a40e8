"""Each value explains itself: figures, weights, formula, calls, what is kept, and caveats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.fakes import NOW, FakeCache, FakeClock, context_of, platform_of
from tests.resolvers.measuring import Event, Measuring, source_of

from schema import build_schema
from vendors.errors import PlatformServerError
from vendors.measures import Grain, Zoning
from vendors.port import Platform

SCHEMA = build_schema()
QUERY = """
query($keys: [IndicatorKey!], $native: [String!], $grain: Granularity! = DAY, $zone: String) {
  indicators(keys: $keys, native: $native, period: {last: {count: 3, unit: DAY}}
             granularity: $grain, timeZone: $zone, combined: true) {
    series { platform { key } value explain {
      platform merge formula weighedBy caveats
      figures { name role granularity live cached stale missing endpoint asOf }
      calls { endpoint start end granularity figures groupBy restrictedBy }
    } }
  }
}
"""


class Desk:
    """A platform that is asked again and again."""

    def __init__(self, **source: Any) -> None:  # noqa: ANN401 - any member of a source
        self.clock = FakeClock()
        self.cache = FakeCache(self.clock)
        self.port = Measuring(
            [Event(NOW - timedelta(days=1), "chat", "ann", 60, answered=True)], source_of(**source)
        )
        self.platform: Platform = platform_of("one", measures=self.port)

    async def ask(self, *keys: str, **variables: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any variable
        context = context_of(self.platform, clock=self.clock, cache=self.cache)
        variables.setdefault("keys", list(keys) or None)
        result = await SCHEMA.execute(QUERY, context_value=context, variable_values=variables)
        assert result.errors is None, result.errors
        series: list[dict[str, Any]] = (result.data or {})["indicators"]["series"]
        return series


async def test_a_mean_names_its_figures_its_weight_and_the_call() -> None:
    own, across = await Desk().ask("HANDLE_TIME")

    (told,) = own["explain"]
    assert (told["formula"], told["weighedBy"], told["merge"]) == ("duration", "contacts", "MEAN")
    assert [(one["name"], one["role"]) for one in told["figures"]] == [
        ("duration", "VALUE"),
        ("contacts", "WEIGHT"),
    ]
    assert [(one["live"], one["cached"], one["missing"]) for one in told["figures"]] == [
        (3, 0, 0),
        (3, 0, 0),
    ]
    (call,) = told["calls"]
    assert (call["granularity"], call["figures"]) == ("DAY", ["contacts", "duration"])
    assert across["explain"] == own["explain"]


async def test_a_ratio_is_told_as_one() -> None:
    own, _ = await Desk().ask("SATISFACTION_RATE")

    assert own["explain"][0]["formula"] == "(answered) / (contacts)"


async def test_what_was_kept_is_told_apart_from_what_was_asked_now() -> None:
    desk = Desk()
    await desk.ask("CONVERSATIONS_STARTED")
    desk.clock.pass_(minutes=10)

    own, _ = await desk.ask("CONVERSATIONS_STARTED")

    (figure,) = own["explain"][0]["figures"]
    assert (figure["live"], figure["cached"]) == (1, 2)
    assert figure["asOf"] == "2026-03-18T10:30:00Z"
    assert len(own["explain"][0]["calls"]) == 1


async def test_what_could_not_be_had_is_missing() -> None:
    desk = Desk()
    desk.port.fails = PlatformServerError("down", platform="one")

    own, _ = await desk.ask("CONVERSATIONS_STARTED")

    (figure,) = own["explain"][0]["figures"]
    assert (figure["missing"], figure["asOf"]) == (3, None)


async def test_how_buckets_were_made_is_a_caveat() -> None:
    own, _ = await Desk(zoning=Zoning.PARTITION).ask("CONVERSATIONS_STARTED", zone="Asia/Kolkata")
    exact, _ = await Desk(grains={Grain.MONTH: None}).ask("CONVERSATIONS_STARTED")
    means, _ = await Desk(grains={Grain.HOUR: None}).ask("HANDLE_TIME")

    assert own["explain"][0]["caveats"] == ["Each bucket was asked for with its exact bounds."]
    assert exact["explain"][0]["caveats"] == ["Each bucket was asked for with its exact bounds."]
    assert means["explain"][0]["caveats"] == ["Made of values of one HOUR, which are added up."]


async def test_a_total_of_kept_days_is_said_to_be_made_of_them() -> None:
    desk = Desk()
    await desk.ask("CONVERSATIONS_STARTED", grain="DAY")

    own, _ = await desk.ask("CONVERSATIONS_STARTED", grain="TOTAL")

    told = ["Made of values of shorter periods, which are added up."]
    assert own["explain"][0]["caveats"] == told
