"""The command line, `switchboard`: reads arguments, calls what does the work, and ends."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from gateway.app import create_app
from gateway.commands.cache import cache_commands
from gateway.commands.checking import check_platforms
from gateway.commands.demo import cost_of
from gateway.commands.export.command import export_table
from gateway.commands.options import (
    Config,
    Json,
    Named,
    Operations,
    Sandbox,
    Variables,
    begun,
    example,
    print_json,
    question_of,
    usable,
    wants_json,
)
from gateway.commands.plan import told
from gateway.commands.rehearsal import rehearse
from gateway.commands.sandbox import SEED, serve_sandbox, with_sandbox
from gateway.commands.serving import serve_gateway
from gateway.commands.tables import list_tables
from gateway.configuration.complaints import ConfigurationError
from gateway.configuration.listing import listed
from gateway.configuration.reading import load
from gateway.configuration.settings import Settings
from gateway.graphql.asking import ask_here
from gateway.graphql.tables import print_answer
from gateway.observability.telemetry import configure_logging
from gateway.security.keys import hash_of, new_api_key, new_id_key
from gateway.server import StartError
from resolvers.context import Scope
from schema import build_schema
from vendors.port import Wiring
from vendors.registry import InvalidSpecError, specs

__all__ = ["app", "main"]

_WRONG_SETTINGS = 2

app = typer.Typer(
    name="switchboard",
    help="One GraphQL schema over the platforms on which a company talks with its customers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_schema = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)
_config = typer.Typer(help="The settings.", no_args_is_help=True)
_keys = typer.Typer(help="The keys of callers.", no_args_is_help=True)
app.command("tables", epilog=example("tables conversations --sandbox"))(list_tables)
app.command(
    "export",
    epilog=example("export conversations --from -30d --to today -o conversations.csv --sandbox"),
)(export_table)
app.add_typer(_schema, name="schema")
app.add_typer(_config, name="config")
app.add_typer(_keys, name="keys")
app.add_typer(cache_commands, name="cache")


def main() -> None:
    """Run the command line; settings that are wrong are listed, and end it with status 2."""
    try:
        app(prog_name="switchboard")
    except ConfigurationError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        sys.exit(_WRONG_SETTINGS)
    except (StartError, InvalidSpecError) as error:
        typer.echo(f"switchboard: {error}", err=True)
        sys.exit(1)


@app.command(epilog=example("serve --config switchboard.toml --port 9000"))
def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 for a free one.")] = None,
    sandbox: Sandbox = None,
    demo: Annotated[bool, typer.Option("--demo", help="Ask a first query and show it.")] = False,
) -> None:
    """Serve GraphQL, tables, OData and pages over HTTP until a signal comes."""
    flags = {"host": host, "port": port, "sandbox": sandbox}

    def read() -> Settings:
        return usable(load(specs(), flags, config))

    settings = read()
    if demo and settings.keys_required:
        raise StartError("--demo asks without a key: it needs --sandbox or require_api_key = false")
    serve_gateway(settings, specs(), demo=demo, again=read)


@app.command(epilog=example("check --config switchboard.toml"))
def check(config: Config = None, sandbox: Sandbox = None, as_json: Json = None) -> None:
    """Ask each platform one harmless question: is it there, and does it take the credential?"""
    loaded = load(specs(), {"sandbox": sandbox}, config)
    configure_logging("warning", loaded.settings.log.format)
    with with_sandbox(loaded.settings, specs()) as settings:
        found = asyncio.run(check_platforms(settings, specs(), Wiring()))
    if wants_json(as_json):
        print_json(found)
    else:
        print_answer(Console(), {"data": {"platforms": msgspec.to_builtins(found)}})
    raise typer.Exit(int(any(one.problem for one in found)))


@app.command(epilog=example("query examples/first-look.graphql --sandbox"))
def query(
    file: Operations,
    *,
    variables: Variables = "{}",
    operation: Named = None,
    config: Config = None,
    sandbox: Sandbox = None,
    as_json: Json = None,
) -> None:
    """Ask one operation of the platforms, without a server; status 1 if there are errors."""
    loaded = begun(config, sandbox)
    question = question_of(file, variables, operation)
    with with_sandbox(loaded, specs()) as settings:
        answer = asyncio.run(ask_here(settings, specs(), Wiring(), question))
    if wants_json(as_json):
        print_json(answer)
    else:
        console = Console()
        print_answer(console, answer)
        console.print(f"\n{cost_of(answer)}", highlight=False)
    raise typer.Exit(int("errors" in answer))


@app.command(epilog=example("plan examples/volume-by-month.graphql --sandbox"))
def plan(
    file: Operations,
    *,
    variables: Variables = "{}",
    operation: Named = None,
    config: Config = None,
    sandbox: Sandbox = None,
    as_json: Json = None,
) -> None:
    """Tell which calls a query would make of the platforms, and why, without making any."""
    loaded = begun(config, sandbox)
    question = question_of(file, variables, operation)
    with with_sandbox(loaded, specs()) as settings:
        found = asyncio.run(rehearse(settings, specs(), question))
    if wants_json(as_json):
        print_json(found)
    else:
        print_answer(Console(), told(found))
    raise typer.Exit(int(bool(found.errors)))


@_schema.command("export", epilog=example("schema export > schema.graphql"))
def export() -> None:
    """Print the schema in GraphQL's schema language."""
    typer.echo(build_schema().as_str())


@_config.command("show", epilog=example("config show --config switchboard.toml"))
def show(config: Config = None) -> None:
    """Print every setting that is in force, secrets masked, and where it came from."""
    loaded = load(specs(), None, config)
    for line in listed(loaded):
        typer.echo(f"{line.name} = {line.value}  # {line.origin}")
    usable(loaded)


@_config.command("check", epilog=example("config check --config switchboard.toml"))
def check_config(config: Config = None) -> None:
    """Check the settings, and the files that they name, as a start does; ask nobody."""
    create_app(usable(load(specs(), None, config)), specs=specs())
    typer.echo("The settings, and the files that they name, are as they should be.")


@_keys.command("new", epilog=example("keys new --name dashboard --days 90"))
def new(
    name: Annotated[str, typer.Option(help="Who gets it, for the log.")] = "",
    scope: Annotated[list[Scope] | None, typer.Option(help="What it allows; read.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="What it sees; all.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="After how many it ends.")] = None,
    id_key: Annotated[bool, typer.Option("--id-key", help="Make the secret of ids.")] = False,
) -> None:
    """Make a key for a caller, or the secret that ids are sealed with; nothing is stored."""
    if id_key:
        typer.echo(f'id_key = "{new_id_key()}"')
        return
    if not name:
        raise typer.BadParameter("who gets it?", param_hint="--name")
    key = new_api_key()
    typer.echo(f"The key, shown this once: {key}\n\nFor the settings:\n\n[[api_keys]]")
    typer.echo(f"name = {_toml(name)}\nhash = {_toml(hash_of(key))}")
    typer.echo(f"scopes = {_toml([each.value for each in scope or [Scope.READ]])}")
    if platform:
        typer.echo(f"platforms = {_toml(platform)}")
    if days is not None:
        ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
        typer.echo(f"not_after = {ends.isoformat()}")


@app.command("sandbox", epilog=example("sandbox --port-base 9100"))
def sandbox_(
    port_base: Annotated[
        int | None, typer.Option(help="The first port; by default free ones are taken.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another number, another invented company.")] = SEED,
    late: Annotated[
        float, typer.Option(min=0, help="Minutes, at most, by which figures arrive late.")
    ] = 0,
) -> None:
    """Run the vendors' simulators alone; one line for each tells how to reach it.

    They end by a signal, and when the input closes: give a pipe where there is no terminal.
    """
    serve_sandbox(specs(), port_base=port_base, seed=seed, late=timedelta(minutes=late))


def _toml(value: object) -> str:
    """Return texts and lists of them as TOML has them, which is as JSON has them."""
    return msgspec.json.encode(value).decode()
