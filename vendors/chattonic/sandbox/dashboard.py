"""`stats/bigquery`: the dashboard, a row for every bucket of UTC that has begun.

The document names the figures and explains none. Here they are made so that they agree with the
lists:

- `pending`, `progress`, `resolved`: cases that were opened in the bucket, by their status now.
  Together they are the cases that the list shows for the bucket. `failed` is always 0, as in the
  document: nothing fails here.
- `messagesReceived` of users, `messagesSent` to them by people and the bot, `newUsers` whose first
  message it was, `activeUsers` who wrote at least once; `total...` at the end of the row's part of
  the window, counted since long before the account's own records begin.
- `attention`: the share of the cases opened that somebody took; `resolution`: of those taken, the
  share that is resolved; `attentionAndResolution`: the share of the cases opened that is both;
  `userEfficiency`: the share of all conversations begun, the bot's included, that were answered.
- `nps` and `csat` (the share of satisfied answers) of the surveys answered in the bucket.

Shares are 0 to 100, `nps` -100 to 100, and 0 where there is nothing to divide by. Rows before the
account's records begin do not exist.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vendors.chattonic.sandbox.profile import OPENED
from vendors.chattonic.sandbox.steps import STEPS, buckets
from vendors.chattonic.sandbox.tally import net_promoters, percent
from vendors.chattonic.sandbox.totals import totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vendors.chattonic.sandbox.office import Office
    from vendors.chattonic.sandbox.request import Parameters
    from vendors.chattonic.sandbox.tally import Tally
    from vendors.chattonic.sandbox.totals import Totals

_NAMES = ("dashboard",)
_INSTANT = timedelta(milliseconds=1)


def dashboard(office: Office, parameters: Parameters) -> Sequence[Mapping[str, object]]:
    """Return the rows of the window."""
    parameters.allow("queryName", "dateFormatGroup", "startDate", "endDate")
    parameters.choice("queryName", _NAMES)
    label = parameters.choice("dateFormatGroup", STEPS)
    window, now = parameters.window(), office.now
    start, end = max(window.start, OPENED), min(window.end, now + _INSTANT)
    if start >= end:
        return []
    total = totals(office.ledger, start, now)
    rows = []
    for bucket in buckets(start, end, label):
        tally = office.ledger.tally(bucket.start, bucket.end, now)
        total = total.after(tally)
        rows.append(
            {
                "date": bucket.label,
                **_users(tally, total),
                **_messages(tally, total),
                **_cases(tally),
                "nps": net_promoters(tally),
                "csat": percent(tally.of("satisfied"), tally.of("answers")),
            }
        )
    return rows


def _users(tally: Tally, total: Totals) -> Mapping[str, int]:
    return {
        "totalUsers": total.users,
        "newUsers": tally.of("new"),
        "activeUsers": len(tally.users),
    }


def _messages(tally: Tally, total: Totals) -> Mapping[str, int]:
    return {
        "totalMessagesReceived": total.received,
        "messagesReceived": tally.of("received"),
        "totalMessagesSent": total.sent,
        "messagesSent": tally.of("sent"),
    }


def _cases(tally: Tally) -> Mapping[str, float]:
    opened, taken, finished = (tally.of(name) for name in ("cases", "attended", "finished"))
    return {
        "pending": tally.of("pending"),
        "progress": tally.of("progress"),
        "resolved": tally.of("resolved"),
        "failed": 0,
        "userEfficiency": percent(tally.of("answered"), tally.of("contacts")),
        "attention": percent(taken, opened),
        "resolution": percent(finished, taken),
        "attentionAndResolution": percent(finished, opened),
    }
