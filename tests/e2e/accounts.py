"""The settings of a gateway that reaches simulators through proxies, as the file it reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from tests.e2e.running import Table

__all__ = ["credentials", "origin_of", "through", "written"]

_SECRET_NAMES = ("api_key", "access_token", "client_secret", "password", "username", "token")


def origin_of(table: Mapping[str, object]) -> str:
    """Return where the simulator of a platform listens."""
    parts = urlsplit(str(table["base_url"]))
    return f"{parts.scheme}://{parts.netloc}"


def through(table: Table, origin: str, key: str, **fields: object) -> Table:
    """Return the table of a further account that is reached at another origin."""
    text = msgspec.json.encode(table).decode().replace(origin_of(table), origin)
    moved: Table = msgspec.json.decode(text)
    return {**moved, "key": key, **fields}


def credentials(tables: Iterable[Table]) -> set[str]:
    """Return every secret of the tables."""
    return {str(table[name]) for table in tables for name in _SECRET_NAMES if name in table}


def written(tables: Iterable[Table], file: Path, **settings: object) -> Path:
    """Write a settings file with these platforms and return it."""
    whole = {"id_key": "k" * 43, "require_api_key": False, **settings}
    lines = [f"{name} = {_toml(value)}" for name, value in whole.items()]
    for table in tables:
        lines += ["", "[[platforms]]", *(f"{name} = {_toml(table[name])}" for name in table)]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def _toml(value: object) -> str:
    """Return a value as TOML; its texts and numbers are those of JSON."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(name)} = {_toml(one)}" for name, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
