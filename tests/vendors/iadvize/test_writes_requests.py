"""What is sent for each change, to the letter, and what is read out of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from tests.vendors.iadvize.conftest import Open
from tests.vendors.iadvize.test_writes import writing
from tests.vendors.iadvize.upstream import Upstream, failure, saying, success

from vendors.calls import Call
from vendors.errors import PlatformBadResponseError, PlatformUnreachableError
from vendors.iadvize.write_forms import OPERATIONS
from vendors.records import Channel, ChannelSetting
from vendors.writes import (
    AgentMembers,
    Change,
    CreateAgent,
    CreateCustomer,
    CreateTag,
    CustomerMembers,
    DeleteAgent,
    DeleteCustomer,
    DisconnectAgent,
    HangUpCallback,
    Made,
    PickUpCallback,
    Refusal,
    RefusalCode,
    SetAgentAvailability,
    UpdateAgent,
    UpdateCustomer,
    UpdateSite,
    WriteRefusedError,
)

EVERYTHING = AgentMembers(
    given_name="Zoé",
    family_name="Lefèvre",
    display_name="Zoé & co",
    email="zoe@example.com",
    external_id="RH-7",
    roles=("operator", "manager"),
    languages=("fr", "en"),
    admin_language="fr",
    team_id="11",
    site_ids=("2101", "2102"),
    skill_ids=("21",),
    channel_settings=(
        ChannelSetting(channel=Channel.CHAT, enabled=True, most_at_once=3, priority=10),
        ChannelSetting(channel=Channel.CALL, enabled=False, priority=0),
        ChannelSetting(channel=Channel.VIDEO, enabled=False),
    ),
    several_channels=False,
)
AS_FORM = {
    "first_name": "Zoé",
    "name": "Lefèvre",
    "pseudo": "Zoé & co",
    "email": "zoe@example.com",
    "external_id": "RH-7",
    "roles[0]": "operator",
    "roles[1]": "manager",
    "language_list[0]": "fr",
    "language_list[1]": "en",
    "language_admin": "fr",
    "group_id": "11",
    "website_list[0]": "2101",
    "website_list[1]": "2102",
    "skill_list[0]": "21",
    "chat_enabled": "1",
    "chat_max_number": "3",
    "chat_priority": "10",
    "call_enabled": "0",
    "call_priority": "0",
    "video_enabled": "0",
    "chat_and_call": "0",
}
SOMEBODY = CustomerMembers(
    external_id="CLI-1",
    given_name="Ana",
    family_name="Ruiz",
    email="ana@example.org",
    phone="+33 6 14",
    address="1 rue de l'Été",
    postal_code="01000",
    city="Bourg",
    country="FR",
    site_ids=("2101",),
)
SOMEBODY_FORM = {
    "external_id": "CLI-1",
    "firstname": "Ana",
    "lastname": "Ruiz",
    "email": "ana@example.org",
    "phone": "+33 6 14",
    "address": "1 rue de l'Été",
    "zip": "01000",
    "city": "Bourg",
    "country": "FR",
    "website_id[0]": "2101",
}
CALLER = {"agent_external_id": "RH-7", "site_id": "1", "phone": "0614037735"}
CALLER_FORM = {"operator_external_id": "RH-7", "website_id": "1", "phone_number": "0614037735"}

CASES: Mapping[str, tuple[Change, str, Mapping[str, str]]] = {
    "agent": (CreateAgent(members=EVERYTHING), "POST /operator", AS_FORM),
    "agent changed": (
        UpdateAgent(native_id="7", members=AgentMembers(display_name="", skill_ids=())),
        "PUT /operator/7",
        {"pseudo": "", "skill_list": ""},
    ),
    "agent deleted": (DeleteAgent(native_id="7"), "DELETE /operator/7", {}),
    "availability": (
        SetAgentAvailability(
            native_id="7",
            channels=((Channel.CHAT, True), (Channel.CALL, False), (Channel.VIDEO, False)),
        ),
        "PUT /operator/7/live",
        {"chat[available]": "1", "call[available]": "0", "video[available]": "0"},
    ),
    "disconnected": (DisconnectAgent(native_id="7"), "PUT /operator/7/live", {"connected": "0"}),
    "customer": (CreateCustomer(members=SOMEBODY), "POST /visitor", SOMEBODY_FORM),
    "customer changed": (
        UpdateCustomer(native_id="7", members=CustomerMembers(email="", city="Nantes")),
        "PUT /visitor/7",
        {"email": "", "city": "Nantes"},
    ),
    "customer deleted": (DeleteCustomer(native_id="7"), "DELETE /visitor/7", {}),
    "site": (
        UpdateSite(
            native_id="7",
            name="Shop",
            url="https://shop.example.com",
            currency="EUR",
            language="se",
            time_zone="Europe/Stockholm",
        ),
        "PUT /website/7",
        {
            "label": "Shop",
            "url": "https://shop.example.com",
            "currency": "EUR",
            "language_admin": "se",
            "timezone": "Europe/Stockholm",
        },
    ),
    "picked up": (PickUpCallback(**CALLER), "POST /odigocallback/pickup", CALLER_FORM),
    "hung up": (HangUpCallback(**CALLER), "POST /odigocallback/hangup", CALLER_FORM),
}


def form_of(request: httpx.Request) -> dict[str, str]:
    pairs = parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def line_of(request: httpx.Request) -> str:
    assert request.url.query == b""
    return f"{request.method} {request.url.path.removeprefix('/api/2')}"


@pytest.mark.parametrize("case", CASES)
async def test_a_change_is_sent_to_the_letter(opened: Open, case: str) -> None:
    change, line, form = CASES[case]
    upstream = Upstream(lambda _: success({"id": 7}))
    port = writing(opened(upstream))
    assert port.refusals(change) == ()

    made = await port.make(change, Call.within(5))

    assert line_of(upstream.request) == line
    assert form_of(upstream.request) == form if form else upstream.request.content == b""
    assert made.native_id == (None if "odigocallback" in line else "7")


def test_every_change_that_is_offered_is_tried_here(opened: Open) -> None:
    sent = {type(change) for change, _, _ in CASES.values()}
    elsewhere = {one for one in OPERATIONS if OPERATIONS[one].resource in {"group", "skill"}}

    assert writing(opened(Upstream(saying([])))).changes == sent | elsewhere | {CreateTag}


@pytest.mark.parametrize(
    ("lists", "form"),
    [
        ("numbered", "website_list%5B0%5D=1&website_list%5B1%5D=2"),
        ("brackets", "website_list%5B%5D=1&website_list%5B%5D=2"),
        ("commas", "website_list=1%2C2"),
    ],
)
async def test_lists_are_written_as_the_settings_say(opened: Open, lists: str, form: str) -> None:
    upstream = Upstream(lambda _: success({"id": 7}))
    change = UpdateAgent(native_id="7", members=AgentMembers(site_ids=("1", "2")))

    await writing(opened(upstream, write_lists=lists)).make(change, Call.within(5))

    assert upstream.request.content.decode() == form


@pytest.mark.parametrize(
    "change",
    [
        SetAgentAvailability(native_id="7", channels=((Channel.CHAT, True),)),
        DisconnectAgent(native_id="7"),
    ],
    ids=["availability", "disconnect"],
)
async def test_a_live_state_is_answered_by_a_sentence(opened: Open, change: Change) -> None:
    message = "Operator is now available for chat channel."
    answer = {"meta": {"status": "success", "message": message}}
    upstream = Upstream(lambda _: httpx.Response(200, json=answer))

    assert await writing(opened(upstream)).make(change, Call.within(5)) == Made("7")


async def test_a_live_state_is_set_again_where_the_answer_is_lost(opened: Open) -> None:
    answers = [httpx.Response(503), httpx.Response(200, json={"meta": {"status": "success"}})]
    upstream = Upstream(lambda _: answers.pop(0))
    port = writing(opened(upstream, pacing={"attempts": 3}))

    await port.make(DisconnectAgent(native_id="7"), Call.within(5))

    assert [line_of(one) for one in upstream.requests] == ["PUT /operator/7/live"] * 2


@pytest.mark.parametrize("data", [{"id": "7", "unique_id": "0a15"}, {"id": 7, "unique_id": None}])
async def test_a_customer_has_an_id_of_the_record_and_one_of_the_person(
    opened: Open, data: dict[str, Any]
) -> None:
    port = writing(opened(Upstream(lambda _: success(data))))
    ids = {"customer_id": "0a15"} if data["unique_id"] else {}

    for change in (
        CreateCustomer(members=SOMEBODY),
        UpdateCustomer(native_id="7", members=SOMEBODY),
    ):
        assert await port.make(change, Call.within(5)) == Made("7", ids)


async def test_a_change_that_is_answered_without_data_is_of_its_own_id(opened: Open) -> None:
    answer = httpx.Response(200, json={"meta": {"status": "success"}})
    port = writing(opened(Upstream(lambda _: answer)))
    change = UpdateCustomer(native_id="7", members=SOMEBODY)

    assert await port.make(change, Call.within(5)) == Made("7")


async def test_what_is_made_without_an_id_is_a_bad_response(opened: Open) -> None:
    port = writing(opened(Upstream(lambda _: success([]))))

    for change in (CreateAgent(members=EVERYTHING), CreateCustomer(members=SOMEBODY)):
        with pytest.raises(PlatformBadResponseError):
            await port.make(change, Call.within(5))


async def test_a_callback_becomes_a_conversation(opened: Open) -> None:
    data = {
        "targeting_rule_id": 107,
        "website_id": 1,
        "conversation_id": 139,
        "skill_id": None,
        "visitor_phone_number": "0614037735",
        "visitor_uid": "0a1572b7",
    }
    port = writing(opened(Upstream(lambda _: success(data))))

    assert await port.make(PickUpCallback(**CALLER), Call.within(5)) == Made(
        "139", {"customer_id": "0a1572b7", "site_id": "1", "rule_id": "107"}
    )


async def test_a_callback_that_ends_names_nothing(opened: Open) -> None:
    port = writing(opened(Upstream(lambda _: success([]))))

    assert await port.make(HangUpCallback(**CALLER), Call.within(5)) == Made()


@pytest.mark.parametrize(
    "change",
    [
        PickUpCallback(**CALLER),
        HangUpCallback(**CALLER),
        CreateAgent(members=EVERYTHING),
        CreateCustomer(members=SOMEBODY),
        CreateTag(name="VIP", site_id="1"),
    ],
    ids=lambda change: type(change).__name__,
)
async def test_what_would_be_done_twice_is_sent_once(opened: Open, change: Change) -> None:
    def lost(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    upstream = Upstream(lost)
    port = writing(opened(upstream, pacing={"attempts": 3}))

    with pytest.raises(PlatformUnreachableError):
        await port.make(change, Call.within(5))

    assert len(upstream.requests) == 1


async def test_tags_are_sent_as_one_array_and_told_apart_by_name_and_site(opened: Open) -> None:
    rows = [
        {"id": 125, "name": "Gift", "website_id": [2]},
        {"id": 123, "name": "Gift", "website_id": 1},
        {"id": "124", "name": "Été", "website_id": "1"},
    ]
    upstream = Upstream(lambda _: success(rows))
    tags = [
        CreateTag(name="Gift", site_id="1"),
        CreateTag(name="Été", site_id="1"),
        CreateTag(name="Gift", site_id="2"),
    ]

    made = await writing(opened(upstream)).make_together(tags, Call.within(5))

    assert made == (Made("123"), Made("124"), Made("125"))
    assert line_of(upstream.request) == "POST /tag"
    assert upstream.request.headers["content-type"] == "application/json"
    assert json.loads(upstream.request.content) == [
        {"name": "Gift", "website_id": 1},
        {"name": "Été", "website_id": 1},
        {"name": "Gift", "website_id": 2},
    ]


async def test_one_tag_is_an_array_of_one(opened: Open) -> None:
    upstream = Upstream(lambda _: success([{"id": 9, "name": "Gift", "website_id": 1}]))
    tag = CreateTag(name="Gift", site_id="01")

    assert await writing(opened(upstream)).make(tag, Call.within(5)) == Made("9")
    assert json.loads(upstream.request.content) == [{"name": "Gift", "website_id": 1}]


async def test_the_same_tag_twice_is_two_tags(opened: Open) -> None:
    rows = [{"id": number, "name": "Gift", "website_id": 1} for number in (9, 10)]
    tags = [CreateTag(name="Gift", site_id="1")] * 2
    port = writing(opened(Upstream(lambda _: success(rows))))

    assert await port.make_together(tags, Call.within(5)) == (Made("9"), Made("10"))


async def test_a_tag_that_the_answer_leaves_out_is_not_said_to_be_made(opened: Open) -> None:
    rows = [{"id": 9, "name": "Gift", "website_id": 1}]
    port = writing(opened(Upstream(lambda _: success(rows))))
    tags = [CreateTag(name="Gift", site_id="1"), CreateTag(name="VIP", site_id="1")]

    with pytest.raises(PlatformBadResponseError):
        await port.make_together(tags, Call.within(5))


async def test_what_is_refused_of_one_tag_is_refused_of_all(opened: Open) -> None:
    port = writing(opened(Upstream(lambda _: failure("Unknown 'website' with 'id' 9."))))
    tags = [CreateTag(name="Gift", site_id="1"), CreateTag(name="VIP", site_id="9")]

    with pytest.raises(WriteRefusedError) as raised:
        await port.make_together(tags, Call.within(5))

    assert raised.value.refusals == (Refusal(RefusalCode.NOT_FOUND, "site_id"),)


async def test_nothing_but_tags_is_made_together(opened: Open) -> None:
    upstream = Upstream(lambda _: success([]))
    port = writing(opened(upstream))

    for changes in ([], [DeleteAgent(native_id="7")]):
        with pytest.raises(TypeError):
            await port.make_together(changes, Call.within(5))
    assert upstream.requests == []


def test_only_what_the_settings_name_is_offered(opened: Open) -> None:
    port = writing(opened(Upstream(saying([])), writes=["operator"]))

    assert port.changes == {
        CreateAgent,
        UpdateAgent,
        DeleteAgent,
        SetAgentAvailability,
        DisconnectAgent,
    }
