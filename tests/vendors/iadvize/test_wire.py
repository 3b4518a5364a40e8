from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.vendors.iadvize.upstream import OPERATOR, conversation, live

from vendors.iadvize import wire


def test_a_list_is_read_with_its_pagination() -> None:
    body = (
        b'{"meta":{"status":"success","filters":["name"]},'
        b'"data":[{"id":789,"_link":"/operator/789"},{"id":"456"}],'
        b'"pagination":{"page":1,"pages":1,"limit":20,"count":3}}'
    )
    found = msgspec.json.decode(body, type=wire.Page[wire.Operator])
    assert [one.id for one in found.data] == [789, "456"]
    assert found.pagination == wire.Pagination(page=1, pages=1, limit=20, count=3)


def test_a_list_may_have_no_pagination() -> None:
    body = msgspec.json.encode({"data": [live(456)]})
    found = msgspec.json.decode(body, type=wire.Page[wire.Live])
    assert found.pagination is None
    assert found.data[0].chat == wire.LiveChannel(
        enabled=True, slot_number=2, slot_max_number=4, busy=False, available=True
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (OPERATOR, msgspec.convert(OPERATOR, wire.Operator)),
        ([], []),
    ],
)
def test_an_empty_list_may_stand_for_no_object(data: object, expected: object) -> None:
    body = msgspec.json.encode({"data": data})
    assert msgspec.json.decode(body, type=wire.One[wire.Operator]).data == expected


def test_a_secret_is_never_decoded() -> None:
    assert "sso_key" not in wire.Operator.__struct_fields__


@pytest.mark.parametrize(
    "row", [conversation(1, "2017-03-01 10:00:00"), {"id": "1", "created_at": ""}]
)
def test_unknown_members_are_ignored(row: dict[str, Any]) -> None:
    assert msgspec.convert({**row, "new": [{}]}, wire.Conversation).id == row["id"]


def test_a_list_without_full_is_refused_rather_than_read_as_nulls() -> None:
    body = b'{"data":[{"id":789,"_link":"/conversation/789"}]}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=wire.Page[wire.Conversation])


@pytest.mark.parametrize(
    "data",
    [
        {"contact_number": 12, "contact_duration": 341.5, "contact_answered_duration": None},
        {"contact_number": "12"},
        [],
        {},
        [{"id": 123, "contact_number": 5, "contact_duration": 300.1}],
        [{"id": {"operator_id": 5, "website_id": 1}, "contact_number": 5}],
        {"2017-03-01": 4, "2017-03-02": None},
        [{"date": "2017-03-01", "contact_number": 4}],
        {"contact_number": {"2017-03-01": 4}},
        {"contact_number": [{"date": "2017-03-01", "contact_number": 4}]},
    ],
)
def test_statistics_are_read_in_every_form_they_may_have(data: object) -> None:
    body = msgspec.json.encode({"meta": {"status": "success"}, "data": data})
    assert msgspec.json.decode(body, type=wire.Statistic).data == data


@pytest.mark.parametrize("data", [None, 4, "text", True, {"contact_number": True}, [1]])
def test_statistics_of_another_form_are_refused(data: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"data": data}), type=wire.Statistic)
