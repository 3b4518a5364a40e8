"""A seeded synthetic company: what the simulators of the vendors tell about the same people.

The same seed tells the same story: lists, figures of one person, of a day and of a month agree,
because they are all counted from the same contacts. Nothing later than the clock is ever told.
Windows are `start` <= t < `end`; datetimes are aware and in UTC; durations are seconds.

```python
account = World(seed=7, clock=utc_now).account(AccountProfile("shop", channels=("chat", "call")))

account.contacts(start, end) -> list[Contact]         # began in the window, by started_at
account.contact(id) / contact_by_key(key) -> Contact | None
account.events(start, end, of) -> list[(at, Contact, what)]   # of(contact) yields (at, what)
account.queued(at=None) -> list[Contact]              # wait for a person at that moment
account.sales(start, end, *, contacts_only=False) -> list[Sale]   # contact_id None: site alone
account.customers(start, end) -> list[Customer]       # whose first contact fell into the window

account.staff -> tuple[StaffMember, ...]              # people, and the bot where there is one
account.people -> tuple[StaffMember, ...]             # without the bot
account.bot -> StaffMember | None
account.member(id) -> StaffMember | None
account.presence(staff_id, start, end) -> list[Interval]      # state in STATES; a gap is offline
account.seconds(staff_id, start, end, states) -> float
account.occupied(staff_id, start, end) -> list[Load]  # how many contacts in hand at once
account.coverage(staff_ids, start, end, states=("available", "busy")) -> float  # somebody there
account.live(at=None) -> list[Live]                   # everybody now: state, slots_used, contacts

account.traffic(site_id, channel, start, end) -> Traffic      # displays, triggers, missed, sales
account.greetings(start, end) -> dict[int, Greeting]  # by the id of a rule of the profile
account.now, account.profile, account.reach
```

A `Contact` has id, key, reference, channel, language, site_id, queue_id, skill_id, team_id,
staff_id, bot, customer, page_type, rule_id, started_at, queued_at, assigned_at,
first_response_at, ended_at, ended_by, abandoned, reopened_at, closings, open, messages, received,
sent, replies, stints, actions, tags, rating, survey, sales, and durations in `..._seconds`.
`received` and `sent` count without composing the texts, which are made when `messages` is read.

A contact that began before a window may be closed, reopened, rated, or lead to a sale inside it:
ask `events` for whatever happens later than `started_at`; it looks `account.reach` back.
`ended_at` is the first closing and never changes; `closings` and `open` know of later ones.
Somebody busy is available with every slot in use. A contact that the bot handled to its end has
`bot` True and the bot's id as `staff_id`. A call has no messages; the `first_response_at` of one
is when it was picked up. The people of STAFF are the same in every account: match by e-mail.
"""

from __future__ import annotations

from vendors.world.account import Account, World, utc_now
from vendors.world.channels import Pace, pace
from vendors.world.contact import Action, Contact, Message, Sale, Survey
from vendors.world.people import Customer, StaffMember
from vendors.world.presence import STATES, Interval, Live, Load, union_seconds
from vendors.world.profile import (
    STAFF,
    AccountProfile,
    Hours,
    Person,
    Queue,
    Rule,
    Site,
    Skill,
    Team,
)
from vendors.world.traffic import Greeting, Traffic

__all__ = [
    "STAFF",
    "STATES",
    "Account",
    "AccountProfile",
    "Action",
    "Contact",
    "Customer",
    "Greeting",
    "Hours",
    "Interval",
    "Live",
    "Load",
    "Message",
    "Pace",
    "Person",
    "Queue",
    "Rule",
    "Sale",
    "Site",
    "Skill",
    "StaffMember",
    "Survey",
    "Team",
    "Traffic",
    "World",
    "pace",
    "union_seconds",
    "utc_now",
]
