from __future__ import annotations

import msgspec
import pytest

from vendors.livechat import wire


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"{}", b'{"records":[]}', b'{"records":{"2021-04-08":{"total":"7"}}}'],
)
def test_a_body_that_is_no_report_is_not_read_as_one(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=wire.Report[wire.TotalChats])


def test_members_that_are_not_known_are_passed_over() -> None:
    body = b"""{"name":"ratings-report","request":{"distribution":"day"},"summary":{},
        "records":{"2021-04-08":{"good":1,"sum_duration":3}}}"""
    report = msgspec.json.decode(body, type=wire.Report[wire.Ratings])
    assert report.records == {"2021-04-08": wire.Ratings(good=1)}
