"""The page of Gnatta tells of every path, setting and figure, and nothing else."""

from __future__ import annotations

import re
import tomllib

from tests.manuals import manual_of

from vendors.gnatta.indicators import ROWS
from vendors.gnatta.reports import FIGURES, SOURCES
from vendors.gnatta.settings import GnattaSettings
from vendors.gnatta.wire import PATHS
from vendors.measures import Dimension
from vendors.settings import PlatformSettings

D = Dimension
README = manual_of("gnatta")


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


def _spelt_out(name: str) -> list[str]:
    """Return the names that a pattern such as `a/{b,c}` stands for."""
    head, brace, rest = name.partition("{")
    if not brace:
        return [name]
    words, _, tail = rest.partition("}")
    return [f"{head}{word}{end}" for word in words.split(",") for end in _spelt_out(tail)]


def _figures() -> dict[str, tuple[str, str, str]]:
    """Return what the table says of each figure: by what, restricted by what, which indicators."""
    table = README.split("### Figures")[1].split("### Conversations")[0]
    lines = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    return {
        name: (by.strip(), only.strip(), indicators)
        for _, pattern, _, by, only, indicators, _ in lines
        for name in _spelt_out(pattern.strip(" `"))
    }


def test_every_figure_and_indicator_is_told() -> None:
    told = _figures()
    assert sorted(told) == sorted(FIGURES)
    named = " ".join(indicators for _, _, indicators in told.values())
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", named)) == set(ROWS)


def test_every_grouping_is_told() -> None:
    words = {D.AGENT: "user", D.CHANNEL: "channel", D.QUEUE: "queue", D.ACCOUNT: "account"}
    words[D.TAG] = "tag"
    for name, (by, only, _) in _figures().items():
        figure = FIGURES[name]
        source = SOURCES[figure.source]
        groups = {words[one] for one in figure.dimensions or ()}
        told = re.sub(r" \(always.*?\)", "", by).split(", ")
        assert set(told) - {""} == groups, name
        weighed = {FIGURES[term.figure].source for term in figure.weight}
        limits = [set(SOURCES[one].filters or ()) for one in (figure.source, *weighed)]
        others = {words[one] for one in set.intersection(*limits)} - groups
        assert set(only.split(", ")) - {""} == others, name
        assert ("always" in by) == (source.always_by is not None), name


def test_the_sample_is_a_platform() -> None:
    sample = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)[0]
    (table,) = tomllib.loads(sample)["platforms"]
    assert GnattaSettings.model_validate(table).directory.users
