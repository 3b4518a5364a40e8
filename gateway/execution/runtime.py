"""What compiled code works with while it answers: places, and values that are not there yet.

Values are completed where they stand. A value that has to be awaited is put down with its place,
and completed there as soon as it has come, in the task that asked; what its completion puts down
is awaited beside the others. Futures are awaited as they are: only coroutines cost a task each,
and one that is alone does not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from graphql import GraphQLError
from graphql.execution import Executor

from gateway.execution.leaves import Texts

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo
    from graphql.pyutils import Path

__all__ = ["Run", "Slot", "Wait"]


class Slot:
    """A place that may be null, and becomes so when what is below it fails and may not be."""

    __slots__ = ("above", "container", "dead", "key", "path")

    def __init__(
        self,
        container: Any,  # noqa: ANN401 (a dictionary or a list)
        key: str | int,
        path: Path | None,
        above: Slot | None,
    ) -> None:
        self.container = container
        self.key = key
        self.path = path
        self.above = above
        self.dead = False

    def lost(self) -> bool:
        """Return whether it is of no use any more what becomes of this place."""
        slot: Slot | None = self
        while slot is not None:
            if slot.dead:
                return True
            slot = slot.above
        return False


class _Place(Protocol):
    """What can tell graphql-core of an error at one of its places."""

    def failed(self, run: Run, error: Exception, path: Path) -> None: ...


@dataclass(slots=True, eq=False)
class Wait:
    """A value that is to come, and where it belongs."""

    awaitable: Awaitable[Any]
    place: _Place
    path: Path
    info: GraphQLResolveInfo[Any] | None
    above: Slot
    """The place that becomes null if this one may not be."""
    below: Slot
    """The place that becomes null if something inside this value may not be."""
    container: Any
    key: str | int
    complete: Callable[..., Any] | None
    """Makes of the value what stands in the answer; None: it is that already."""
    future: asyncio.Future[Any] | None = field(default=None, init=False)


class Run:
    """One execution: graphql-core's executor, and what is awaited for it."""

    __slots__ = ("_live", "_ready", "_texts", "_wake", "executor", "new")

    def __init__(self, executor: Executor[Any]) -> None:
        """Begin; the executor does what the compiled code does not know."""
        self.executor = executor
        self.new: list[Wait] = []
        self._live: set[Wait] = set()
        self._ready: deque[Wait] = deque()
        self._wake: asyncio.Future[None] | None = None
        self._texts: dict[object, Texts] = {}

    def texts(self, writer: object) -> Texts:
        """Return what one writer has written in this execution."""
        found = self._texts.get(writer)
        if found is None:
            found = self._texts[writer] = Texts()
        return found

    async def finish(self) -> None:
        """Await and complete what has been put down, and what comes of that, until all is there."""
        while self.new:
            waits = self._begun()
            if len(waits) == 1:
                await self._finish_one(waits[0])
            elif waits:
                await self._finish_all(waits)

    def _begun(self) -> list[Wait]:
        """Return the new waits that are of use; the others end behind the answer."""
        waits, self.new = self.new, []
        useful = [wait for wait in waits if not wait.above.lost()]
        if len(useful) < len(waits):
            lost = [wait.awaitable for wait in waits if wait.above.lost()]
            self.executor.settle_in_background(lost)
        return useful

    async def _finish_one(self, wait: Wait) -> None:
        try:
            value = await wait.awaitable
        except Exception as error:  # noqa: BLE001 (a resolver may raise anything)
            self._fail(wait, error)
        else:
            self._complete(wait, value)

    async def _finish_all(self, waits: Iterable[Wait]) -> None:
        try:
            self._start(waits)
            while self._live:
                if not self._ready:
                    self._wake = asyncio.get_running_loop().create_future()
                    await self._wake
                self._take(self._ready.popleft())
                if self.new:
                    self._start(self._begun())
        except BaseException:
            await self._cancel()
            raise

    def _start(self, waits: Iterable[Wait]) -> None:
        for wait in waits:
            wait.future = asyncio.ensure_future(wait.awaitable)
            self._live.add(wait)
            if wait.future.done():
                self._ready.append(wait)
            else:
                wait.future.add_done_callback(partial(self._done, wait))

    def _done(self, wait: Wait, _future: asyncio.Future[Any]) -> None:
        self._ready.append(wait)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _take(self, wait: Wait) -> None:
        """Put what has come where it belongs."""
        future = wait.future
        if future is None or wait not in self._live:
            return
        self._live.discard(wait)
        lost = wait.above.lost()
        if future.cancelled():
            if not lost:
                raise asyncio.CancelledError
            return
        error = future.exception()
        if lost:
            return
        if error is None:
            self._complete(wait, future.result())
        elif isinstance(error, Exception):
            self._fail(wait, error)
        else:
            raise error

    def _complete(self, wait: Wait, value: object) -> None:
        try:
            done = value
            if wait.complete is not None:
                done = wait.complete(self, value, wait.path, wait.info, wait.below)
            if done.__class__ not in _COMPLETED and self.executor.is_awaitable(done):
                self.new.append(_again(wait, done))
                done = None
        except Exception as error:  # noqa: BLE001 (a resolver may raise anything)
            if wait.below is not wait.above:
                wait.below.dead = True
            self._fail(wait, error)
        else:
            wait.container[wait.key] = done

    def _fail(self, wait: Wait, error: Exception) -> None:
        try:
            wait.place.failed(self, error, wait.path)
        except GraphQLError as located:
            self._propagate(wait.above, located)
        else:
            wait.container[wait.key] = None

    def _propagate(self, slot: Slot, error: GraphQLError) -> None:
        """Make the place null, and give up what is awaited below it."""
        slot.dead = True
        slot.container[slot.key] = None
        self.executor.collected_errors.add(error, slot.path)
        for wait in [wait for wait in self._live if wait.above.lost()]:
            if wait.future is None:
                continue
            if wait.future is not wait.awaitable:
                wait.future.cancel()
            else:
                # Others may wait for the same future: it is left alone, and not waited for.
                self._live.discard(wait)
                self.executor.settle_in_background([wait.future])

    async def _cancel(self) -> None:
        """End everything that is under way, and wait until it has ended."""
        for wait in self.new:
            if asyncio.iscoroutine(wait.awaitable):
                wait.awaitable.close()
        futures = [wait.future for wait in self._live if wait.future is not None]
        for future in futures:
            future.cancel()
        await asyncio.gather(*futures, return_exceptions=True)


_COMPLETED = frozenset({dict, list, str, int, float, bool, type(None)})
"""The types of completed values that nobody has to await."""


def _again(wait: Wait, awaitable: Any) -> Wait:  # noqa: ANN401 (found to be awaitable)
    """Return a wait for what the completion of a value has to wait for."""
    return Wait(
        awaitable,
        wait.place,
        wait.path,
        wait.info,
        wait.above,
        wait.below,
        wait.container,
        wait.key,
        None,
    )
