"""The commands that look into what is kept, drop it, and fill it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from gateway.background import BackgroundTasks
from gateway.cache.opening import open_store
from gateway.cache.store import ALL, SharedStore, StoreContents
from gateway.commands.demo import cost_of
from gateway.commands.options import (
    Config,
    Json,
    Sandbox,
    begun,
    example,
    print_json,
    question_of,
    usable,
    wants_json,
)
from gateway.commands.sandbox import with_sandbox
from gateway.configuration.complaints import nearest
from gateway.configuration.reading import load
from gateway.configuration.settings import Settings
from gateway.graphql.asking import Question, ask_services, operators_schema
from gateway.graphql.tables import print_answer
from gateway.services import open_services
from resolvers.keys import TIERS, scope_of
from vendors.calls import Call
from vendors.port import Wiring
from vendors.registry import specs

__all__ = ["cache_commands"]

T = TypeVar("T")

_FAILED = 1
_ONLY_IN_MEMORY = 3
_SECONDS = 120.0
"""A store may hold millions of entries, which are looked at a few at a time."""
_REQUEST_SECONDS = 10.0
"""How long one request to the store may take: a server does without it sooner, a command waits."""

cache_commands = typer.Typer(
    help="What is kept outside the server process. Where nothing is, the status is 3.",
    no_args_is_help=True,
)


@cache_commands.command(epilog=example("cache stats --config switchboard.toml"))
def stats(config: Config = None, as_json: Json = None) -> None:
    """Tell how much is kept of each kind, and how often it was found."""
    settings = _kept_outside(usable(load(specs(), None, config)))
    found = asyncio.run(_with_store(settings, lambda store: store.contents()))
    told = _told(settings, found)
    if wants_json(as_json):
        print_json(told)
    else:
        print_answer(Console(), {"data": told})


@cache_commands.command(epilog=example("cache purge --config switchboard.toml"))
def purge(
    platform: Annotated[
        str | None, typer.Option(help="Only of the platform with this key.", show_default=False)
    ] = None,
    tier: Annotated[
        str | None, typer.Option(help=f"Only of one kind: {', '.join(TIERS)}.", show_default=False)
    ] = None,
    config: Config = None,
) -> None:
    """Drop what is kept; servers that run notice within a second or two."""
    settings = _kept_outside(usable(load(specs(), None, config)))
    _check_known("--tier", tier, TIERS)
    if not settings.sandboxed:
        _check_known("--platform", platform, [one.key for one in settings.platforms])
    scope = ALL if platform is None else scope_of(platform)
    dropped = asyncio.run(_with_store(settings, lambda store: store.purge(tier or ALL, scope)))
    typer.echo(f"{dropped} entries dropped")


@cache_commands.command(
    epilog=example("cache warm examples/by-channel.graphql --config switchboard.toml")
)
def warm(
    files: Annotated[
        list[typer.FileText], typer.Argument(encoding="utf-8", help="The operations to ask.")
    ],
    variables: Annotated[str, typer.Option(help="The variables of all, as JSON.")] = "{}",
    config: Config = None,
    sandbox: Sandbox = None,
    as_json: Json = None,
) -> None:
    """Ask each operation once, so that its values are kept; status 1 if there are errors."""
    kept_outside = _kept_outside(begun(config, sandbox))
    questions = {file.name: question_of(file, variables) for file in files}
    # An answer goes on without the store: that nothing is kept would not be told.
    asyncio.run(_with_store(kept_outside, lambda store: store.exchange({})))
    with with_sandbox(kept_outside, specs()) as settings:
        answers = asyncio.run(_ask_each(settings, questions))
    if wants_json(as_json):
        print_json({name: _cost(answer) for name, answer in answers.items()})
    else:
        for name, answer in answers.items():
            typer.echo(f"{name}: {cost_of(answer)}")
    for name, answer in answers.items():
        for error in answer.get("errors", ()):
            typer.echo(f"{name}: {error['message']}", err=True)
    raise typer.Exit(int(any("errors" in answer for answer in answers.values())))


def _kept_outside(settings: Settings) -> Settings:
    """Return the settings; end with status 3 where nothing is kept outside the server."""
    if settings.cache.backend == "memory":
        typer.echo(
            "The cache is in the memory of the server process only, and ends with it; "
            'cache.backend = "disk" or "redis" keeps values outside.',
            err=True,
        )
        raise typer.Exit(_ONLY_IN_MEMORY)
    return settings


def _check_known(option: str, name: str | None, known: Sequence[str]) -> None:
    if name is not None and name not in known:
        raise typer.BadParameter(f"there is no {name!r}; {nearest(name, known)}", param_hint=option)


async def _with_store(settings: Settings, work: Callable[[SharedStore], Awaitable[T]]) -> T:
    """Return what the work returns; end with status 1 where the store cannot be used."""
    async with open_store(settings, seconds=_REQUEST_SECONDS) as store:
        try:
            async with asyncio.timeout(_SECONDS):
                return await work(store)
        except Exception as error:  # noqa: BLE001 (whatever the store raises)
            problem = f"{type(error).__name__}: {error}".partition("\n")[0]
            typer.echo(f"the cache's store cannot be used: {problem}", err=True)
            raise typer.Exit(_FAILED) from None


def _told(settings: Settings, found: StoreContents) -> dict[str, Any]:
    tiers = sorted({tier.tier for tier in found.tiers} | {_tier(name) for name in found.counts})
    held = {tier.tier: tier for tier in found.tiers}
    return {
        "store": {
            "backend": settings.cache.backend,
            "entries": sum(tier.entries for tier in found.tiers),
            "bytes": sum(tier.size for tier in found.tiers),
        },
        "tiers": [
            {
                "tier": tier,
                "entries": held[tier].entries if tier in held else 0,
                "bytes": held[tier].size if tier in held else 0,
                "foundInMemory": found.counts.get(f"{tier}.near", 0),
                "foundInStore": found.counts.get(f"{tier}.far", 0),
                "missed": found.counts.get(f"{tier}.missed", 0),
            }
            for tier in tiers
        ],
    }


def _tier(count: str) -> str:
    return count.partition(".")[0]


async def _ask_each(
    settings: Settings, questions: Mapping[str, Question]
) -> dict[str, dict[str, Any]]:
    """Return the answer to each question, one after the other."""
    schema = operators_schema(settings)
    answers = {}
    async with open_services(settings, specs(), Wiring()) as services:
        background = BackgroundTasks()
        waited_for = replace(services, background=background)
        for name, question in questions.items():
            call = Call.within(settings.longest_deadline_seconds, request_id="command line")
            answers[name] = await ask_services(schema, waited_for, call, question)
            await background.done()
    return answers


def _cost(answer: Mapping[str, Any]) -> dict[str, Any]:
    trace = answer["extensions"]["switchboard"]
    return {
        "platforms": trace["platforms"],
        "milliseconds": trace["milliseconds"],
        "errors": len(answer.get("errors", ())),
    }
