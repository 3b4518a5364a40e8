"""One series across platforms: by the merge rule, or null with a reason, never a mean of means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.fakes import NOW, context_of, platform_of
from tests.resolvers.measuring import Measuring, source_of

from resolvers.combining import combined
from resolvers.merge import Amount, merge_amounts
from resolvers.planner.evaluate import BROKEN
from resolvers.planner.series import GroupMember, Series
from schema import build_schema
from vendors.errors import PlatformServerError
from vendors.measures import Dimension, Grain, Merge, Unit
from vendors.records import Channel

SLOT = (NOW, NOW + timedelta(days=1))


def _series(platform: str, merge: Merge, amount: Amount, **changes: object) -> Series:
    members: dict[str, object] = {
        "item": "HANDLE_TIME",
        "unit": Unit.SECONDS,
        "merge": merge,
        "platform": platform,
        "group": (),
        "currency": None,
        "buckets": (SLOT,),
        "amounts": (amount,),
        "final": (True,),
        "total": amount,
        "grain": Grain.TOTAL,
        "platforms": (platform,),
    }
    return Series(**{**members, **changes})  # type: ignore[arg-type]  # a table of arguments


def test_a_combined_mean_is_weighted() -> None:
    (across,) = combined(
        [
            _series("a", Merge.MEAN, Amount(10.0, 1.0)),
            _series("b", Merge.MEAN, Amount(20.0, 3.0)),
        ]
    )

    assert (across.value, across.weight, across.platforms) == (17.5, 4.0, ("a", "b"))


def test_a_mean_without_weight_keeps_the_parts_apart() -> None:
    (across,) = combined(
        [_series("a", Merge.MEAN, Amount(10.0, 1.0)), _series("b", Merge.MEAN, Amount(20.0))]
    )

    assert across.value is None
    assert across.note == "It is a mean, and not every part of it comes with a weight."


def test_a_combined_ratio_divides_the_sums() -> None:
    (across,) = combined(
        [
            _series("a", Merge.RATIO, Amount(0.5, 2.0, 1.0)),
            _series("b", Merge.RATIO, Amount(None, 0.0, 3.0)),
        ]
    )

    assert across.value == 2.0


@pytest.mark.parametrize("rule", [Merge.UNION, Merge.DISTINCT, Merge.SNAPSHOT])
def test_what_overlaps_is_not_added_over_platforms(rule: Merge) -> None:
    (across,) = combined([_series("a", rule, Amount(1.0)), _series("b", rule, Amount(2.0))])

    assert across.value is None
    assert across.note == "It cannot be added over platforms or channels."


def test_a_missing_platform_is_left_out_and_not_named() -> None:
    (across,) = combined(
        [_series("a", Merge.SUM, Amount(None)), _series("b", Merge.SUM, Amount(2.0))]
    )

    assert (across.value, across.platforms) == (2.0, ("b",))


def test_nothing_measured_anywhere_is_null() -> None:
    (across,) = combined([_series("a", Merge.SUM, Amount(None))])

    assert (across.value, across.platforms) == (None, ())


def test_what_means_something_else_is_left_out() -> None:
    series = [
        _series("a", Merge.SUM, Amount(1.0)),
        _series("b", Merge.SUM, Amount(2.0), additive_over=frozenset({Dimension.AGENT})),
    ]

    (across,) = combined(series)

    assert (across.value, across.platforms) == (1.0, ("a",))


def test_currencies_stay_apart() -> None:
    across = combined(
        [
            _series("a", Merge.SUM, Amount(1.0), currency="EUR"),
            _series("b", Merge.SUM, Amount(2.0), currency="GBP"),
            _series("c", Merge.SUM, Amount(4.0), currency="EUR"),
        ]
    )

    assert {one.currency: one.value for one in across} == {"EUR": 5.0, "GBP": 2.0}


def test_channels_are_combined_by_what_they_are() -> None:
    def of(word: str, platform: str) -> dict[str, object]:
        member = GroupMember(Dimension.CHANNEL, word, platform, word, Channel.CHAT)
        return {"group": (member,)}

    (across,) = combined(
        [
            _series("a", Merge.SUM, Amount(1.0), **of("chat", "a")),
            _series("b", Merge.SUM, Amount(2.0), **of("WebChat", "b")),
        ]
    )

    assert across.value == 3.0
    assert across.group[0].channel is Channel.CHAT


def test_agents_of_different_platforms_are_not_combined() -> None:
    member = GroupMember(Dimension.AGENT, "7", "a")

    assert combined([_series("a", Merge.SUM, Amount(1.0), group=(member,))]) == []


def test_a_mean_over_nothing_is_null_with_weight_zero() -> None:
    merged, note = merge_amounts(Merge.MEAN, [Amount(None, 0.0), Amount(None, 0.0)])

    assert (merged.value, merged.weight, note) == (None, 0.0, None)


DAYS = (SLOT, (SLOT[1], SLOT[1] + timedelta(days=1)))


def _by_day(
    platform: str, merge: Merge, *amounts: Amount, total: Amount, **changes: object
) -> Series:
    return _series(
        platform,
        merge,
        total,
        **{
            "buckets": DAYS,
            "amounts": amounts,
            "final": (True, True),
            "grain": Grain.DAY,
            **changes,
        },
    )


def test_a_platform_of_which_a_part_failed_is_left_out_of_every_bucket() -> None:
    (across,) = combined(
        [
            _by_day("a", Merge.SUM, Amount(1.0), Amount(2.0), total=Amount(3.0)),
            _by_day("b", Merge.SUM, Amount(10.0), Amount(None), total=Amount(None), note=BROKEN),
        ]
    )

    assert ([one.value for one in across.amounts], across.value) == ([1.0, 2.0], 3.0)
    assert across.platforms == ("a",)
    assert list(across.final) == [False, False]


def test_a_total_never_lacks_a_platform_that_it_names() -> None:
    (across,) = combined(
        [
            _by_day("a", Merge.MEAN, Amount(5.0, 1.0), Amount(5.0, 1.0), total=Amount(5.0, 2.0)),
            _by_day("b", Merge.MEAN, Amount(9.0), Amount(9.0), total=Amount(None), note="Apart."),
        ]
    )

    assert ([one.value for one in across.amounts], across.value) == ([None, None], None)
    assert across.note == "Apart."


def test_a_failure_everywhere_is_null_and_says_so() -> None:
    (across,) = combined([_series("a", Merge.SUM, Amount(None), note=BROKEN, final=(False,))])

    assert (across.value, across.note, across.platforms) == (None, BROKEN, ())
    assert list(across.final) == [False]


def test_a_platform_that_has_no_such_figure_changes_neither_rule_nor_unit() -> None:
    refused = {"unit": Unit.UNKNOWN, "item": "fake.busy", "note": "No.", "final": (False,)}
    (across,) = combined(
        [
            _series("a", Merge.DISTINCT, Amount(None), **refused),
            _series("b", Merge.SUM, Amount(1.0), item="fake.busy"),
            _series("c", Merge.SUM, Amount(2.0), item="fake.busy"),
        ]
    )

    assert (across.value, across.unit, across.merge) == (3.0, Unit.SECONDS, Merge.SUM)
    assert list(across.final) == [True]


def test_a_currency_is_there_where_an_amount_is() -> None:
    across = combined(
        [
            _series("a", Merge.SUM, Amount(None), note="Not measured."),
            _series("b", Merge.SUM, Amount(2.0), currency="GBP"),
        ]
    )

    assert [(one.currency, one.value) for one in across] == [("GBP", 2.0)]


def test_two_words_for_one_channel_are_added_where_nobody_is_counted_twice() -> None:
    def of(word: str, platform: str, over: frozenset[Dimension]) -> Series:
        member = GroupMember(Dimension.CHANNEL, word, platform, word, Channel.OTHER)
        return _series(platform, Merge.SUM, Amount(1.0), group=(member,), additive_over=over)

    people = frozenset({Dimension.PLATFORM, Dimension.AGENT})
    (added,) = combined([of(word, "a", frozenset(Dimension)) for word in ("line", "wechat")])
    (apart,) = combined([of(word, "a", people) for word in ("line", "wechat")])

    assert added.value == 2.0
    assert (apart.value, apart.note) == (None, "It cannot be added over platforms or channels.")


def _chat(platform: str, word: str = "chat", **changes: object) -> Series:
    group = (GroupMember(Dimension.CHANNEL, word, platform, word, Channel(word)),)
    return _series(platform, Merge.SUM, Amount(1.0), group=group, **changes)


def _lost(platform: str, **changes: object) -> Series:
    return _series(platform, Merge.SUM, Amount(None), note=BROKEN, final=(False,), **changes)


def test_a_group_lacks_what_a_platform_lost_before_it_told_its_groups() -> None:
    found = combined([_chat("a"), _chat("a", "call")], [_lost("b"), _lost("b", item="NPS")])

    assert [one.note for one in found] == ["Without b, whose values could not be fetched."] * 2
    assert [(one.value, one.platforms, list(one.final)) for one in found] == [
        (1.0, ("a",), [False])
    ] * 2


def test_a_group_of_which_all_was_told_lacks_nothing_that_another_group_lost() -> None:
    chat, call = combined([_chat("a"), _chat("b"), _chat("a", "call")], [_lost("b")])[::-1]

    assert (chat.value, chat.note, list(chat.final)) == (2.0, None, [True])
    assert call.note == "Without b, whose values could not be fetched."


def test_without_groups_a_loss_is_said_once() -> None:
    (found,) = combined([_series("a", Merge.SUM, Amount(1.0)), _lost("b")], [_lost("b")])

    assert found.note == "Without b, whose values could not be fetched."


BY_CHANNEL = """
query($with: Comparison) {
  indicators(keys: [CONVERSATIONS_STARTED], groupBy: [CHANNEL], combined: true, compareWith: $with
             period: {last: {count: 2, unit: DAY}}) {
    series { platforms group { channel } value note comparison { value note } }
    failures { platform }
  }
}
"""


@pytest.mark.parametrize("comparison", [None, "PREVIOUS_PERIOD"])
async def test_a_platform_that_fails_wholly_is_missing_by_name(comparison: str | None) -> None:
    ports = {key: Measuring([], source_of(), key=key) for key in ("one", "two")}
    ports["two"].fails = PlatformServerError(platform="two")
    context = context_of(*(platform_of(key, measures=port) for key, port in ports.items()))

    result = await build_schema().execute(
        BY_CHANNEL, context_value=context, variable_values={"with": comparison}
    )

    assert result.errors is None
    answer = (result.data or {})["indicators"]
    assert answer["failures"]
    together = answer["series"][-2:]
    note = "Without two, whose values could not be fetched."
    assert [one["note"] for one in together] == [note] * 2
    before = {"value": 0.0, "note": note} if comparison else None
    assert [one["comparison"] for one in together] == [before] * 2
