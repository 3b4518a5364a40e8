from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import BaseModel

import vendors
from vendors import registry
from vendors.port import Platform, Simulator, VendorSpec, Wiring
from vendors.settings import PlatformSettings
from vendors.world import World

FOLDERS = {
    path.parent.name
    for path in Path(vendors.__file__).parent.glob("*/settings.py")
    if (path.parent / "__init__.py").exists()
}

SOURCE = """
from vendors.port import VendorSpec
from vendors.settings import PlatformSettings

SPEC = VendorSpec("{name}", "A tree", PlatformSettings, None, None)
"""


def build(_settings: PlatformSettings, _wiring: Wiring) -> Platform:
    raise AssertionError("nothing builds it")


def simulator(_world: World) -> Simulator:
    raise AssertionError("nothing builds it")


def spec(
    name: str = "birch", title: str = "Birch", settings: object = PlatformSettings
) -> VendorSpec[PlatformSettings]:
    return VendorSpec(name, title, cast("type[PlatformSettings]", settings), build, simulator)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second place in which vendors' folders are looked for."""
    monkeypatch.setattr(vendors, "__path__", [*vendors.__path__, str(tmp_path)])
    return tmp_path


def write(folder: Path, name: str, source: str) -> None:
    (folder / name).mkdir()
    (folder / name / "settings.py").write_text("")
    (folder / name / "__init__.py").write_text(source)


def test_every_folder_is_found_and_named_as_its_spec() -> None:
    found = registry.specs()
    assert set(found) == FOLDERS
    assert all(name == one.name for name, one in found.items())


def test_shared_packages_are_no_vendors() -> None:
    assert "world" not in registry.specs()


def test_further_specs_are_taken() -> None:
    assert registry.specs([spec()])["birch"].title == "Birch"


def test_the_answer_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        registry.specs()["birch"] = spec()  # type: ignore[index]  # refused


def test_two_vendors_of_one_name_are_refused() -> None:
    with pytest.raises(registry.InvalidSpecError, match="already a vendor 'birch'"):
        registry.specs([spec(), spec()])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("birch", "no VendorSpec"),
        (None, "no VendorSpec"),
        (spec(name="bir-ch"), "identifier"),
        (spec(name=""), "identifier"),
        (spec(title=""), "a title"),
        (spec(settings=BaseModel), "derive from PlatformSettings"),
        (
            spec(settings=PlatformSettings(key="k", vendor="v", base_url="")),
            "derive from PlatformSettings",
        ),
    ],
)
def test_wrong_specs_are_refused(wrong: VendorSpec[Any], why: str) -> None:
    with pytest.raises(registry.InvalidSpecError, match=why):
        registry.specs([wrong])


def test_a_folder_without_a_spec_is_refused(folder: Path) -> None:
    write(folder, "willow", "")
    with pytest.raises(registry.InvalidSpecError, match=r"vendors\.willow: it exports no"):
        registry.specs()


def test_a_folder_that_names_itself_otherwise_is_refused(folder: Path) -> None:
    write(folder, "alder", SOURCE.format(name="elm"))
    with pytest.raises(registry.InvalidSpecError, match="'elm', its folder is not"):
        registry.specs()


def test_installed_plug_ins_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rowan.py").write_text(SOURCE.format(name="rowan"))
    info = tmp_path / "rowan-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rowan\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[switchboard.vendors]\nrowan = rowan:SPEC\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.specs()["rowan"].title == "A tree"
