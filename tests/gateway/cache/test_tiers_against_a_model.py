"""Several processes over one store, against what was written, when, and what was purged since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.gateway.cache.test_tiered import process
from tests.gateway.cache.times import Times

from gateway.cache.disk_store import DiskStore
from gateway.cache.store import ALL, purge_scope, purge_scopes_of

KEYS = [f"{tier}:{scope}:1" for tier in ("series", "agents") for scope in "ab"]
SOME = st.sets(st.sampled_from(KEYS), min_size=2).map(sorted)
PROCESSES = st.integers(0, 1)
NOTICED = 2.0
"""Seconds after which every process knows of a purge."""


@dataclass
class Written:
    """A value that was written, how long it may live, and whether it was purged since."""

    value: bytes
    until: float
    purged: bool = False


class AgainstAModel(RuleBasedStateMachine):
    """What is found was written under that key, is not over, and was not purged since.

    Past the memory of a process, it is what was written last.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.times = Times()
        self.store = DiskStore(
            Path(self.folder.name) / "cache",
            "tests",
            max_bytes=4 << 20,
            seconds=5,
            now=self.times.wall,
        )
        self.processes = [process(self.store, self.times) for _ in range(2)]
        self.written: dict[str, list[Written]] = {key: [] for key in KEYS}
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "store"):
            asyncio.run(self.store.close())
            self.folder.cleanup()

    @rule(who=PROCESSES, keys=SOME, ttl=st.sampled_from([1, 60, 900]))
    def write(self, who: int, keys: list[str], ttl: int) -> None:
        self.count += 1
        value = b"%d" % self.count
        asyncio.run(self.processes[who].set_many(dict.fromkeys(keys, value), ttl))
        for key in keys:
            self.written[key].append(Written(value, self.times.monotonic() + ttl))

    @rule(who=PROCESSES, keys=SOME)
    def read(self, who: int, keys: list[str]) -> None:
        found = asyncio.run(self.processes[who].get_many(keys))
        for key, value in zip(keys, found, strict=True):
            assert value is None or value in self.good(key)

    @rule(who=PROCESSES, keys=SOME)
    def read_past_memory(self, who: int, keys: list[str]) -> None:
        # Its first question tells it of purges.
        asyncio.run(self.processes[who].get_many(keys))
        found = asyncio.run(self.processes[who].get_latest(keys))
        for key, value in zip(keys, found, strict=True):
            last = self.written[key][-1:]
            if last and last[0].value in self.good(key):
                assert value == last[0].value
            else:
                assert value is None or value in self.good(key)

    @rule(tier=st.sampled_from(["series", "agents", ALL]), scope=st.sampled_from(["a", "b", ALL]))
    def purge(self, tier: str, scope: str) -> None:
        asyncio.run(self.store.purge(tier, scope))
        for key, written in self.written.items():
            if purge_scope(tier, scope) in purge_scopes_of(key):
                for one in written:
                    one.purged = True
        self.times.pass_(NOTICED)

    @rule(seconds=st.sampled_from([1, 30, 300]))
    def wait(self, seconds: int) -> None:
        self.times.pass_(seconds)

    @rule(who=PROCESSES)
    def start_again(self, who: int) -> None:
        self.processes[who] = process(self.store, self.times)

    def good(self, key: str) -> set[bytes]:
        now = self.times.monotonic()
        return {one.value for one in self.written[key] if one.until > now and not one.purged}


TestAgainstAModel = AgainstAModel.TestCase
TestAgainstAModel.settings = settings(max_examples=60, stateful_step_count=30)
