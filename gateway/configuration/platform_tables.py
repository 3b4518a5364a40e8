"""The `[[platforms]]` tables, each read by the settings of its vendor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.configuration.complaints import ConfigurationError, explain, is_secret, nearest
from gateway.configuration.layers import (
    Layer,
    Setting,
    Variables,
    flatten,
    laid_upon,
    nested,
    with_secrets_from_files,
)
from vendors.port import VendorSpec
from vendors.settings import PlatformSettings

__all__ = ["ONE_PLATFORM", "PlatformTables", "Specs", "platform_settings"]

ONE_PLATFORM = "platform"
"""The first part of the name of a variable that sets one field of one platform."""

Specs = Mapping[str, VendorSpec[Any]]


def platform_settings(specs: Specs, tables: Sequence[object]) -> tuple[PlatformSettings, ...]:
    """Return the settings of the platforms that the tables describe; raise ConfigurationError."""
    reader = PlatformTables(specs, (), Path())
    platforms = reader.read(Setting(tables, "the sandbox"))
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return platforms


class PlatformTables:
    """Reads tables and the variables that override single fields; notes what is wrong."""

    def __init__(self, specs: Specs, variables: Sequence[Variables], folder: Path) -> None:
        """Know the vendors, the variables (the strongest first), and where files are meant."""
        self.problems: list[str] = []
        self.layer: Layer = {}
        self._specs = specs
        self._variables = variables
        self._folder = folder

    def read(self, tables: Setting) -> tuple[PlatformSettings, ...]:
        """Return the settings of each platform that is described rightly."""
        if not isinstance(tables.value, Sequence) or isinstance(tables.value, str):
            self._complain(tables.origin, "platforms: is no list of tables")
            return ()
        read = [
            self._one(table, tables.origin, f"number {number}")
            for number, table in enumerate(tables.value, 1)
        ]
        self._complain_of_strays(tables.value)
        return tuple(platform for platform in read if platform is not None)

    def _one(self, table: object, origin: str, number: str) -> PlatformSettings | None:
        if not isinstance(table, Mapping):
            self._complain(origin, f"platforms: {number} is no table")
            return None
        place = ("platforms", str(table.get("key", number)))
        vendor = str(table.get("vendor", ""))
        if vendor not in self._specs:
            hint = nearest(vendor, self._specs)
            what = f"{'.'.join(place)}.vendor: there is no vendor {vendor!r}; {hint}"
            self._complain(origin, what)
            return None
        model: type[PlatformSettings] = self._specs[vendor].settings
        layer = laid_upon(self._layers(table, origin, partial(is_secret, model)))
        self.layer.update({(*place, *path): setting for path, setting in layer.items()})
        try:
            return model.model_validate(nested(layer))
        except ValidationError as error:
            self.problems.extend(explain(error, model, layer, place))
            return None

    def _layers(
        self, table: Mapping[str, Any], origin: str, secret: partial[bool]
    ) -> Iterator[Layer]:
        """Yield the variables that are meant for this platform, then the table."""
        for one in self._variables:
            layer = one.layer(f"{ONE_PLATFORM}__{_slug(table)}__", secret)
            yield with_secrets_from_files(layer, secret, Path(), self.problems)
        layer = flatten(table, origin)
        yield with_secrets_from_files(layer, secret, self._folder, self.problems)

    def _complain_of_strays(self, tables: Sequence[object]) -> None:
        """Note the variables that are meant for a platform which is not there."""
        slugs = {_slug(table) for table in tables if isinstance(table, Mapping)}
        for one in self._variables:
            for name in one.named:
                first, _, rest = name.partition("__")
                if first == ONE_PLATFORM and not any(rest.startswith(f"{s}__") for s in slugs):
                    hint = nearest(rest.partition("__")[0], slugs)
                    origin = f"{one.origin}{name.upper()}"
                    self._complain(origin, f"there is no such platform; {hint}")

    def _complain(self, origin: str, what: str) -> None:
        self.problems.append(f"{origin}: {what}")


def _slug(table: Mapping[str, Any]) -> str:
    """Return how the names of variables write the key of a platform."""
    return re.sub(r"[^a-z0-9]", "_", str(table.get("key", "")).lower())
