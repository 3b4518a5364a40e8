"""The account that is simulated: its people, origins, platforms, volumes and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256

from vendors.world import STAFF, AccountProfile, Hours, Queue, Site, Skill, Team

CODENAME = "sandbox"
USERNAME = "sandbox-reports@example.com"
PASSWORD = "sandbox-chattonic-password"  # noqa: S105 (it opens nothing but the simulator)

# Whom nobody lets work: the operator that was made when the account was set up.
UNUSED_OPERATOR = ("Mesa", "de Prueba")

# Nobody reopens a case here: whoever writes again after it was resolved opens another. The
# platform follows from the user, who has one only, so that the world needs a single channel.
# There are few hands, so that cases have to wait in the busiest hours.
PROFILE = AccountProfile(
    name="chattonic",
    time_zone="America/Santiago",
    channels=("whatsapp",),
    staff=(STAFF[2], STAFF[8], STAFF[6], STAFF[0], STAFF[12], STAFF[9]),
    teams=(Team(71, "Servicio al cliente"),),
    skills=(Skill(81, "Pedidos"), Skill(82, "Cambios"), Skill(83, "Otros")),
    queues=(
        Queue(91, "Seguimiento de pedidos", 81),
        Queue(92, "Cambios y devoluciones", 82),
        Queue(93, "Otras consultas", 83),
    ),
    sites=(
        Site(701, "Tienda", "https://tienda.example.com", "CLP", "America/Santiago", "es"),
        Site(702, "Outlet", "https://outlet.example.com", "CLP", "America/Santiago", "es"),
    ),
    rules=(),
    tags=(),
    contacts_per_day=90,
    weekend_contacts_per_day=62,
    opening=(*(Hours(8, 22),) * 5, Hours(9, 21), Hours(10, 20)),
    max_slots=1,
    survey_share=0.32,
    sale_rate=0.0,
    reopen_rate=0.0,
    bot=True,
    bot_share=0.15,
    reference_prefix="CT",
    opened=date(2024, 10, 1),
)
OPENED = datetime.combine(PROFILE.opened, time(), PROFILE.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    """What had been counted at a moment since the company began to use the vendor."""

    at: datetime
    users: int
    received: int
    sent: int


# The latest that has come is counted from: whoever asks about now need not wait for all the past.
# With the world's usual seed both lead to the same totals, to which a test holds them.
COUNTED = (
    Counted(datetime(2026, 10, 1, tzinfo=UTC), users=61_208, received=371_540, sent=329_466),
    Counted(datetime.min.replace(tzinfo=UTC), users=17_617, received=116_856, sent=102_864),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A category of enquiries; `skill_id` is what answering them takes."""

    id: str
    name: str
    skill_id: int


def opaque(name: str) -> str:
    """Return an id of 24 hexadecimal digits that stands for a name."""
    return sha256(f"{PROFILE.name}/{name}".encode()).hexdigest()[:24]


APP_ID = opaque("app")
USER_ID = opaque("user")
ORIGINS = {
    queue.id: Origin(opaque(f"origin/{queue.id}"), queue.name, queue.skill_id)
    for queue in PROFILE.queues
}
ACCOUNTS = {name: opaque(f"account/{name}") for name in ("whatsapp", "messenger", "telegram")}
_SHARES = ("whatsapp",) * 7 + ("messenger",) * 2 + ("telegram",)


def platform(customer_stamp: int) -> str:
    """Return where a user writes from."""
    return _SHARES[customer_stamp % len(_SHARES)]
