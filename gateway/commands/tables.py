"""`switchboard tables`: which flat tables there are, and what stands in each."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import msgspec
import typer
from rich.console import Console
from rich.table import Table

from gateway.commands.options import Config, Json, Sandbox, begun, print_json, wants_json
from gateway.commands.sandbox import with_sandbox
from gateway.configuration.complaints import nearest
from gateway.configuration.settings import Settings
from gateway.rows.described import schema_of, tables_told
from gateway.services import open_platforms
from resolvers.rows.registry import tables
from resolvers.rows.table import RowTable
from vendors.port import Wiring
from vendors.registry import specs

__all__ = ["list_tables"]

_FAILED = 1
_SECONDS = 30.0
_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403


def list_tables(
    name: Annotated[
        str | None, typer.Argument(help="Only that table, with its columns.", show_default=False)
    ] = None,
    *,
    url: Annotated[
        str | None, typer.Option(help="The address of a gateway that runs.", show_default=False)
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(envvar="SWITCHBOARD_KEY", help="The key for it.", show_default=False),
    ] = None,
    config: Config = None,
    sandbox: Sandbox = None,
    as_json: Json = None,
) -> None:
    """Tell which flat tables there are: what a row is, the columns, and what can be asked."""
    told = _of_gateway(url, key, name) if url else _of_settings(begun(config, sandbox), name)
    if wants_json(as_json):
        print_json(told)
    elif name is None:
        _print_list(told)
    else:
        _print_table(told)


def _of_settings(settings: Settings, name: str | None) -> Any:  # noqa: ANN401 (as the door tells)
    """Return what the configured platforms have; none of them is asked."""
    with with_sandbox(settings, specs()) as whole:
        every = asyncio.run(_tables(whole))
    if name is None:
        return _decoded(tables_told(every.values()))["tables"]
    if name not in every:
        raise _unknown(name, [*every])
    entry = _decoded(tables_told([every[name]]))["tables"][0]
    return {**entry, **_decoded(schema_of(every[name]))}


async def _tables(settings: Settings) -> Mapping[str, RowTable]:
    async with open_platforms(settings, specs(), Wiring()) as platforms:
        return tables(platforms.values())


def _of_gateway(url: str, key: str | None, name: str | None) -> Any:  # noqa: ANN401 (as it tells)
    """Return what a gateway that runs has for that key."""
    every = _got(url, key, "v1/")["tables"]
    if name is None:
        return every
    found = next((one for one in every if one["name"] == name), None)
    if found is None:
        raise _unknown(name, [one["name"] for one in every])
    return {**found, **_got(url, key, f"v1/{quote(name)}/schema")}


def _got(url: str, key: str | None, path: str) -> Any:  # noqa: ANN401 (any JSON)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    try:
        answer = httpx.get(f"{url.rstrip('/')}/{path}", headers=headers, timeout=_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _failed(f"{url} cannot be reached: {error}") from None
    if answer.status_code in {_UNAUTHORIZED, _FORBIDDEN}:
        raise _failed(f"{url} wants another key: give it by --key or SWITCHBOARD_KEY.")
    if answer.status_code != _OK:
        raise _failed(f"{url} answers {answer.status_code}: is a gateway there?")
    try:
        return _decoded(answer.content)
    except msgspec.DecodeError:
        raise _failed(f"{url} does not answer as a gateway does.") from None


def _failed(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(_FAILED)


def _unknown(name: str, every: Sequence[str]) -> typer.BadParameter:
    return typer.BadParameter(
        f"There is no table {name!r}; {nearest(name, every)}", param_hint="NAME"
    )


def _decoded(body: bytes) -> Any:  # noqa: ANN401 (any JSON)
    return msgspec.json.decode(body)


def _print_list(told: Sequence[Mapping[str, Any]]) -> None:
    shown = Table("table", "period by", "what stands in it", box=None, pad_edge=False)
    for one in told:
        shown.add_row(one["name"], one["incremental"] or "–", one["description"])
    Console().print(shown)


def _print_table(told: Mapping[str, Any]) -> None:
    console = Console(highlight=False)
    console.print(f"{told['name']}: {told['description']}", markup=False)
    console.print(f"A row is told from every other by {', '.join(told['key'])}.", markup=False)
    period = told["incremental"]
    if period is not None:
        console.print(f"Its period, and `updated_since`, are about {period}.", markup=False)
    columns = Table("column", "type", "unit", "what it is", box=None, pad_edge=False)
    for one in told["columns"]:
        columns.add_row(one["name"], one["type"], one["unit"] or "", one["description"])
    console.print()
    console.print(columns)
    parameters = Table("parameter", "by default", "what it says", box=None, pad_edge=False)
    for one in told["parameters"]:
        parameters.add_row(one["name"], one["default"] or "", one["description"])
    console.print()
    console.print(parameters)
