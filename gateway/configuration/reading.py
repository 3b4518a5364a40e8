"""Puts the settings together: flags before the environment, `.env`, one TOML file, defaults.

Variables begin with `SWITCHBOARD_`, and `__` parts a name. `SWITCHBOARD_PLATFORM__<KEY>__<FIELD>`
sets one field of a platform; in `<KEY>` every sign but letters and digits is `_`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.configuration.complaints import ConfigurationError, explain, is_secret
from gateway.configuration.layers import (
    Layer,
    Setting,
    Variables,
    flatten,
    from_flags,
    laid_upon,
    nested,
    read_toml,
    with_secrets_from_files,
)
from gateway.configuration.platform_tables import ONE_PLATFORM, PlatformTables, Specs
from gateway.configuration.settings import Settings, dotenv, environment
from vendors.settings import PlatformSettings

__all__ = ["Loaded", "load"]

_PREFIX = "switchboard_"
_CONFIG = "config"
_NO_SETTINGS = {(_CONFIG,), ("key",)}
"""What variables of ours tell commands: the file to read, and the key for a gateway that runs."""
_PLATFORMS = ("platforms",)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and where each value that was set came from, by its path."""

    settings: Settings
    origins: Mapping[tuple[str, ...], str]


def load(
    specs: Specs, flags: Mapping[str, Any] | None = None, config: Path | None = None
) -> Loaded:
    """Return the settings that flags, environment, `.env` and the file make together.

    Raises:
        ConfigurationError: Something is unknown, missing or wrong; it lists all that is.
    """
    problems: list[str] = []
    known = [_ours(environment(), ""), _ours(dotenv(), ".env: ")]
    file = config or _named_file(known)
    whole = laid_upon(_layers(flags or {}, known, file, problems))
    tables = PlatformTables(specs, known, Path() if file is None else file.parent)
    platforms = tables.read(whole.pop(_PLATFORMS, Setting((), "")))
    settings = _checked(whole, platforms, [*problems, *tables.problems])
    origins = {path: setting.origin for path, setting in (whole | tables.layer).items()}
    return Loaded(settings, origins)


def _checked(
    layer: Layer, platforms: tuple[PlatformSettings, ...], problems: Sequence[str]
) -> Settings:
    """Return the settings, or raise ConfigurationError with these and further problems."""
    try:
        settings = Settings(**nested(layer), platforms=platforms)
    except ValidationError as error:
        raise ConfigurationError([*problems, *explain(error, Settings, layer)]) from None
    if problems:
        raise ConfigurationError(problems)
    return settings


def _ours(variables: Mapping[str, str], where: str) -> Variables:
    named = {
        name.lower().removeprefix(_PREFIX): text
        for name, text in variables.items()
        if name.lower().startswith(_PREFIX)
    }
    return Variables(named, where + _PREFIX.upper())


def _named_file(known: Sequence[Variables]) -> Path | None:
    """Return the file that the variables name, those of the process first."""
    names = [one.named[_CONFIG] for one in known if _CONFIG in one.named]
    return Path(names[0]) if names else None


def _layers(
    flags: Mapping[str, Any],
    known: Sequence[Variables],
    file: Path | None,
    problems: MutableSequence[str],
) -> Iterator[Layer]:
    """Yield the layers, the strongest first, with secrets read from the files they name."""
    secret = partial(is_secret, Settings)
    yield from_flags(flags)
    for one in known:
        layer = {
            path: setting
            for path, setting in one.layer("", secret).items()
            if path not in _NO_SETTINGS and path[0] != ONE_PLATFORM
        }
        yield with_secrets_from_files(layer, secret, Path(), problems)
    if file is not None:
        variables = {**dotenv(), **environment()}
        layer = flatten(read_toml(file, variables, problems), str(file))
        yield with_secrets_from_files(layer, secret, file.parent, problems)
