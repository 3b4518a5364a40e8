"""Every wait of a call is told, with its reason, as it begins and as it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random

import httpx
import pytest
from tests.vendors.http.asking import NoJitter, settings

from vendors.calls import Call
from vendors.errors import PlatformError
from vendors.http.message import Ask
from vendors.http.vendor_http import VendorHttp
from vendors.port import Wiring
from vendors.settings import Pacing
from vendors.waits import Wait, WaitReason

Answerer = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
ASK = Ask(endpoint="things", path="things")


class Notes:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.began: list[Wait] = []
        self.ended: list[Wait] = []
        self.shut = asyncio.Event()
        """Set when something waits as long as the platform asked."""

    def waiting(self, wait: Wait) -> None:
        self.began.append(wait)
        if wait.reason is WaitReason.RETRY_AFTER:
            self.shut.set()

    def waited(self, wait: Wait, seconds: float) -> None:
        assert seconds >= 0.0
        self.ended.append(wait)

    def reasons(self) -> list[WaitReason]:
        """Return why something waited, whenever it had to; all is over by now."""
        assert sorted(map(str, self.began)) == sorted(map(str, self.ended))
        return [one.reason for one in self.began]


def client(
    notes: Notes, answer: Answerer, pacing: Pacing, random: Random | None = None
) -> VendorHttp:
    wiring = Wiring(transport=httpx.MockTransport(answer), waits=notes)
    settled = settings("https://api.test", pacing)
    return VendorHttp(settled, wiring, random=random or NoJitter())


def answers(*responses: httpx.Response) -> Answerer:
    left = [*responses]

    async def answer(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return left.pop(0) if left else httpx.Response(200, json={})

    return answer


def late(seconds: str) -> httpx.Response:
    return httpx.Response(429, headers={"retry-after": seconds})


async def test_an_answer_is_waited_for() -> None:
    notes = Notes()
    await client(notes, answers(), Pacing()).send(ASK, Call.within(5))
    assert notes.began == notes.ended == [Wait("plat", WaitReason.ANSWER)]


async def test_a_place_and_a_turn_are_waited_for() -> None:
    notes = Notes()
    http = client(notes, answers(), Pacing(concurrency=1, calls_per_second=20))
    await asyncio.gather(*(http.send(ASK, Call.within(5)) for _ in range(21)))
    reasons = notes.reasons()
    assert reasons.count(WaitReason.QUEUE) == 20
    assert reasons.count(WaitReason.PACE) == 1
    assert reasons.count(WaitReason.ANSWER) == 21
    (paced,) = (one for one in notes.began if one.reason is WaitReason.PACE)
    assert 0.0 < (paced.seconds or 0.0) <= 1.05


async def test_the_next_try_waits_as_long_as_the_platform_asks() -> None:
    notes = Notes()
    await client(notes, answers(late("0.1")), Pacing()).send(ASK, Call.within(5))
    reasons = notes.reasons()
    assert reasons[:2] == [WaitReason.ANSWER, WaitReason.RETRY_AFTER]
    assert reasons[-1] is WaitReason.ANSWER


async def test_other_calls_wait_for_the_limit() -> None:
    notes = Notes()
    http = client(notes, answers(late("0.2")), Pacing(attempts=1))
    with pytest.raises(PlatformError):
        await http.send(ASK, Call.within(5))
    await http.send(ASK, Call.within(5))
    assert WaitReason.RATE_LIMIT in notes.reasons()


async def test_a_try_after_a_failure_waits() -> None:
    notes = Notes()
    http = client(notes, answers(httpx.Response(503)), Pacing(), Random(7))
    await http.send(ASK, Call.within(5))
    assert notes.reasons() == [WaitReason.ANSWER, WaitReason.BACKOFF, WaitReason.ANSWER]


async def test_who_gives_up_waits_no_more() -> None:
    notes = Notes()
    http = client(notes, answers(late("5")), Pacing())
    asking = asyncio.create_task(http.send(ASK, Call.within(30)))
    await notes.shut.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert notes.reasons() == [WaitReason.ANSWER, WaitReason.RETRY_AFTER]
