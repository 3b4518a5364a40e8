"""Finds the vendors: the folders beside this file, installed plug-ins, and what is handed in.

A folder is a vendor's if it has settings; its package must then export a `SPEC`. A plug-in is an
installed entry point of the group `switchboard.vendors` that names a `VendorSpec`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

import vendors
from vendors.port import VendorSpec
from vendors.settings import PlatformSettings

__all__ = ["ENTRY_POINTS", "InvalidSpecError", "specs"]

ENTRY_POINTS = "switchboard.vendors"

_KIND = "settings"
"""The module by which a vendor's folder differs from other packages here."""


class InvalidSpecError(Exception):
    """A vendor declares itself wrongly; the message names it and says how."""


def specs(extra: Iterable[VendorSpec[Any]] = ()) -> Mapping[str, VendorSpec[Any]]:
    """Return every vendor by its name, those of this package first; raise InvalidSpecError."""
    found: dict[str, VendorSpec[Any]] = {}
    for origin, spec in (*_folders(), *_plug_ins(), *(("a further spec", one) for one in extra)):
        checked = _checked(origin, spec)
        if checked.name in found:
            raise InvalidSpecError(f"{origin}: there is already a vendor {checked.name!r}")
        found[checked.name] = checked
    return MappingProxyType(found)


def _folders() -> Iterator[tuple[str, object]]:
    """Yield the SPEC of each vendor's folder, which must be named as its folder is."""
    for name in sorted(_names()):
        origin = f"{vendors.__name__}.{name}"
        spec = getattr(import_module(origin), "SPEC", None)
        if isinstance(spec, VendorSpec) and spec.name != name:
            raise InvalidSpecError(f"{origin}: its SPEC is named {spec.name!r}, its folder is not")
        yield origin, spec


def _names() -> Iterator[str]:
    for module in iter_modules(vendors.__path__):
        folder = Path(module.module_finder.path, module.name)  # type: ignore[union-attr]
        if module.ispkg and (folder / f"{_KIND}.py").exists():
            yield module.name


def _plug_ins() -> Iterator[tuple[str, object]]:
    for each in entry_points(group=ENTRY_POINTS):
        yield f"entry point {each.name} ({each.value})", each.load()


def _checked(origin: str, spec: object) -> VendorSpec[Any]:
    if not isinstance(spec, VendorSpec):
        raise InvalidSpecError(f"{origin}: it exports no VendorSpec as SPEC")
    if not spec.name.isidentifier() or not spec.title:
        raise InvalidSpecError(f"{origin}: it needs a name that is an identifier, and a title")
    settings: object = spec.settings
    if not (isinstance(settings, type) and issubclass(settings, PlatformSettings)):
        raise InvalidSpecError(f"{origin}: its settings do not derive from PlatformSettings")
    return spec
