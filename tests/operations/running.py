"""Runs the examples of a vendor against its simulator, and tells what each of them caused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from graphql import OperationDefinitionNode, OperationType, parse
from tests.e2e.accounts import written
from tests.e2e.running import ROOT, running_gateway
from tests.operations.recording import Recorder, Seen
from tests.simulators import serving

from gateway.configuration.platform_tables import platform_settings
from gateway.configuration.settings import Settings
from gateway.graphql.asking import Question, answer_to, operators_schema
from gateway.services import open_services
from resolvers.context import Principal, RequestContext, Scope, Services
from vendors.calls import Call
from vendors.port import Simulator, VendorSpec, Wiring
from vendors.registry import specs
from vendors.world import World

__all__ = ["FOLDER", "Desk", "Document", "Shown", "recorded"]

FOLDER = ROOT / "examples" / "coverage"
_EVERYTHING = Principal("examples", frozenset(Scope))
_SECONDS = 120.0
_FURTHER: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "livechat": (
        {"key": "livechat-3-5", "version": "3.5"},
        {"key": "livechat-3-6", "version": "3.6"},
    )
}
"""Accounts beside the one of the sandbox, where a vendor has operations in other versions only."""
_PACES: Mapping[str, Mapping[str, Any]] = {
    "gnatta": {"export_pacing": {"calls_per_second": 50, "concurrency": 1}}
}
"""What a simulator bears and a vendor might not: else its many files would take a minute."""


@dataclass(frozen=True)
class Document:
    """One file of examples: operations with their variables, or addresses of files."""

    file: str

    @cached_property
    def text(self) -> str:
        return (FOLDER / self.file).read_text(encoding="utf-8")

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Return the path of each request of a file of requests, by its name."""
        if not self.file.endswith(".http"):
            return {}
        found = re.findall(r"^### (\w+)\n# .+\nGET \{\{host\}\}(\S+)$", self.text, re.MULTILINE)
        assert len(found) == self.text.count("###")
        return dict(found)

    @cached_property
    def operations(self) -> dict[str, OperationType]:
        """Return the kind of each operation by its name, in the file's order."""
        if self.addresses:
            return dict.fromkeys(self.addresses, OperationType.QUERY)
        return {
            one.name.value: one.operation
            for one in parse(self.text).definitions
            if isinstance(one, OperationDefinitionNode) and one.name is not None
        }

    @cached_property
    def variables(self) -> dict[str, dict[str, Any]]:
        """Return the variables by operation, as they lie beside the file."""
        file = (FOLDER / self.file).with_suffix(".json")
        found: dict[str, dict[str, Any]] = orjson.loads(file.read_bytes()) if file.exists() else {}
        return found

    @property
    def changes_something(self) -> bool:
        return OperationType.MUTATION in self.operations.values()


@dataclass(frozen=True)
class Shown:
    """What an example was answered, and what the simulator was asked meanwhile."""

    answer: Mapping[str, Any]
    seen: tuple[Seen, ...]


class Desk:
    """Somebody who asks one example after another, each of platforms of which nothing is kept."""

    def __init__(self, recorder: Recorder, tables: list[dict[str, Any]]) -> None:
        self._recorder = recorder
        self._tables = tables
        platforms = platform_settings(specs(), tables)
        self.settings = Settings().model_copy(update={"platforms": platforms, "sandbox": True})
        self._schema = operators_schema(self.settings)

    def show(self, document: Document) -> dict[str, Shown]:
        """Return what each operation of the file was answered, in its order."""
        if document.addresses:
            return self._downloaded(document)
        shown: dict[str, Shown] = {}
        for name in document.operations:
            given = document.variables.get(name, {})
            variables = {key: _filled(value, shown) for key, value in given.items()}
            shown[name] = self.ask(Question(document.text, variables, name))
        return shown

    def ask(self, question: Question) -> Shown:
        """Return what one operation was answered."""
        self._recorder.seen.clear()
        answer = asyncio.run(self._answer(question))
        return Shown(answer, tuple(self._recorder.seen))

    def ask_beside(self, listed: Question, made: Question, found: Question, at: str) -> Shown:
        """Return what is answered where a list is kept and another gateway has made an entry.

        `found` is asked with the id that stands there in the answer to `made`.
        """

        async def asked() -> Shown:
            async with self._services() as ours, self._services() as others:
                await self._answered(ours, listed)
                answer = await self._answered(others, made)
                variables = {"id": _part(answer["data"], at)}
                self._recorder.seen.clear()
                told = await self._answered(ours, replace(found, variables=variables))
                return Shown(told, tuple(self._recorder.seen))

        return asyncio.run(asked())

    def _downloaded(self, document: Document) -> dict[str, Shown]:
        """Return the lines below the head of each file, as a gateway hands it on."""
        shown: dict[str, Shown] = {}
        with TemporaryDirectory() as name:
            folder = Path(name)
            file = written(self._tables, folder / "settings.toml")
            with running_gateway(folder, "--config", str(file)) as gateway:
                for operation, path in document.addresses.items():
                    self._recorder.seen.clear()
                    answer = gateway.get(path)
                    told = {"data": {"lines": answer.text.splitlines()[1:]}}
                    shown[operation] = Shown(
                        told if answer.status == 200 else {"errors": answer.text, "data": {}},
                        tuple(self._recorder.seen),
                    )
        return shown

    def _services(self) -> AbstractAsyncContextManager[Services]:
        return open_services(self.settings, specs(), Wiring())

    async def _answer(self, question: Question) -> dict[str, Any]:
        async with self._services() as services:
            return await self._answered(services, question)

    async def _answered(self, services: Services, question: Question) -> dict[str, Any]:
        context = RequestContext(services, _EVERYTHING, Call.within(_SECONDS))
        return await answer_to(question, self._schema, context)


def _filled(value: object, shown: Mapping[str, Shown]) -> object:
    """Return a variable; `{answerOf, at}` stands for what an operation before was answered."""
    if isinstance(value, list):
        return [_filled(one, shown) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() != {"answerOf", "at"}:
        return {name: _filled(one, shown) for name, one in value.items()}
    return _part(shown[value["answerOf"]].answer["data"], value["at"])


def _part(answer: Any, at: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what stands at `a.nodes.0.id`."""
    return reduce(
        lambda part, step: part[int(step) if step.isdecimal() else step], at.split("."), answer
    )


@contextmanager
def recorded(vendor: str) -> Iterator[Desk]:
    """Serve the vendor's simulator on a socket, noting every request, for whoever asks of it."""
    noted: list[Recorder] = []

    def noting(world: World) -> Simulator:
        simulator = spec.simulator(world)
        noted.append(Recorder(simulator.app))
        return replace(simulator, app=noted[0])

    spec: VendorSpec[Any] = specs()[vendor]
    with ExitStack() as stack:
        table = stack.enter_context(serving(vendor, {vendor: replace(spec, simulator=noting)}))
        key = re.sub(r"[^a-z0-9]+", "-", spec.title.lower()).strip("-")
        named = {"key": key, "vendor": vendor, "title": spec.title}
        whole = {**named, **table, **_PACES.get(vendor, {})}
        further = [{**whole, **one} for one in _FURTHER.get(vendor, ())]
        yield Desk(noted[0], [whole, *further])
