"""README.md tells of every path, setting and figure, and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import vendors.gnatta
from vendors.gnatta.indicators import FIGURES, ROWS
from vendors.gnatta.settings import GnattaSettings
from vendors.gnatta.wire import PATHS
from vendors.settings import PlatformSettings

README = (Path(vendors.gnatta.__file__).parent / "README.md").read_text()


def test_every_path_is_told_with_its_provenance() -> None:
    rows = re.findall(r"^\| \d+ \| `([\w.]+)` \| `(/[\w/-]+)` \| (\w+) \|$", README, re.MULTILINE)
    assert rows == [
        (entry, PATHS[entry].suffix, "document" if PATHS[entry].documented else "pattern")
        for entry, _, _ in rows
    ]
    assert sorted(entry for entry, _, _ in rows) == sorted(PATHS)


def test_every_setting_is_told() -> None:
    own = (GnattaSettings.model_fields.keys() - PlatformSettings.model_fields.keys()) | {"base_url"}
    cells = re.findall(r"^\| (`[\w`, ]+`) \| ", README.split("## What is covered")[0], re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"\w+", cell)} == own


def test_every_figure_and_indicator_is_told() -> None:
    table = README.split("### Figures")[1].split("### Conversations")[0]
    assert set(re.findall(r"^\| `([\w/]+)` ", table, re.MULTILINE)) == set(FIGURES)
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", table)) == set(ROWS)


def test_the_sample_is_a_platform() -> None:
    sample = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0]
    (table,) = tomllib.loads(sample)["platforms"]
    assert GnattaSettings.model_validate(table).directory.users
