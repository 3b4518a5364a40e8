"""One company with many accounts on every vendor: whole ones, and such as are there to break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.accounts import origin_of, through, written
from tests.e2e.asked import by_platform, day_before
from tests.e2e.faulty import Fault, FaultProxy, running_proxies
from tests.e2e.running import Answer, Gateway, Table, running_gateway, running_sandbox

__all__ = [
    "BY_AGENT",
    "DAILY",
    "EVERYTHING",
    "FIELDS",
    "LISTED",
    "Company",
    "Outage",
    "afternoon",
    "running_company",
]

SOON = {"read_seconds": 1, "attempts": 1}
"""The pacing of an account whose silence is noticed before the caller's deadline."""
FEW_TRIES = {"attempts": 2}
"""The pacing of the others: one question alone does not open a circuit, which is another code."""

ALWAYS_ASKED = {"fresh": 0, "refreshing": 0, "on_failure": 600}
"""How long lists are used: not at all while the platform answers, and ten minutes if not."""

EVERYTHING = """
query Everything($platforms: [String!], $period: PeriodInput!) {
  indicators(keys: [CONVERSATIONS_STARTED], period: $period, platforms: $platforms) {
    series { platform { key } value weight note }
    failures { ...Failure } sources { ...Source }
  }
  conversations(period: $period, platforms: $platforms, first: 200) {
    nodes { platform { key } nativeId startedAt endedAt channel state agentId }
    pageInfo { hasNextPage } failures { ...Failure } sources { ...Source }
  }
  agents(platforms: $platforms, first: 200) {
    nodes { platform { key } nativeId label }
    failures { ...Failure } sources { ...Source }
  }
}
fragment Failure on PlatformFailure { platform code retryable retryAfterSeconds attempts }
fragment Source on SourceStatus { platform freshness calls asOf note }
"""
LISTED = """
query Listed($platforms: [String!], $period: PeriodInput!) {
  conversations(period: $period, platforms: $platforms, first: 5) {
    nodes { id nativeId } failures { platform code staleAgeSeconds } sources { freshness asOf }
  }
  agents(platforms: $platforms, first: 200) {
    nodes { id nativeId } failures { platform code staleAgeSeconds } sources { freshness asOf }
  }
}"""
DAILY = """
query Daily($platforms: [String!], $period: PeriodInput!) {
  indicators(keys: [CONVERSATIONS_STARTED], period: $period, platforms: $platforms,
             granularity: DAY) {
    series { value note points { value final } }
    failures { platform code } sources { platform freshness }
  }
}"""
BY_AGENT = """query ByAgent($platforms: [String!], $period: PeriodInput!) {
  indicators(keys: [HANDLE_TIME], period: $period, platforms: $platforms, groupBy: [AGENT]) {
    series { value } failures { platform code } sources { platform freshness }
  }
}"""
FIELDS = ("indicators", "conversations", "agents")
PURPOSES = ("limited", "late", "stale", "partial", "single", "agents", "names", "down")
"""What further accounts are for, beside one for each fault."""


def afternoon(days_ago: int) -> Table:
    """Return the part of a day, long over, in which all of them are at work."""
    day = day_before(days_ago)
    return {"between": {"from": f"{day}T14:00:00Z", "to": f"{day}T17:00:00Z"}}


@dataclass
class Outage:
    """The question with one account broken, and the same question where all are well."""

    fault: Fault
    platform: str
    vendor: str
    days_ago: int
    broken: Answer
    healthy: Table
    others: list[str]

    @property
    def expects(self) -> set[str]:
        """Return the fields for which the platform had to be called."""
        return {
            name
            for name in FIELDS
            if by_platform(self.healthy[name]["sources"])[self.vendor]["calls"]
        }


@dataclass
class Company:
    """The accounts of one company on every vendor, whole ones and such as will break."""

    sandbox: list[Table]
    control: Gateway
    gateway: Gateway
    accounts: dict[str, FaultProxy]
    outages: dict[tuple[str, Fault], Outage] = field(default_factory=dict)

    @property
    def keys(self) -> dict[str, str]:
        """Return the keys of the whole accounts by vendor."""
        return {table["vendor"]: table["key"] for table in self.sandbox}

    def others(self, vendor: str) -> list[str]:
        """Return the whole accounts of all other vendors."""
        return [key for name, key in self.keys.items() if name != vendor]

    def account(self, vendor: str, purpose: str) -> tuple[str, FaultProxy]:
        """Return an account of the vendor that has logged in where that is needed."""
        key = f"{self.keys[vendor]}-{purpose}"
        ask = "query One($p: [String!]) { indicators(keys: [AVAILABLE_TIME], platforms: $p,"
        ask += " period: {calendar: YESTERDAY}) { failures { code } } }"
        assert self.gateway.ask(ask, {"p": [key]}).data == {"indicators": {"failures": []}}
        return key, self.accounts[key]

    def outage(self, vendor: str, fault: Fault) -> Outage:
        """Return the outage, which happens when it is first asked for."""
        if (vendor, fault) not in self.outages:
            self.outages[vendor, fault] = self._break(vendor, fault)
        return self.outages[vendor, fault]

    def _break(self, vendor: str, fault: Fault) -> Outage:
        days_ago = 3 + len(self.outages)
        period, others = afternoon(days_ago), self.others(vendor)
        healthy = self.control.ask(EVERYTHING, {"period": period}).data
        platform, proxy = self.account(vendor, fault.value)
        proxy.break_(fault)
        asked = {"period": period, "platforms": [*others, platform]}
        broken = self.gateway.ask(EVERYTHING, asked)
        key = self.keys[vendor]
        return Outage(fault, platform, key, days_ago, broken, healthy, others)


@contextmanager
def running_company(folder: Callable[[str], Path]) -> Iterator[Company]:
    """Run a sandbox, a proxy for each account, and two gateways: with and without the proxies."""
    lists = ("agents", "conversations", "conversation", "presence")
    lifetimes = dict.fromkeys(lists, ALWAYS_ASKED)
    with running_sandbox(folder("sandbox")) as tables, running_proxies() as proxies:
        accounts: dict[str, FaultProxy] = {}
        further: list[Table] = []
        for table in tables:
            for purpose in ("", *(fault.value for fault in Fault), *PURPOSES):
                key = f"{table['key']}-{purpose}" if purpose else table["key"]
                accounts[key] = proxies.open(origin_of(table))
                pacing = SOON if purpose in {Fault.SILENT.value, "down"} else FEW_TRIES
                further.append(through(table, accounts[key].origin, key, pacing=pacing))
        near = written(tables, folder("near") / "settings.toml", lifetimes=lifetimes)
        far = written(further, folder("far") / "settings.toml", lifetimes=lifetimes)
        with (
            running_gateway(near.parent, "--config", str(near)) as control,
            running_gateway(far.parent, "--config", str(far)) as gateway,
        ):
            yield Company(tables, control, gateway, accounts)
