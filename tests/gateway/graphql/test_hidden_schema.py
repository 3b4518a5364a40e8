"""Where introspection is off, the schema is not told by the way, either."""

from __future__ import annotations

import pytest
from tests.gateway.serving import open_client
from tests.gateway.staffed import Staff, serving, socket

NAMES = {
    "field": ("{platformz{key}}", {}),
    "argument": ("{platforms(onl:[]){key}}", {}),
    "type": ("query($k:IndicatorKee){__typename}", {}),
    "fragment": ("{platforms{... on Platfrom{key}}}", {}),
    "enum": ("{indicators(keys:[MESSAGES_RECEIVEX]){series{value}}}", {}),
    "member": ("{conversations(filter:{platform:1}){nodes{id}}}", {}),
    "value": (
        "query($k:[IndicatorKey!]!){indicators(keys:$k){series{value}}}",
        {"k": ["MESSAGES_RECEIVEX"]},
    ),
    "subscription": ("subscription{platformHealt{__typename}}", {}),
    "subscribed": (
        "subscription($k:[IndicatorKey!]){platformHealth{__typename}}",
        {"k": ["MESSAGES_RECEIVEX"]},
    ),
}
ACCEPTED = ("application/json", "text/event-stream", "multipart/mixed, application/json")


@pytest.mark.parametrize("accept", ACCEPTED, ids=["json", "events", "parts"])
async def test_where_the_schema_is_hidden_no_message_tells_its_names(accept: str) -> None:
    headers = {"accept": accept}
    told = {}
    for introspection in (True, False):
        async with open_client(introspection=introspection) as client:
            for name, (query, variables) in NAMES.items():
                asked = {"query": query, "variables": variables}
                answer = await client.post("/graphql", json=asked, headers=headers)
                assert '"errors"' in answer.text
                told[name, introspection] = "Did you mean" in answer.text
    assert not any(told[name, False] for name in NAMES)
    assert told["field", True]
    assert told["value", True]


async def test_where_the_schema_is_hidden_no_socket_tells_its_names() -> None:
    async with serving(Staff(), introspection=False) as house, socket(house, {}) as one:
        await one.hear()
        for name, (query, variables) in NAMES.items():
            asked = {"query": query, "variables": variables}
            await one.say("subscribe", id=name, payload=asked)
            error = await one.hear()
            assert (error["type"], error["id"]) == ("error", name)
            assert "Did you mean" not in str(error)
